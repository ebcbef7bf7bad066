"""NAT comes before the crypto map on the way out, and after decryption on the way in."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from crypto_vpn import LAN_A, LAN_B, PC, SERVER, WAN, A, Vpn, permit, route

from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AclsConfig, Action, AddressMatch, Entry
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.nat.config import NatConfig, NatSide, Rule, Static
from iosemu.subjects.nat.service import Nat

LAN_PORT = "FastEthernet0/1"
ANY = IPv4Network("0.0.0.0/0")


@pytest.fixture
def vpn() -> Vpn:
    made = Vpn()
    made.a.config.interfaces[LAN_PORT].of(NatSide).side = "inside"
    made.a.config.interfaces[WAN].of(NatSide).side = "outside"
    made.a.config.of(NatConfig).rules.append(Rule("NAT", WAN, overload=True))
    made.a.service(Nat).changed()
    return made


def deny(vpn: Vpn) -> None:
    entry = Entry(
        Action.DENY,
        AddressMatch.of(LAN_A.network_address, LAN_A.hostmask),
        AddressMatch.of(LAN_B.network_address, LAN_B.hostmask),
    )
    vpn.a.config.of(AclsConfig).make("NAT", extended=True).add(entry)


def test_a_tunnel_needs_its_traffic_denied_to_nat(vpn: Vpn) -> None:
    vpn.a.config.of(AclsConfig).make("NAT", extended=True).add(permit(LAN_A, ANY))
    vpn.apply()
    vpn.ping(3)
    assert len(vpn.a.service(CryptoEngine).sadb) == 0, "the crypto access list sees the translated source"
    assert len(vpn.a.service(Nat).table) > 0


def test_with_the_deny_line_both_work(vpn: Vpn) -> None:
    deny(vpn)
    vpn.a.config.of(AclsConfig).make("NAT", extended=True).add(permit(LAN_A, ANY))
    vpn.up()
    assert vpn.ping(4) == 4
    assert len(vpn.a.service(Nat).table) == 0


def test_what_comes_out_of_a_tunnel_is_translated_back(vpn: Vpn) -> None:
    # the tunnel protects the address that the PC has outside
    outer = IPv4Network("192.168.9.1/32")
    vpn.a.config.of(NatConfig).statics.append(Static(PC, outer.network_address))
    vpn.a.service(Nat).changed()
    for router, lines in ((vpn.a, (outer, LAN_B)), (vpn.b, (LAN_B, outer))):
        access_list = router.config.of(AclsConfig).make("101", extended=True)
        access_list.items.clear()
        access_list.add(permit(*lines))
    route(vpn.b, outer, A)
    vpn.apply()
    vpn.ping(3)
    assert vpn.ping(4) == 4
    assert len(vpn.a.service(CryptoEngine).sadb) == 1
    seen: list[IPv4Packet] = []
    vpn.pc.service(IpStack).bind_protocol(Protocol.ICMP, lambda packet, _interface: seen.append(packet))
    echo = IcmpMessage(IcmpType.ECHO, 0, 1, b"from the server").to_bytes()
    vpn.server.service(IpStack).send(IPv4Packet(SERVER, outer.network_address, Protocol.ICMP, echo, 128))
    vpn.run(1)
    assert [packet.destination for packet in seen] == [PC]
