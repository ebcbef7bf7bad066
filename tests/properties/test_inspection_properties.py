"""Whatever comes, sessions and their counts agree, and nothing from outside begins one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.inspection.applications import FTP, TFTP
from iosemu.net.inspection.engine import Inspector
from iosemu.net.inspection.events import Ended, Started
from iosemu.net.inspection.session import Group, State
from iosemu.net.inspection.settings import Limits, Settings
from iosemu.net.rewrite import ends_of
from iosemu.packets.ipv4 import IPv4Packet
from tests.unit.firewall.inspection_packets import INSIDE, OUTSIDE, error, icmp, tcp, udp

ports = st.sampled_from([21, 69, 80, 1025, 1026])
numbers = st.sampled_from([0, 1, 100, 101, 102, 500, 501, 5000, 0xFFFFFFFF])
commands = st.sampled_from([b"", b"x", b"PORT 10,0,0,1,4,1\r\n", b"227 a (198,51,100,1,4,2)\r\n", bytes(40)])
ways = st.sampled_from([(INSIDE, OUTSIDE), (OUTSIDE, INSIDE)])
segments = st.builds(
    lambda way, near, far, flags, sequence, acknowledgment, data: tcp(
        way[0], near, way[1], far, flags, sequence, acknowledgment, data
    ),
    ways, ports, ports, st.integers(0, 63), numbers, numbers, commands,
)  # fmt: skip
datagrams = st.builds(lambda way, near, far: udp(way[0], near, way[1], far), ways, ports, ports)
messages = st.builds(
    lambda way, kind, identifier: icmp(*way, kind, identifier), ways, st.integers(0, 18), st.integers(1, 3)
)
errors = st.builds(
    lambda way, about: error(way[0], 3, 1, about), ways, st.one_of(segments, datagrams, messages)
)
cut = st.builds(
    lambda way, protocol, data: IPv4Packet(*way, protocol, data),
    ways, st.sampled_from([1, 6, 17, 50]), st.binary(max_size=24),
)  # fmt: skip
packets = st.one_of(segments, datagrams, messages, errors, cut)
few = st.none() | st.integers(1, 4)
limits = st.builds(Limits, few, few, few, few, few, st.integers(0, 2), few)


@given(st.lists(st.tuples(packets, st.floats(0, 40)), max_size=60), limits)
def test_counts_agree_and_only_the_inside_begins(steps: list[tuple[IPv4Packet, float]], most: Limits) -> None:
    inspector, group, now = Inspector(), Group("", most), 0.0
    begun = ended = 0
    for packet, wait in steps:
        now += wait
        while (due := inspector.next_timer()) is not None and due <= now:
            inspector.tick(due)
        verdict = inspector.judge(packet, now)
        if verdict is None and packet.source == INSIDE:
            ends = ends_of(packet)
            application = {21: FTP, 69: TFTP}.get(ends.destination_port, "") if ends is not None else ""
            verdict = inspector.begin(packet, now, group, Settings(), application=application)
        elif verdict is not None and verdict.began:
            assert verdict.session is not None
            assert verdict.session.application.endswith("-data"), "only what a session asked for begins so"
        events = inspector.events()
        begun += sum(isinstance(each, Started) for each in events)
        ended += sum(isinstance(each, Ended) for each in events)
        sessions = list(inspector)
        assert len(sessions) == group.total == begun - ended
        assert len(group.half_open) == sum(each.state is State.OPENING for each in sessions)
        assert sum(len(each) for each in group.hosts.values()) <= len(group.half_open)
        if most.sessions is not None:
            assert len(sessions) <= most.sessions
        if sessions:
            assert inspector.next_timer() is not None
            assert all(each.ends_at >= now for each in sessions)
    now += 10000
    while (due := inspector.next_timer()) is not None and due <= now:
        inspector.tick(due)
    assert len(inspector) == 0
    assert group.current == (0, 0, 0)
    assert inspector.pinholes == []
