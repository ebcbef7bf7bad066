"""Growth of a VPN hub: virtual tunnel interfaces that come up, and what a packet costs among many tunnels."""

from __future__ import annotations

import cProfile
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from benchmarks.growth import Figures, Row
from benchmarks.ipsec import OUTSIDE, Segment, address, apply, ask, router, spread, vpn
from iosemu.box.device import Device
from iosemu.ip.path import Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.lab.resources import grammar
from iosemu.net.link import Port
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.shell.loader import load
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.tunnel.service import Tunnels

HUB = IPv4Address("10.255.0.1")
MINE = IPv4Network("10.0.0.0/24")
PACKETS = 500

IKE1 = """\
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
crypto isakmp key secret address 0.0.0.0
crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto ipsec profile VTI
 set transform-set TS
"""
IKE2 = """\
crypto ikev2 proposal P
 encryption aes-cbc-128
 integrity sha1
 group 19
crypto ikev2 policy POL
 proposal P
crypto ikev2 keyring KR
 peer ALL
  address 0.0.0.0 0.0.0.0
  pre-shared-key secret
crypto ikev2 profile PROF
 match identity remote address 0.0.0.0
 authentication remote pre-share
 authentication local pre-share
 keyring local KR
crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto ipsec profile VTI
 set transform-set TS
 set ikev2-profile PROF
"""


class Provider(Segment):
    """What is for all stations goes to none: with many of them that would be what is measured."""

    def _pass(self, source: Port, frame: bytes) -> None:
        self.known[frame[6:12]] = source
        to = self.known.get(frame[:6])
        if to is not None:
            to.send(frame)


def _neighbor(address: IPv4Address, station: Device) -> str:
    """The line that says where an address is."""
    return f"arp {address} {station.interfaces[OUTSIDE].mac} arpa\n"


def _tunnel(number: int, far: IPv4Address, mode: str = "ipsec ipv4") -> str:
    """One tunnel interface."""
    protection = " tunnel protection ipsec profile VTI\n" if mode.startswith("ipsec") else ""
    return (
        f"interface Tunnel{number}\n ip address 10.{128 + number // 250}.{number % 250}.1 255.255.255.252\n"
        f" tunnel source {OUTSIDE}\n tunnel mode {mode}\n tunnel destination {far}\n{protection}"
    )


def _type(device: Device, text: str) -> None:
    assert load(device, grammar(), text) == []


def _virtual_tunnels(count: int, ike: str) -> Figures:
    """A hub of `count` virtual tunnel interfaces, a router at the end of each: until all are up, and an hour."""
    scheduler = Scheduler()
    segment = Provider(scheduler)
    hub = router("HUB", scheduler)
    segment.join(hub.ports[OUTSIDE])
    address(hub, OUTSIDE, f"{HUB}/16")
    text = "no logging console\nno cdp run\n" + ike
    spokes = []
    for number in range(1, count + 1):
        spoke = router(f"SPOKE{number}", scheduler)
        segment.join(spoke.ports[OUTSIDE])
        address(spoke, OUTSIDE, f"{HUB + number}/16")
        text += _tunnel(number, HUB + number) + _neighbor(HUB + number, spoke)
        spokes.append(spoke)
    begun = time.process_time()
    _type(hub, text)
    configured = time.process_time()
    for spoke in spokes:
        _type(spoke, "no logging console\nno cdp run\n" + ike + _tunnel(0, HUB) + _neighbor(HUB, hub))
    scheduler.run_until(scheduler.now + 60)
    mark = time.process_time()
    up = sum(hub.interfaces[f"Tunnel{number}"].protocol_up for number in range(1, count + 1))
    assert up == count, f"{up} of {count} tunnels are up"
    scheduler.run_until(scheduler.now + 3600)
    rest = time.process_time()
    return {
        "configure the hub, CPU s": configured - begun,
        "up, CPU s": mark - configured,
        "an hour, CPU s": rest - mark,
    }


def virtual_tunnels(count: int) -> Figures:
    """With IKEv1."""
    return _virtual_tunnels(count, IKE1)


def virtual_tunnels_2(count: int) -> Figures:
    """With IKEv2."""
    return _virtual_tunnels(count, IKE2)


def _each(action: Callable[[], object]) -> float:
    """Microseconds for each call, the best of three rounds."""
    least = float("inf")
    for _ in range(3):
        before = time.process_time()
        for _ in range(PACKETS):
            action()
        least = min(least, time.process_time() - before)
    return least / PACKETS * 1e6


def crypto_map_entries(count: int) -> Figures:
    """A packet that leaves by the first and by the last of `count` entries of a crypto map, and one for nobody."""
    scheduler = Scheduler()
    segment = Segment(scheduler)
    centre, last = router("HUB", scheduler), router("SPOKE", scheduler)
    first = router("FIRST", scheduler)
    for device, own in ((centre, HUB), (first, HUB + 1), (last, HUB + count)):
        segment.join(device.ports[OUTSIDE])
        address(device, OUTSIDE, f"{own}/16")
    for number in range(1, count + 1):
        vpn(centre, HUB + number, MINE, spread(number), number)
    vpn(first, HUB, spread(1), MINE)
    vpn(last, HUB, spread(count), MINE)
    for device in (centre, first, last):
        apply(device)
    scheduler.run_until(scheduler.now + 5)
    for device, number in ((first, 1), (last, count)):
        ask(device, spread(number)[1], MINE[9])
    scheduler.run_until(scheduler.now + 5)
    crypto, stack = centre.service(CryptoEngine), centre.service(IpStack)
    assert len(crypto.sadb) == 2

    def leaving(to: IPv4Address) -> tuple[float, float]:
        packet = IPv4Packet(MINE[9], to, Protocol.UDP, bytes(44), 64)

        def send() -> None:
            crypto.traffic.outbound(Transit(packet, None, stack.default, centre.interfaces[OUTSIDE]))

        profile = cProfile.Profile()
        profile.runcall(send)
        return _each(send), sum(entry.callcount for entry in profile.getstats())

    figures = {}
    for what, to in (("first", spread(1)[9]), ("last", spread(count)[9]), ("nobody", IPv4Address("9.9.9.9"))):
        figures[f"{what}, us"], figures[f"{what}, function calls"] = leaving(to)

    def arriving() -> None:
        came = IPv4Packet(IPv4Address("9.9.9.9"), MINE[9], Protocol.UDP, bytes(44), 64)
        crypto.traffic.admit_clear(Transit(came, centre.interfaces[OUTSIDE], stack.default))

    figures["came in clear, us"] = _each(arriving)
    return figures


def gre_tunnels(count: int) -> Figures:
    """A packet that leaves and one that comes by the last of `count` GRE tunnels."""
    scheduler = Scheduler()
    segment = Segment(scheduler)
    hub, spoke = router("HUB", scheduler), router("SPOKE", scheduler)
    for device, own in ((hub, HUB), (spoke, HUB + count)):
        segment.join(device.ports[OUTSIDE])
        address(device, OUTSIDE, f"{own}/16")
    text = "no logging console\nno cdp run\n" + "".join(
        _tunnel(number, HUB + number, "gre ip") for number in range(1, count + 1)
    )
    begun = time.process_time()
    _type(hub, text)
    scheduler.run_until(scheduler.now + 5)
    configured = time.process_time()
    far = IPv4Address(f"10.{128 + count // 250}.{count % 250}.2")
    sent = IPv4Packet(far - 1, far, Protocol.UDP, bytes(44), 64)
    stack, kept = hub.service(IpStack), list[IPv4Packet]()

    def keep(transit: Transit) -> bool:
        kept.append(transit.packet)
        return True

    stack.outgoing.hook(Out.ACCESS_LIST, keep)
    stack.send(sent)
    scheduler.run_until(scheduler.now + 1)
    stack.outgoing.unhook(keep)
    outer = kept[0]
    back = IPv4Packet(outer.destination, outer.source, outer.protocol, outer.payload, 255)
    receive = hub.service(Tunnels).carriage.receive
    return {
        "configure, CPU s": configured - begun,
        "out, us": _each(lambda: stack.send(sent)),
        "in, us": _each(lambda: receive(back, OUTSIDE)),
    }


ROWS = [
    Row("virtual tunnel interfaces of a hub", virtual_tunnels, 50,
        budgets={"up, CPU s": 4.8}),
    Row("virtual tunnel interfaces of a hub, IKEv2", virtual_tunnels_2, 50,
        budgets={"up, CPU s": 4.8}),
    Row("entries of a crypto map", crypto_map_entries, 50,
        budgets={"last, us": 1.2, "nobody, us": 1.2, "came in clear, us": 1.2}),
    Row("GRE tunnels", gre_tunnels, 50, budgets={"out, us": 1.2, "in, us": 1.2}),
]  # fmt: skip
