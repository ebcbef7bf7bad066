"""Sessions: what belongs to one, when it is over, and what happens when there are too many."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.net.inspection.applications import DNS, FTP, TFTP
from iosemu.net.inspection.engine import LIMIT, POLICY, Inspector
from iosemu.net.inspection.events import Aggressive, Ended, Full, HostFree, HostFull, Started
from iosemu.net.inspection.port_map import PORTS, runs_over
from iosemu.net.inspection.session import Group, Session, State
from iosemu.net.inspection.settings import Limits, Settings
from iosemu.net.inspection.tcp import INVALID_ACK, INVALID_FLAGS, OUT_OF_WINDOW, STRAY, SYN_IN_WINDOW
from iosemu.packets.ipv4 import IPv4Packet
from tests.unit.firewall.inspection_packets import (
    ACK,
    FIN,
    INSIDE,
    OTHER,
    OUTSIDE,
    PSH,
    RST,
    SYN,
    error,
    icmp,
    tcp,
    udp,
)


class Box:
    """An inspector that lets everything from inside begin sessions."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.inspector = Inspector()
        self.group = Group("", limits or Limits())
        self.settings = Settings()
        self.now = 0.0

    def passes(self, packet: IPv4Packet, application: str = "") -> bool:
        return not self.reason(packet, application)

    def reason(self, packet: IPv4Packet, application: str = "") -> str:
        """Why it does not pass, or nothing."""
        verdict = self.inspector.judge(packet, self.now)
        if verdict is None and packet.source == INSIDE:
            verdict = self.inspector.begin(
                packet, self.now, self.group, self.settings, application=application
            )
        return "nobody asked" if verdict is None else verdict.reason

    def advance(self, seconds: float) -> None:
        self.now += seconds
        while (due := self.inspector.next_timer()) is not None and due <= self.now:
            self.inspector.tick(due)

    @property
    def states(self) -> list[State]:
        return [each.state for each in self.inspector]

    @property
    def only(self) -> Session:
        (session,) = self.inspector
        return session

    def handshake(self, port: int = 1025, to: int = 80, host: IPv4Address = OUTSIDE) -> None:
        assert self.passes(tcp(INSIDE, port, host, to, SYN, 100), "http")
        assert self.passes(tcp(host, to, INSIDE, port, SYN | ACK, 500, 101))
        assert self.passes(tcp(INSIDE, port, host, to, ACK, 101, 501))


def test_tcp_goes_through_its_states_and_is_forgotten_after_both_have_said_fin() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, SYN, 100))
    assert box.states == [State.OPENING]
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, SYN | ACK, 500, 101))
    assert box.states == [State.OPENING]
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 101, 501))
    assert box.states == [State.OPEN]
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK | PSH, 101, 501, b"GET /"))
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 501, 106, b"page"))
    assert box.only.octets == [5, 4]
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, ACK | FIN, 505, 106))
    assert box.states == [State.CLOSING]
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK | FIN, 106, 506))
    assert box.states == [State.CLOSED]
    box.advance(3)
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 506, 107))
    box.advance(1.9)
    assert box.states == [State.CLOSED]
    box.advance(0.2)
    assert box.states == []
    assert box.group.current == (0, 0, 0)
    assert box.group.statistics.most == [1, 1, 1]


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 501 + 5000, 101), OUT_OF_WINDOW),
        (tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 501, 101 + 1), INVALID_ACK),
        (tcp(OUTSIDE, 80, INSIDE, 1025, SYN, 501), SYN_IN_WINDOW),
        (tcp(OUTSIDE, 80, INSIDE, 1025, SYN | FIN, 501), INVALID_FLAGS),
        (tcp(OUTSIDE, 80, INSIDE, 1025, PSH, 501, 0), INVALID_FLAGS),
        (tcp(OUTSIDE, 80, INSIDE, 1025, RST, 501 + 50000), OUT_OF_WINDOW),
        (tcp(OUTSIDE, 81, INSIDE, 1025, ACK, 501, 101), "nobody asked"),
        (tcp(OTHER, 80, INSIDE, 1025, ACK, 501, 101), "nobody asked"),
    ],
)
def test_segments_that_do_not_belong(packet: IPv4Packet, reason: str) -> None:
    box = Box()
    box.handshake()
    assert box.reason(packet) == reason
    assert box.states == [State.OPEN]


def test_windows_are_scaled_and_acknowledgments_may_lag_behind_by_as_much() -> None:
    scale = bytes((3, 3, 7, 1))  # RFC 7323: shifted by 7 bits
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, SYN, 100, window=65535, options=scale))
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, SYN | ACK, 500, 101, window=1000, options=scale))
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 101, 501, window=2000))  # 256000 octets
    for sent in range(0, 250_000, 1000):
        assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 501 + sent, 101, bytes(1000), window=1000))
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 101, 1501, window=2000))
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 101, 250_501, window=2000))
    assert box.reason(tcp(OUTSIDE, 80, INSIDE, 1025, ACK, 250_501 + 256_001, 101)) == OUT_OF_WINDOW


def test_a_segment_without_a_session_is_stray() -> None:
    assert Box().reason(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 1, 1)) == STRAY


def test_a_syn_ack_has_to_answer_the_syn() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, SYN, 100))
    assert box.reason(tcp(OUTSIDE, 80, INSIDE, 1025, SYN | ACK, 500, 200)) == INVALID_ACK
    assert box.reason(tcp(OUTSIDE, 80, INSIDE, 1025, RST | ACK, 0, 200)) == INVALID_ACK
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, RST | ACK, 0, 101))
    assert box.states == []


def test_a_reset_ends_a_session_at_once_and_the_ports_can_be_used_again() -> None:
    box = Box()
    box.handshake()
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, RST | ACK, 501, 101))
    assert box.states == []
    box.handshake()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK | FIN, 101, 501))
    assert box.passes(tcp(OUTSIDE, 80, INSIDE, 1025, ACK | FIN, 501, 102))
    box.handshake()
    assert box.states == [State.OPEN]


def test_half_open_and_idle_sessions_end() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, SYN, 100))
    box.advance(29)
    assert box.states == [State.OPENING]
    box.advance(2)
    assert box.states == []
    box.handshake()
    box.advance(3599)
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, ACK, 101, 501, b"x"))
    box.advance(3599)
    assert box.states == [State.OPEN]
    box.advance(2)
    assert box.states == []


def test_udp_icmp_and_dns_have_timers_of_their_own() -> None:
    box = Box()
    assert box.passes(udp(INSIDE, 1025, OUTSIDE, 9999))
    assert box.passes(udp(INSIDE, 1026, OUTSIDE, 53), DNS)
    assert box.passes(icmp(INSIDE, OUTSIDE, 8))
    assert box.states == [State.OPENING] * 3
    assert box.passes(udp(OUTSIDE, 9999, INSIDE, 1025))
    assert box.passes(udp(OUTSIDE, 53, INSIDE, 1026))
    assert box.passes(icmp(OUTSIDE, INSIDE, 0))
    assert box.states == [State.OPEN] * 3
    names = []
    for wait in (6, 5, 20):
        box.advance(wait)
        names.append([each.name for each in box.inspector])
    assert names == [["udp", "icmp"], ["udp"], []]


def test_icmp_answers_and_questions() -> None:
    box = Box()
    assert box.passes(icmp(INSIDE, OUTSIDE, 8))
    assert not box.passes(icmp(OUTSIDE, INSIDE, 8))
    assert not box.passes(icmp(OUTSIDE, INSIDE, 0, identifier=8))
    assert box.reason(icmp(INSIDE, OUTSIDE, 0, identifier=9)) == POLICY
    assert box.only.ports == (8, 0)
    assert box.passes(icmp(INSIDE, OUTSIDE, 13, identifier=9))
    assert [each.ports for each in box.inspector] == [(8, 0), (13, 14)]


def test_errors_about_a_session_come_back_and_others_do_not() -> None:
    box = Box()
    question = udp(INSIDE, 1025, OUTSIDE, 9999)
    assert box.passes(question)
    assert box.passes(error(OTHER, 3, 3, question))
    assert not box.passes(error(OTHER, 3, 3, udp(INSIDE, 1026, OUTSIDE, 9999)))
    assert box.states == [State.OPENING]


def test_ftp_says_where_its_data_goes() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, SYN, 100), FTP)
    assert box.passes(tcp(OUTSIDE, 21, INSIDE, 1025, SYN | ACK, 500, 101))
    assert not box.passes(tcp(OUTSIDE, 20, INSIDE, 2050, SYN, 1))
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, ACK, 101, 501, b"PORT 10,0,0,1,8,2\r\n"))
    assert not box.passes(tcp(OTHER, 20, INSIDE, 2050, SYN, 1))
    assert box.passes(tcp(OUTSIDE, 20, INSIDE, 2050, SYN, 1))
    assert [each.name for each in box.inspector] == ["ftp", "ftp-data"]
    assert box.passes(tcp(INSIDE, 2050, OUTSIDE, 20, SYN | ACK, 9, 2))
    assert not box.passes(tcp(OUTSIDE, 21, INSIDE, 2050, SYN, 1)), "only once"


def test_ftp_may_not_open_ways_to_others_or_to_ports_of_services() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, SYN, 100), FTP)
    assert box.passes(tcp(OUTSIDE, 21, INSIDE, 1025, SYN | ACK, 500, 101))
    bad = b"PORT 10,0,0,2,8,2\r\nPORT 10,0,0,1,0,23\r\nPORT 10,0,0,1,8,999\r\n"
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, ACK, 101, 501, bad))
    assert box.inspector.pinholes == []


def test_passive_and_extended_ftp() -> None:
    box = Box()
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, SYN, 100), FTP)
    assert box.passes(tcp(OUTSIDE, 21, INSIDE, 1025, SYN | ACK, 500, 101))
    said = b"227 Entering Passive Mode (198,51,100,1,8,3)\r\n229 Extended (|||2060|)\r\n"
    assert box.passes(tcp(OUTSIDE, 21, INSIDE, 1025, ACK, 501, 101, said))
    asked = b"EPRT |1|10.0.0.1|2070|\r\nEPRT |1|10.0.0.2|2071|\r\n"
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 21, ACK, 101, 501, asked))
    assert [(str(each.destination), each.destination_port) for each in box.inspector.pinholes] == [
        ("198.51.100.1", 2051),
        ("198.51.100.1", 2060),
        ("10.0.0.1", 2070),
    ]


def test_tftp_is_answered_from_another_port_and_pinholes_go_with_their_session() -> None:
    box = Box()
    assert box.passes(udp(INSIDE, 1025, OUTSIDE, 69), TFTP)
    assert box.passes(udp(OUTSIDE, 4711, INSIDE, 1025))
    assert [each.name for each in box.inspector] == ["tftp", "tftp-data"]
    assert box.passes(udp(INSIDE, 1026, OUTSIDE, 69), TFTP)
    assert len(box.inspector.pinholes) == 1
    box.advance(60)
    assert box.inspector.pinholes == []
    assert not box.passes(udp(OUTSIDE, 4712, INSIDE, 1026))


def test_too_many_half_open_sessions_push_the_oldest_out() -> None:
    box = Box(Limits(incomplete_low=2, incomplete_high=3))
    for port in range(1025, 1030):
        assert box.passes(tcp(INSIDE, port, OUTSIDE, 80, SYN, 100))
    assert [each.ends.source_port for each in box.inspector] == [1027, 1028, 1029]
    events = box.inspector.events()
    assert [each.on for each in events if isinstance(each, Aggressive)] == [True]
    assert [each.session.ends.source_port for each in events if isinstance(each, Ended)] == [1025, 1026]
    box.advance(31)
    assert [each.on for each in box.inspector.events() if isinstance(each, Aggressive)] == [False]
    assert not box.group.aggressive


def test_too_many_in_a_minute() -> None:
    box = Box(Limits(minute_low=2, minute_high=3))
    for port in range(1025, 1030):
        box.handshake(port)
    assert box.group.aggressive
    assert len(box.inspector) == 5, "open sessions stay"
    box.advance(61)
    assert box.passes(tcp(INSIDE, 2000, OUTSIDE, 80, SYN, 100))
    assert not box.group.aggressive


def test_a_host_with_too_many_is_blocked_for_a_while() -> None:
    box = Box(Limits(host=2, block_time=1))
    assert box.passes(tcp(INSIDE, 1025, OUTSIDE, 80, SYN, 100))
    assert box.passes(tcp(INSIDE, 1026, OUTSIDE, 80, SYN, 100))
    assert box.reason(tcp(INSIDE, 1027, OUTSIDE, 80, SYN, 100)) == LIMIT
    assert len(box.inspector) == 0
    assert box.reason(tcp(INSIDE, 1028, OUTSIDE, 80, SYN, 100)) == LIMIT
    box.handshake(1029, host=OTHER)
    assert [type(each) for each in box.inspector.events() if not isinstance(each, Started | Ended)] == [
        HostFull
    ]
    box.advance(60)
    assert [type(each) for each in box.inspector.events()] == [HostFree]
    box.handshake(1030)


def test_without_a_block_time_the_oldest_to_the_host_goes() -> None:
    box = Box(Limits(host=2))
    for port in (1025, 1026, 1027):
        assert box.passes(tcp(INSIDE, port, OUTSIDE, 80, SYN, 100))
    assert [each.ends.source_port for each in box.inspector] == [1026, 1027]


def test_a_greatest_number_of_sessions() -> None:
    box = Box(Limits(sessions=1))
    box.handshake()
    assert box.reason(udp(INSIDE, 1025, OUTSIDE, 53)) == LIMIT
    assert any(isinstance(each, Full) for each in box.inspector.events())


def test_what_cannot_be_inspected() -> None:
    box = Box()
    assert box.reason(IPv4Packet(INSIDE, OUTSIDE, 50, bytes(20))) == POLICY
    assert box.reason(IPv4Packet(INSIDE, OUTSIDE, 6, bytes(10)))
    assert box.reason(IPv4Packet(INSIDE, OUTSIDE, 17, b""))
    assert len(box.inspector) == 0


def test_the_names_of_applications() -> None:
    assert runs_over("http", 6, 80)
    assert not runs_over("http", 17, 80)
    assert runs_over("udp", 17, 80)
    assert runs_over("dns", 17, 53)
    assert len(PORTS) > 150
