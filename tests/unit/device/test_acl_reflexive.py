"""Sessions that reflexive access lists let in, and how they end."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest

from iosemu.box.device import Device
from iosemu.handling.context import Render
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.scheduler import Scheduler
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.packets.udp import UdpDatagram
from iosemu.parser.renderer import Renderer
from iosemu.shell.loader import load
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.acl.text import session_words

IN, OUT = IPv4Address("10.0.0.1"), IPv4Address("192.0.2.9")
FIN, SYN, RST, ACK = 1, 2, 4, 16
LISTS = """\
ip reflexive-list timeout 100
ip access-list extended OUTBOUND
 permit tcp any any reflect MIRROR
 permit udp any any eq domain reflect MIRROR timeout 30
 permit ip any any
ip access-list extended INBOUND
 evaluate MIRROR
"""


@pytest.fixture
def router() -> Device:
    device = create_device(
        "R", model("c2811"), image("15.1"), Scheduler(), random.Random(1), datetime(2024, 1, 1, tzinfo=UTC)
    )
    device.boot()
    assert load(device, grammar(), LISTS) == []
    return device


def tcp(flags: int, *, back: bool = False, port: int = 40000) -> IPv4Packet:
    source, destination, ports = (OUT, IN, (23, port)) if back else (IN, OUT, (port, 23))
    segment = TcpSegment(*ports, 1, 1, flags, payload=b"")
    return IPv4Packet(source, destination, Protocol.TCP, segment.to_bytes(source, destination))


def udp(port: int, *, back: bool = False) -> IPv4Packet:
    source, destination, ports = (OUT, IN, (port, 5000)) if back else (IN, OUT, (5000, port))
    return IPv4Packet(
        source, destination, Protocol.UDP, UdpDatagram(*ports, b"x").to_bytes(source, destination)
    )


def passes(device: Device) -> tuple[Callable[[IPv4Packet], bool], Callable[[IPv4Packet], bool]]:
    lists = device.service(AccessLists)
    return lambda packet: lists.permits("OUTBOUND", packet), lambda packet: lists.permits("INBOUND", packet)


def later(device: Device, seconds: float) -> None:
    device.scheduler.run_until(device.now + seconds)


def test_only_the_answers_of_a_session_come_in(router: Device) -> None:
    leaves, enters = passes(router)
    assert not enters(tcp(SYN | ACK, back=True))
    assert leaves(tcp(SYN))
    assert enters(tcp(SYN | ACK, back=True))
    assert not enters(tcp(SYN | ACK, back=True, port=40001))
    assert not enters(udp(23, back=True))
    render: Render = Renderer(grammar())
    (key,) = router.config.of(AclsConfig).reflexive["MIRROR"].sessions
    assert session_words(render, key) == "permit tcp host 192.0.2.9 eq telnet host 10.0.0.1 eq 40000"


def test_a_silent_session_ends_and_a_busy_one_goes_on(router: Device) -> None:
    leaves, enters = passes(router)
    leaves(tcp(SYN))
    leaves(udp(53))
    leaves(udp(69))
    assert not enters(udp(69, back=True))
    later(router, 29)
    assert enters(udp(53, back=True))
    later(router, 29)
    assert enters(udp(53, back=True))
    later(router, 31)
    assert not enters(udp(53, back=True))
    assert enters(tcp(ACK, back=True))
    later(router, 101)
    assert not enters(tcp(ACK, back=True))
    assert not router.config.of(AclsConfig).reflexive["MIRROR"].sessions


def test_a_closed_connection_ends_five_seconds_later(router: Device) -> None:
    leaves, enters = passes(router)
    leaves(tcp(SYN))
    leaves(tcp(FIN | ACK))
    later(router, 20)
    assert enters(tcp(FIN | ACK, back=True))
    leaves(tcp(ACK))
    later(router, 4)
    assert enters(tcp(ACK, back=True))
    later(router, 2)
    assert not enters(tcp(ACK, back=True))


def test_a_reset_ends_at_once(router: Device) -> None:
    leaves, enters = passes(router)
    leaves(tcp(SYN))
    assert enters(tcp(RST | ACK, back=True))
    assert not enters(tcp(ACK, back=True))


def test_a_look_changes_nothing(router: Device) -> None:
    lists = router.service(AccessLists)
    assert lists.would_permit("OUTBOUND", tcp(SYN))
    assert not lists.would_permit("INBOUND", tcp(ACK, back=True))
    assert not router.config.of(AclsConfig).reflexive["MIRROR"].sessions
