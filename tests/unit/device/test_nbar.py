"""NBAR: class-maps and discovery tell protocols by the ports of `ip nbar port-map`."""

from ipaddress import IPv4Address

import pytest

from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.mqc.protocols import PROTOCOLS, UNKNOWN, Applications, mapped, recognised
from iosemu.subjects.mqc.sighting import Sighting

MAPS = {("http", "tcp"): (8080, 8000)}


def seen(protocol: int, source: int = 0, destination: int = 0, payload: bytes = b"") -> Sighting:
    data = source.to_bytes(2) + destination.to_bytes(2) + bytes(4) + payload
    return Sighting(IPv4Packet(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"), protocol, data))


@pytest.mark.parametrize(
    ("packet", "name"),
    [
        (seen(Protocol.TCP, 40000, 8080), "http"),
        (seen(Protocol.TCP, 8000, 40000), "http"),
        (seen(Protocol.TCP, 40000, 80), UNKNOWN),
        (seen(Protocol.UDP, 40000, 8080), UNKNOWN),
        (seen(Protocol.UDP, 53, 500), "dns"),
        (seen(Protocol.ICMP), "icmp"),
        (seen(89), "ospf"),
        (seen(200), UNKNOWN),
        (seen(Protocol.UDP, 40000, 16384, b"\x80" + bytes(11)), "rtp"),
        (seen(Protocol.UDP, 40000, 16385, b"\x80" + bytes(11)), UNKNOWN),
        (Sighting(None), UNKNOWN),
    ],
)
def test_a_packet_is_of_the_protocol_whose_port_it_has(packet: Sighting, name: str) -> None:
    known = Applications(MAPS)
    assert known.name(packet) == name
    if name != UNKNOWN:
        assert recognised(known[name], packet)


def test_a_class_map_takes_the_ports_of_the_port_map() -> None:
    http = mapped(PROTOCOLS["http"], MAPS)
    assert recognised(http, seen(Protocol.TCP, 40000, 8080))
    assert not recognised(http, seen(Protocol.TCP, 40000, 80))
    assert recognised(PROTOCOLS["http"], seen(Protocol.TCP, 40000, 80))
