"""`python -m benchmarks.ipsec`: ESP beside bare AES and HMAC, IKE beside its exponentiations, a hub of spokes."""

from __future__ import annotations

import argparse
import hmac
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from rich.console import Console
from rich.table import Table

from iosemu.box.device import Device
from iosemu.box.model import load_image, load_model
from iosemu.ike.algorithms import KeyExchange
from iosemu.ike.configuration import BaseConfiguration
from iosemu.ike.engine import Engine
from iosemu.ike.types import (
    Authentication,
    ChildRequest,
    Encryption,
    Endpoint,
    Hash,
    Party,
    Phase1Policy,
    TrafficSelector,
)
from iosemu.ip.config import IpSettings
from iosemu.ip.path import Transit
from iosemu.ip.stack import IpStack
from iosemu.ipsec import esp
from iosemu.ipsec.sadb import SecurityAssociation
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar
from iosemu.net.link import Link, Port
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.shell.loader import load
from iosemu.subjects.acl.config import AclsConfig, Action, AddressMatch, Entry
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, TransformSet
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, PolicyEncryption
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

DEVICES = Path(__file__).resolve().parents[1] / "devices"
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
OUTSIDE, INSIDE = "GigabitEthernet0/0", "GigabitEthernet0/1"


def best(action: Callable[[], object], count: int, rounds: int = 5) -> float:
    """Seconds for one call, the best of some rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(count):
            action()
        times.append((time.perf_counter() - begun) / count)
    return min(times)


def router(name: str, scheduler: Scheduler) -> Device:
    """A 2911 with 15.1."""
    model, image = load_model(DEVICES / "models/c2911.yaml"), load_image(DEVICES / "images/15.1.yaml")
    made = create_device(name, model, image, scheduler, random.Random(name), ORIGIN)
    made.boot()
    return made


def address(device: Device, interface: str, text: str) -> None:
    """Give an interface its address and open it."""
    config = device.config.interfaces[interface]
    config.of(IpSettings).address, config.shutdown = IPv4Interface(text), False
    device.interface_configured(interface)


def vpn(device: Device, peer: IPv4Address, mine: IPv4Network, other: IPv4Network, number: int = 1) -> None:
    """A tunnel to a peer as one more entry of the crypto map."""
    config = device.config
    policy = config.of(IsakmpConfig).policy(10)
    policy.encryption, policy.authentication, policy.group = (
        PolicyEncryption.AES_256,
        Authentication.PRE_SHARE,
        2,
    )
    config.of(IsakmpConfig).add_key(PresharedKey("secret", IPv4Network(peer)))
    config.of(IpsecConfig).transform_sets["TS"] = TransformSet("TS", ("esp-aes", "esp-sha-hmac"))
    near, far = (AddressMatch.of(each.network_address, each.hostmask) for each in (mine, other))
    config.of(AclsConfig).make(f"VPN{number}", extended=True).add(Entry(Action.PERMIT, near, far))
    entry = config.of(CryptoMapsConfig).make("CMAP").entry(number)
    entry.peers, entry.transform_sets, entry.access_list = [peer], ["TS"], f"VPN{number}"
    config.of(RoutesConfig).add(StaticRoute(other, peer))


def apply(device: Device) -> None:
    """Put the map on the outside interface."""
    device.configured("routing")
    device.config.interfaces[OUTSIDE].of(CryptoMapBinding).name = "CMAP"
    device.interface_configured(OUTSIDE)


def ask(device: Device, source: IPv4Address, destination: IPv4Address) -> None:
    """Send a packet of the protected network, as a host behind the router would."""
    device.service(IpStack).send(IPv4Packet(source, destination, Protocol.UDP, bytes(40), 64))


class Pair:
    """Two routers back to back."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.one, self.two = router("ONE", self.scheduler), router("TWO", self.scheduler)
        Link(self.scheduler, self.one.ports[OUTSIDE], self.two.ports[OUTSIDE])
        nets = IPv4Network("10.1.0.0/24"), IPv4Network("10.2.0.0/24")
        for device, own, peer, mine, other in (
            (self.one, "192.0.2.1", "192.0.2.2", *nets),
            (self.two, "192.0.2.2", "192.0.2.1", *nets[::-1]),
        ):
            address(device, OUTSIDE, f"{own}/24")
            address(device, INSIDE, f"{next(mine.hosts())}/24")
            vpn(device, IPv4Address(peer), mine, other)
            apply(device)
        self.run(5)

    def run(self, seconds: float) -> None:
        """Let lab time pass."""
        self.scheduler.run_until(self.scheduler.now + seconds)

    def negotiate(self) -> float:
        """CPU seconds for a full phase 1 and 2."""
        ask(self.one, IPv4Address("10.1.0.1"), IPv4Address("10.2.0.9"))
        self.run(3)
        for device in (self.one, self.two):
            device.service(CryptoEngine).clear_isakmp()
            device.service(CryptoEngine).clear()
        return self._agree()

    def _agree(self) -> float:
        """CPU seconds until a packet has made the SAs that were cleared."""
        self.run(1)
        begun = time.process_time()
        ask(self.one, IPv4Address("10.1.0.1"), IPv4Address("10.2.0.9"))
        self.run(1)
        took = time.process_time() - begun
        assert len(self.one.service(CryptoEngine).sadb) == len(self.two.service(CryptoEngine).sadb) == 1
        return took


def measure_esp(pair: Pair, size: int = 64) -> tuple[float, float, float]:
    """Seconds for a packet: bare AES-CBC and HMAC-SHA1, ESP out, ESP in (each with its counters and window)."""
    key, iv, payload = os.urandom(16), os.urandom(16), os.urandom(size - size % 16)
    secret = os.urandom(20)
    cipher = algorithms.AES(key)

    def bare() -> None:
        encryptor = Cipher(cipher, modes.CBC(iv)).encryptor()
        data = encryptor.update(payload) + encryptor.finalize()
        hmac.digest(secret, data, "sha1")

    (outbound,) = next(iter(pair.one.service(CryptoEngine).sadb)).outbound
    (inbound,) = next(iter(pair.two.service(CryptoEngine).sadb)).inbound
    packets: list[bytes] = []
    out = best(lambda: packets.append(esp.encapsulate(outbound, payload, 4, iv)), 2000)
    waiting = iter(packets)
    receive = best(lambda: _open(inbound, next(waiting)), 2000)
    return best(bare, 2000), out, receive


def _open(sa: SecurityAssociation, packet: bytes) -> None:
    esp.decapsulate(sa, packet)


def measure_path(pair: Pair) -> tuple[float, float]:
    """Seconds for a packet through a router's crypto: map, SA, ESP and IP header; and back, with all checks."""
    packet = IPv4Packet(IPv4Address("10.1.0.9"), IPv4Address("10.2.0.9"), Protocol.UDP, bytes(44), 64)
    made: list[IPv4Packet] = []

    def send() -> None:
        transit = Transit(packet, None, pair.one.service(IpStack).default, pair.one.interfaces[OUTSIDE])
        assert pair.one.service(CryptoEngine).traffic.outbound(transit)
        assert transit.protect is not None
        made.extend(transit.protect())

    out = best(send, 2000)
    waiting = iter(made)
    return out, best(lambda: pair.two.service(CryptoEngine).traffic.receive_esp(next(waiting), OUTSIDE), 2000)


def exponentiations(group: int = 2) -> float:
    """Seconds for the four that a first exchange needs on both ends together."""
    chance = random.Random(1)
    other = KeyExchange.generate(group, chance.randbytes)

    def both() -> None:
        for _ in range(2):
            KeyExchange.generate(group, chance.randbytes).shared(other.public)

    times = []
    for _ in range(5):
        # the exchanges are measured in CPU time, too: others may be at work on this machine
        begun = time.process_time()
        for _ in range(3):
            both()
        times.append((time.process_time() - begun) / 3)
    return min(times)


IKEV2 = """
crypto ikev2 proposal X
 encryption aes-cbc-256
 integrity sha256
 group {group}
crypto ikev2 policy X
 proposal X
crypto ikev2 keyring K
 peer P
  address 192.0.2.0 255.255.255.0
  pre-shared-key secret
crypto ikev2 profile P
 match identity remote address 192.0.2.0 255.255.255.0
 authentication remote pre-share
 authentication local pre-share
 keyring local K
crypto map CMAP 1 ipsec-isakmp
 set ikev2-profile P
"""


class Ikev2Pair(Pair):
    """The same two routers with IKEv2."""

    def __init__(self, group: int) -> None:
        super().__init__()
        for device in (self.one, self.two):
            assert load(device, grammar(), IKEV2.format(group=group)) == []

    def negotiate(self) -> float:
        """CPU seconds for IKE_SA_INIT and IKE_AUTH."""
        for device in (self.one, self.two):
            device.service(CryptoEngine).clear_ikev2()
            device.service(CryptoEngine).clear()
        return self._agree()


class Segment:
    """A learning switch of as many ports as needed."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.ports: list[Port] = []
        self.known: dict[bytes, Port] = {}

    def join(self, port: Port) -> None:
        """Plug a port in."""
        own = Port(f"port {len(self.ports)}")
        own.receiver = lambda frame: self._pass(own, frame)
        own.enabled = True
        self.ports.append(own)
        Link(self.scheduler, own, port)

    def _pass(self, source: Port, frame: bytes) -> None:
        self.known[frame[6:12]] = source
        to = self.known.get(frame[:6])
        for port in (to,) if to is not None else self.ports:
            if port is not source:
                port.send(frame)


def spread(number: int) -> IPv4Network:
    """The network behind a spoke."""
    return IPv4Network((int(IPv4Address("10.1.0.0")) + 256 * number, 24))


def resident() -> float:
    """Megabytes this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def hub(spokes: int) -> tuple[float, float, int]:
    """CPU seconds until all spokes have a tunnel to one hub, MB that hub and spokes take, tunnels up."""
    before = resident()
    scheduler = Scheduler()
    segment = Segment(scheduler)
    mine, centre_address = IPv4Network("10.0.0.0/24"), IPv4Address("10.255.0.1")
    centre = router("HUB", scheduler)
    segment.join(centre.ports[OUTSIDE])
    address(centre, OUTSIDE, f"{centre_address}/16")
    devices = []
    for number in range(1, spokes + 1):
        own = centre_address + number
        spoke = router(f"SPOKE{number}", scheduler)
        segment.join(spoke.ports[OUTSIDE])
        address(spoke, OUTSIDE, f"{own}/16")
        vpn(spoke, centre_address, spread(number), mine)
        vpn(centre, own, mine, spread(number), number)
        apply(spoke)
        devices.append(spoke)
    apply(centre)
    scheduler.run_until(scheduler.now + 10)
    begun = time.process_time()
    for number, spoke in enumerate(devices, 1):
        ask(spoke, spread(number)[1], mine[9])
    scheduler.run_until(scheduler.now + 30)
    took = time.process_time() - begun
    tunnels = sum(1 for spoke in devices if len(spoke.service(CryptoEngine).sadb) == 1)
    assert len(centre.service(CryptoEngine).sadb) == tunnels
    return took, resident() - before, tunnels


class Nobody(BaseConfiguration):
    """A responder that would talk to anyone."""

    def policies(self) -> list[Phase1Policy]:
        """One suite."""
        return [Phase1Policy(10, Encryption.AES, 256, Hash.SHA, Authentication.PRE_SHARE, 2, 86400)]

    def preshared_key(self, party: Party) -> bytes:
        """The same for all."""
        return b"secret"


def half_open(count: int) -> tuple[float, float, float]:
    """With `count` half-open SAs: seconds for one more first message, for a timer, and KB an SA takes."""
    own = IPv4Address("192.0.2.2")
    begin = Engine(Nobody(), random.Random(1).randbytes)
    begin.initiate(ChildRequest(IPv4Address("192.0.2.1"), own, TrafficSelector(IPv4Network("10.0.0.0/8")),
                                TrafficSelector(IPv4Network("11.0.0.0/8")), ()), 0.0)  # fmt: skip
    first = begin.datagrams()[0]
    hub = Engine(Nobody(), random.Random(2).randbytes)

    def spoof(number: int) -> None:
        source = Endpoint(IPv4Address(0x0C000000 + number))
        hub.receive(number.to_bytes(8, "big") + first.data[8:], first.destination, source, number * 1e-6)
        hub.datagrams()
        hub.events()
        hub.next_timer()

    before = resident()
    for number in range(1, count + 1):
        spoof(number)
    kilobytes = (resident() - before) * 1e3 / count
    begun = time.process_time()
    for number in range(count + 1, count + 201):
        spoof(number)
    arrival = (time.process_time() - begun) / 200
    fired = 0
    begun = time.process_time()
    while fired < 200:
        due = hub.next_timer()
        assert due is not None
        hub.tick(due)
        fired += 1
    repeat = (time.process_time() - begun) / fired
    hub.datagrams()
    hub.events()
    return arrival, repeat, kilobytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spokes", type=int, default=200)
    spokes = parser.parse_args().spokes
    table = Table(title="IPsec and IKE beside their arithmetic")
    for heading in ("what", "floor", "iosemu", "ratio", "budget"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    pair = Pair()
    handshake = min(pair.negotiate() for _ in range(5))
    bare, out, receive = measure_esp(pair)
    for label, took in (("ESP out, 64 bytes", out), ("ESP in, 64 bytes", receive)):
        table.add_row(label, f"{bare * 1e6:.1f} us", f"{took * 1e6:.1f} us", f"{took / bare:.2f}", "5")
    for label, took in zip(("out", "in"), measure_path(pair), strict=True):
        row = f"{bare * 1e6:.1f} us", f"{took * 1e6:.1f} us", f"{took / bare:.2f}", "5"
        table.add_row(f"the same through a router's crypto map, {label}", *row)
    powers = exponentiations()
    table.add_row("phase 1 and 2, group 2, both ends", f"{powers * 1e3:.1f} ms", f"{handshake * 1e3:.1f} ms",
                  f"{handshake / powers:.2f}", "2")  # fmt: skip
    # group 19 costs next to nothing: there the messages themselves are what is measured, and no multiple means anything
    for group, budget in ((2, "2"), (14, "2"), (19, "")):
        floor, newer = exponentiations(group), Ikev2Pair(group)
        took = min(newer.negotiate() for _ in range(5))
        table.add_row(f"IKEv2 exchange, group {group}, both ends", f"{floor * 1e3:.1f} ms", f"{took * 1e3:.1f} ms",
                      f"{took / floor:.2f}", budget)  # fmt: skip
    took, megabytes, tunnels = hub(spokes)
    table.add_row(f"{tunnels} of {spokes} spokes up, CPU", f"{powers * spokes:.1f} s", f"{took:.1f} s",
                  f"{took / (powers * spokes):.2f}", "")  # fmt: skip
    table.add_row("their memory", "", f"{megabytes:.0f} MB", "", "")
    rows = [half_open(count) for count in (1000, 2000, 4000)]
    for index, label in enumerate(("a first message", "a repetition")):
        small, _, large = (row[index] for row in rows)
        table.add_row(f"{label} among 1000, 4000 half-open SAs", f"{small * 1e6:.0f} us",
                      f"{large * 1e6:.0f} us", f"{large / small:.2f}", "1.5")  # fmt: skip
    table.add_row("memory of a half-open SA", "", f"{rows[2][2]:.1f} KB", "", "")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
