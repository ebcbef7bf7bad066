"""Strangers that begin phase 1 by the thousand, and addresses that nobody can have."""

from ipaddress import IPv4Address, IPv4Network
from random import Random

import pytest
from crypto_vpn import WAN, A, B, Vpn

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.ike.admission import AdmissionLimits
from iosemu.ike.engine import Engine
from iosemu.ip.stack import IpStack
from iosemu.lab.resources import grammar
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.parser.renderer import Renderer
from iosemu.subjects.crypto.commands import call_admission
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.keyring import PresharedKey
from iosemu.subjects.crypto.service.engine import CryptoEngine


def first_message(vpn: Vpn) -> bytes:
    """What R-A would say first to R-B."""
    crypto = vpn.a.service(CryptoEngine)
    engine = Engine(crypto.credentials, Random(1).randbytes)
    vpn.apply()
    flow = crypto.flow(WAN, *next((entry, selector) for _, each in crypto.policy.applied()
                                  for entry in each.entries.values()
                                  for _, selector in crypto.policy.permits(entry)))  # fmt: skip
    request = crypto.policy.request(flow, crypto.entry_of(flow), A, B)
    engine.initiate(request, 0.0)
    return engine.datagrams()[0].data


def arrive(vpn: Vpn, source: IPv4Address, data: bytes) -> None:
    """A datagram from somewhere reaches R-B's port 500."""
    payload = UdpDatagram(500, 500, data).to_bytes(source, B)
    crypto = vpn.b.service(CryptoEngine)
    crypto.wire._udp(IPv4Packet(source, B, Protocol.UDP, payload), UdpDatagram(500, 500, data), WAN)


@pytest.mark.parametrize(
    ("source", "answered"),
    [
        ("10.0.10.10", True),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("10.0.10.255", False),
        ("10.0.10.0", False),
        ("224.0.0.5", False),
        ("127.0.0.1", False),
        ("10.0.10.20", False),
        ("192.168.2.254", False),
    ],
)
def test_only_another_host_is_a_peer(source: str, answered: bool) -> None:
    vpn = Vpn()
    arrive(vpn, IPv4Address(source), first_message(vpn))
    assert len(vpn.b.service(CryptoEngine).ike.sas) == answered


def test_a_flood_of_first_messages_leaves_the_tunnel_alone() -> None:
    vpn = Vpn()
    data = first_message(vpn)
    vpn.up()
    isakmp = vpn.b.config.of(IsakmpConfig)
    isakmp.negotiating_limit = 20
    isakmp.add_key(PresharedKey("TEST1", IPv4Network("11.0.0.0/8")))
    for number in range(1, 51):
        arrive(vpn, IPv4Address("11.0.0.0") + number, number.to_bytes(8, "big")[::-1] + data[8:])
    crypto = vpn.b.service(CryptoEngine)
    assert crypto.ike.sas.negotiating == 20
    denied = [line for line in vpn.log(vpn.b) if "IKE_DENY_SA_REQ" in line]
    assert len(denied) == 1, "at most one a minute"
    assert (
        "%CRYPTO-4-IKE_DENY_SA_REQ: IKE denied an INCOMING SA request from 11.0.0.21 to 10.0.10.20 "
        "due to IKE IN-NEGOTIATION SA LIMIT REACHED"
    ) in denied[0]
    assert vpn.ping(4) == 4
    vpn.run(200)
    assert len(crypto.ike.sas) == 1


def admission_lines(device: Device) -> list[str]:
    """What the running configuration says of call admission."""
    body = running_config.body(device, Renderer(grammar()))
    return [line for line in body if line.startswith("crypto call admission")]


def test_the_default_and_the_running_config() -> None:
    vpn = Vpn()
    crypto, isakmp = vpn.b.service(CryptoEngine), vpn.b.config.of(IsakmpConfig)
    assert crypto.credentials.admission() == AdmissionLimits(0, 1000)
    assert admission_lines(vpn.b) == []
    isakmp.sa_limit, isakmp.negotiating_limit = 50, 10
    assert crypto.credentials.admission() == AdmissionLimits(50, 10)
    assert admission_lines(vpn.b) == [
        "crypto call admission limit ike sa 50",
        "crypto call admission limit ike in-negotiation-sa 10",
    ]


def test_ike_packets_are_network_control() -> None:
    vpn = Vpn()
    seen: list[int] = []
    vpn.b.service(IpStack).bind_udp(500, lambda packet, datagram, interface: seen.append(packet.tos))
    vpn.apply(vpn.a)
    vpn.ping(1)
    assert seen
    assert set(seen) == {0xC0}


def test_a_bad_message_is_told_once_a_minute() -> None:
    vpn = Vpn()
    vpn.apply()
    for _ in range(10):
        arrive(vpn, IPv4Address("11.0.0.1"), b"garbage")
    assert sum("IKMP_BAD_MESSAGE" in line for line in vpn.log(vpn.b)) == 1
    vpn.run(61)
    arrive(vpn, IPv4Address("11.0.0.1"), b"garbage")
    assert sum("IKMP_BAD_MESSAGE" in line for line in vpn.log(vpn.b)) == 2


def test_statistics() -> None:
    vpn = Vpn().up()
    shown = list(call_admission.show_statistics(Context(vpn.b, None, None)))
    assert "System Resource Limit:        0 Max IKE SAs:      0   Max in nego:  1000" in shown
    assert "Total IKE SA Count:           1 active:           1   negotiating:     0" in shown
    assert "Incoming IKE Requests:        1 accepted:         1   rejected:        0" in shown
