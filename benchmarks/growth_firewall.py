"""What a packet costs a firewall that has many sessions."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv4Address

from benchmarks.growth import Figures, Row
from iosemu.net.inspection.engine import Inspector
from iosemu.net.inspection.session import Group
from iosemu.net.inspection.settings import Limits, Settings
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.packets.udp import UdpDatagram

SERVER = IPv4Address("198.51.100.1")
PACKETS = 5000


def _client(number: int) -> IPv4Address:
    return IPv4Address(0x0A000000 + number)


def _question(number: int) -> IPv4Packet:
    client = _client(number)
    return IPv4Packet(client, SERVER, Protocol.UDP, UdpDatagram(5000, 9, b"x" * 32).to_bytes(client, SERVER))


def _answer(number: int) -> IPv4Packet:
    client = _client(number)
    return IPv4Packet(SERVER, client, Protocol.UDP, UdpDatagram(9, 5000, b"x" * 32).to_bytes(SERVER, client))


def _syn(number: int) -> IPv4Packet:
    client = _client(number)
    segment = TcpSegment(5000, 80, 1, flags=2, window=4128).to_bytes(client, SERVER)
    return IPv4Packet(client, SERVER, Protocol.TCP, segment)


def _each(packets: list[IPv4Packet], take: Callable[[IPv4Packet], object]) -> float:
    """Microseconds for each packet."""
    before = time.process_time()
    for packet in packets:
        take(packet)
    return (time.process_time() - before) / len(packets) * 1e6


def with_sessions(count: int) -> Figures:
    """A packet that begins a session, and one that belongs to one, beside `count` sessions."""
    inspector, group, settings = Inspector(), Group(""), Settings()
    for number in range(count):
        inspector.begin(_question(number), 0.0, group, settings)
    new = [_question(count + number) for number in range(PACKETS)]
    begun = _each(new, lambda packet: inspector.begin(packet, 1.0, group, settings))
    known = [_answer(number % count) for number in range(PACKETS)]
    passed = _each(known, lambda packet: inspector.judge(packet, 2.0))
    inspector.events()
    return {"begin, us": begun, "pass, us": passed}


def flooded(count: int) -> Figures:
    """A SYN when `count` connections are half-open and no more may be: the oldest gives way."""
    inspector, settings = Inspector(), Settings()
    group = Group("", Limits(incomplete_low=count, incomplete_high=count))
    for number in range(count):
        inspector.begin(_syn(number), 0.0, group, settings)
    more = [_syn(count + number) for number in range(PACKETS)]
    took = _each(more, lambda packet: inspector.begin(packet, 1.0, group, settings))
    inspector.events()
    return {"SYN, us": took}


ROWS = [
    Row(
        "packets beside the sessions of a firewall",
        with_sessions,
        1000,
        budgets={"begin, us": 1.5, "pass, us": 1.5},
    ),
    Row("SYNs above a firewall's limit", flooded, 500, budgets={"SYN, us": 1.5}),
]
