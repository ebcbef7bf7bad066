"""What entries with options match, and that they are spelled as they were typed."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address
from typing import Any

import pytest
from session import grammar

from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.parser import Invalid, Match, Situation
from iosemu.subjects.acl.config import AclsConfig, Entry, ServiceMember
from iosemu.subjects.acl.evaluation import Flow, entry_matches, option_types
from iosemu.subjects.acl.groups import Span
from iosemu.subjects.acl.time_ranges import DAYS, Periodic, TimeRange

A, B = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
ROUTER_ALERT = bytes((148, 4, 0, 0))


def entry(words: str) -> Entry:
    match = grammar().modes["config-ext-nacl"].match(words, Situation())
    assert isinstance(match, Match), words
    made = match.arguments["entry"]
    assert isinstance(made, Entry)
    return made


def flow(
    protocol: int = Protocol.UDP, source_port: int = 1000, port: int = 53, flags: int = 0, **header: Any
) -> Flow:
    ports = source_port.to_bytes(2, "big") + port.to_bytes(2, "big")
    payload = ports + bytes(9) + bytes((flags,)) + bytes(6)
    return Flow.of(IPv4Packet(A, B, protocol, payload, **header))


TCP, UDP = Protocol.TCP, Protocol.UDP
SYN, ACK, RST = 0x02, 0x10, 0x04


@pytest.mark.parametrize(
    ("words", "passes", "fails"),
    [
        (
            "permit tcp any any match-all -ack +syn",
            [flow(TCP, flags=SYN)],
            [flow(TCP, flags=SYN | ACK), flow(TCP)],
        ),
        (
            "permit tcp any any match-any -ack +syn",
            [flow(TCP), flow(TCP, flags=SYN | ACK)],
            [flow(TCP, flags=ACK)],
        ),
        ("permit udp any any eq domain isakmp", [flow(port=53), flow(port=500)], [flow(port=54), flow(TCP)]),
        (
            "permit udp any neq 10 20 any",
            [flow(source_port=15)],
            [flow(source_port=10), flow(source_port=20)],
        ),
        ("permit ip any any dscp ef", [flow(tos=184), flow(tos=187)], [flow(tos=0), flow(tos=160)]),
        ("permit ip any any dscp default", [flow()], [flow(tos=184)]),
        ("permit ip any any precedence critical", [flow(tos=184), flow(tos=160)], [flow(tos=0)]),
        ("permit ip any any tos min-delay", [flow(tos=0x10), flow(tos=0xB0)], [flow(tos=8)]),
        ("permit ip any any precedence network tos 12", [flow(tos=0xF8)], [flow(tos=0xE0), flow(tos=0x18)]),
        ("permit ip any any ttl eq 1", [flow(ttl=1)], [flow(ttl=2)]),
        ("permit ip any any ttl range 1 5", [flow(ttl=5)], [flow(ttl=6)]),
        ("permit ip any any ttl gt 200 log", [flow()], [flow(ttl=200)]),
        ("permit ip any any option any-options", [flow(options=ROUTER_ALERT)], [flow()]),
        ("permit ip any any option router-alert", [flow(options=b"\1" + ROUTER_ALERT + bytes(3))], [flow()]),
        ("permit ip any any option record-route", [], [flow(options=ROUTER_ALERT)]),
        ("permit udp any any fragments", [flow(fragment_offset=8)], [flow(), flow(TCP, fragment_offset=8)]),
    ],
)
def test_options(words: str, passes: list[Flow], fails: list[Flow]) -> None:
    made = entry(words)
    assert grammar().spell("extended-entry", made) == words
    assert all(entry_matches(made, each) for each in passes)
    assert not any(entry_matches(made, each) for each in fails)


@pytest.mark.parametrize("words", ["permit ip any any dscp ef tos 8", "permit tcp any any match-all"])
def test_what_does_not_go_together_is_refused(words: str) -> None:
    assert isinstance(grammar().modes["config-ext-nacl"].match(words, Situation()), Invalid)


@pytest.mark.parametrize("options", [b"\x07", b"\x07\x00\x94\x04", bytes((7, 255))])
def test_options_that_are_cut_off_end_the_search(options: bytes) -> None:
    assert option_types(options) == {7}


def test_groups_are_looked_at_when_a_packet_comes() -> None:
    acls = AclsConfig()
    made = acls.bound(entry("permit object-group SVC object-group LAN any"))
    acls.make("X", extended=True).add(made)
    assert not entry_matches(made, flow())
    acls.networks["LAN"].lines["host 10.0.0.1"] = Span(int(A), int(A), "host 10.0.0.1")
    acls.services["SVC"].members.append(ServiceMember.from_parts(both="tcp-udp"))
    assert entry_matches(made, flow())
    assert entry_matches(made, flow(TCP))
    assert not entry_matches(made, flow(Protocol.ESP))
    assert acls.uses("network", "LAN")
    assert not acls.uses("network", "SVC")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M")


def test_time_ranges() -> None:
    always = TimeRange("T")
    assert always.holds(at("2026-01-01 00:00"))
    assert always.next_change(at("2026-01-01 00:00")) is None
    eight, five = at("2026-01-01 08:00").time(), at("2026-01-01 17:00").time()
    work = TimeRange("W", periodic=[Periodic("", frozenset(range(5)), eight, five)])
    assert work.holds(at("2026-11-27 08:00"))
    assert work.holds(at("2026-11-27 17:00"))
    assert not work.holds(at("2026-11-27 17:01"))
    assert not work.holds(at("2026-11-28 12:00"))
    assert work.next_change(at("2026-11-27 17:01")) == at("2026-11-30 08:00")
    weekend = TimeRange("E", periodic=[Periodic("", frozenset((4,)), five, eight, DAYS.index("Monday"))])
    assert weekend.holds(at("2026-11-28 03:00"))
    assert weekend.holds(at("2026-11-30 08:00"))
    assert not weekend.holds(at("2026-11-30 08:01"))
    work.start, work.end = at("2026-11-01 00:00"), at("2026-11-27 12:00")
    assert not work.holds(at("2026-11-27 13:00"))
    assert not work.holds(at("2026-10-30 12:00"))
