"""Two routers with a tunnel between a PC and a server, stepped by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from iosemu.box.device import Device
from iosemu.box.model import load_image, load_model
from iosemu.ike.types import Authentication
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.kinds.factory import create_device
from iosemu.net.link import Link
from iosemu.net.scheduler import Scheduler
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action, AddressMatch, Entry
from iosemu.subjects.crypto.config.ipsec import IpsecConfig, TransformSet
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, PolicyEncryption
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.pc.service import NetworkCards
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

ROOT = Path(__file__).parents[3] / "devices"
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
A, B = IPv4Address("10.0.10.10"), IPv4Address("10.0.10.20")
PC, SERVER = IPv4Address("192.168.1.1"), IPv4Address("192.168.2.1")
LAN_A, LAN_B = IPv4Network("192.168.1.0/24"), IPv4Network("192.168.2.0/24")
WAN = "FastEthernet0/0"


def device(name: str, model: str, scheduler: Scheduler, image: str):
    return create_device(
        name,
        load_model(ROOT / "models" / f"{model}.yaml"),
        load_image(ROOT / "images" / f"{image}.yaml"),
        scheduler,
        random.Random(name),
        ORIGIN,
    )


def address(router: Device, name: str, text: str) -> None:
    config = router.config.interfaces[name]
    config.of(IpSettings).address = IPv4Interface(text)
    config.shutdown = False
    router.interface_configured(name)


def route(router: Device, network: IPv4Network, next_hop: IPv4Address) -> None:
    router.config.of(RoutesConfig).add(StaticRoute(network, next_hop))
    router.configured("routing")


def permit(source: IPv4Network, destination: IPv4Network, **more) -> Entry:
    return Entry(
        Action.PERMIT,
        AddressMatch.of(source.network_address, source.hostmask),
        AddressMatch.of(destination.network_address, destination.hostmask),
        **more,
    )


def configure_vpn(router: Device, peer: IPv4Address, mine: IPv4Network, other: IPv4Network) -> None:
    config = router.config
    policy = config.of(IsakmpConfig).policy(10)
    policy.encryption = PolicyEncryption.AES_256
    policy.authentication = Authentication.PRE_SHARE
    policy.group = 2
    config.of(IsakmpConfig).add_key(PresharedKey("TEST1", IPv4Network(peer)))
    config.of(IpsecConfig).transform_sets["TSET"] = TransformSet("TSET", ("esp-aes", "esp-sha-hmac"))
    config.of(AclsConfig).make("101", extended=True).add(permit(mine, other))
    entry = config.of(CryptoMapsConfig).make("CMAP").entry(10)
    entry.peers = [peer]
    entry.transform_sets = ["TSET"]
    entry.access_list = "101"


class Vpn:
    """PC - R-A - R-B - SV; the handout's configuration on both routers, the maps applied by `up`."""

    def __init__(self, image: str = "15.1") -> None:
        self.scheduler = Scheduler()
        self.a: Device = device("R-A", "c2811", self.scheduler, image)
        self.b: Device = device("R-B", "c2811", self.scheduler, image)
        self.pc: Device = device("PC-A", "pc", self.scheduler, "packet-tracer")
        self.server: Device = device("SV-B", "pc", self.scheduler, "packet-tracer")
        self.wan = Link(self.scheduler, self.a.ports[WAN], self.b.ports[WAN])
        Link(self.scheduler, self.pc.ports["FastEthernet0"], self.a.ports["FastEthernet0/1"])
        Link(self.scheduler, self.b.ports["FastEthernet0/1"], self.server.ports["FastEthernet0"])
        for each in (self.a, self.b, self.pc, self.server):
            each.boot()
        address(self.a, WAN, f"{A}/24")
        address(self.a, "FastEthernet0/1", "192.168.1.254/24")
        address(self.b, WAN, f"{B}/24")
        address(self.b, "FastEthernet0/1", "192.168.2.254/24")
        route(self.a, LAN_B, B)
        route(self.b, LAN_A, A)
        self.pc.service(NetworkCards).set_address(IPv4Interface(f"{PC}/24"), IPv4Address("192.168.1.254"))
        self.server.service(NetworkCards).set_address(
            IPv4Interface(f"{SERVER}/24"), IPv4Address("192.168.2.254")
        )
        configure_vpn(self.a, B, LAN_A, LAN_B)
        configure_vpn(self.b, A, LAN_B, LAN_A)
        self.replies = 0
        self.pc.service(IpStack).bind_protocol(Protocol.ICMP, self._reply)
        self.run(5)

    def _reply(self, packet: IPv4Packet, _interface: str) -> None:
        if IcmpMessage.parse(packet.payload).type == IcmpType.ECHO_REPLY:
            self.replies += 1

    def run(self, seconds: float) -> None:
        self.scheduler.run_until(self.scheduler.now + seconds)

    def apply(self, *routers: Device) -> None:
        for router in routers or (self.a, self.b):
            router.config.interfaces[WAN].of(CryptoMapBinding).name = "CMAP"
            router.interface_configured(WAN)

    def ping(self, count: int = 4, interval: float = 2.0, size: int = 32) -> int:
        """How many of `count` echoes from the PC to the server came back."""
        before = self.replies
        for number in range(count):
            echo = IcmpMessage(IcmpType.ECHO, 0, number + 1, bytes(size)).to_bytes()
            self.pc.service(IpStack).send(IPv4Packet(PC, SERVER, Protocol.ICMP, echo, 128))
            self.run(interval)
        return self.replies - before

    def up(self) -> Vpn:
        """Apply the maps and bring the tunnel up."""
        self.apply()
        self.ping(3)
        assert len(self.a.service(CryptoEngine).sadb) == len(self.b.service(CryptoEngine).sadb) == 1
        return self

    @staticmethod
    def flow(router: Device):
        return next(iter(router.service(CryptoEngine).flows.values()))

    @staticmethod
    def log(router: Device) -> list[str]:
        return [str(message) for message in router.syslog.messages]
