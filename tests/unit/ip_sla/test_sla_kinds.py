"""Operations on the wire, and what is kept of their results."""

from __future__ import annotations

import random
from ipaddress import IPv4Address

import pytest

from iosemu.ip.path import In
from iosemu.ip.stack import IpStack
from iosemu.lab.lab import Lab
from iosemu.net.link import Direction
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.shell.loader import load_lines
from iosemu.subjects.ip_sla.config import Group, Keeping, Schedule
from iosemu.subjects.ip_sla.moments import until
from iosemu.subjects.ip_sla.records import HOUR, Records
from iosemu.subjects.ip_sla.results import OK, TIMEOUT, PathHops, Result
from iosemu.subjects.ip_sla.service import IpSla

FAR = IPv4Address("10.0.30.9")


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("tests/transcripts/ip_sla/kinds-lab.yaml", seed=1)
    lab.boot(settle=40.0)
    return lab


def run(lab: Lab, *lines: str, seconds: float = 5.0) -> None:
    assert not load_lines(lab["R1"], lab.grammar, lines)
    lab.scheduler.run_until(lab.scheduler.now + seconds)


@pytest.mark.parametrize(
    "asked",
    [
        "icmp-echo 10.0.23.3",
        "path-echo 10.0.30.9",
        "path-jitter 10.0.30.9 num-packets 3",
        "icmp-jitter 10.0.23.3",
        "udp-echo 10.0.23.3 5000",
        "udp-jitter 10.0.23.3 5000",
        "tcp-connect 10.0.23.3 22 control disable",
        "ftp get ftp://files:open@10.0.30.9/page.txt",
    ],
)
def test_packets_have_the_octet_that_was_configured(lab: Lab, asked: str) -> None:
    seen: list[IPv4Packet] = []
    port = lab["R1"].ports["GigabitEthernet0/0"]
    port.taps.append(
        lambda way, frame: (
            seen.append(IPv4Packet.parse(frame[14:], verify=False))
            if way is Direction.OUT and frame[12:14] == b"\x08\x00"
            else None
        )
    )
    run(lab, "ip sla 1", asked, "tos 184", "ip sla schedule 1 start-time now")
    assert lab["R1"].service(IpSla).runs[1].code == OK
    assert {packet.tos for packet in seen} == {184}


def test_a_lease_is_given_back(lab: Lab) -> None:
    run(lab, "ip sla 1", "dhcp", "ip sla schedule 1 start-time now")
    assert lab["R1"].service(IpSla).runs[1].code == OK
    shown = list(lab["R2"].commander("test").steps("show ip dhcp binding"))  # type: ignore[misc]
    assert not any("10.0.12.1" in str(line) for line in shown)


def test_nobody_answers_for_another_server(lab: Lab) -> None:
    run(lab, "ip sla 1", "dhcp 10.0.12.77", "ip sla schedule 1 start-time now", seconds=15.0)
    assert lab["R1"].service(IpSla).runs[1].code == TIMEOUT


def test_a_path_without_its_end_tells_the_hops(lab: Lab) -> None:
    run(lab, "ip sla 1", "path-echo 10.0.30.99", "ip sla schedule 1 start-time now", seconds=15.0)
    found = lab["R1"].service(IpSla).runs[1]
    assert found.code == TIMEOUT
    assert isinstance(found.details, PathHops)
    assert [str(address) for address, _ in found.details.hops][:2] == ["10.0.12.2", "10.0.23.3"]


def test_lost_timestamps_are_counted(lab: Lab) -> None:
    chance = random.Random(1)
    stack = lab["R2"].service(IpStack)
    stack.incoming.hook(In.FLOW, lambda transit: chance.random() > 0.3)
    run(
        lab,
        "ip sla 1",
        "icmp-jitter 10.0.23.3 num-packets 60",
        "ip sla schedule 1 start-time now",
        seconds=15.0,
    )
    details = lab["R1"].service(IpSla).runs[1].details
    assert details is not None
    lost = 60 - len(details.rtts)  # type: ignore[union-attr]
    assert lost > 5
    assert details.lost_outward.total + details.tail == lost  # type: ignore[union-attr]


def test_starts_are_spread_over_the_period() -> None:
    group = Group((3, 5, 9, 11), 20, None, Schedule(start="now"))
    assert [each.delay for each in group.schedules().values()] == [0, 5, 10, 15]
    assert {each.frequency for each in group.schedules().values()} == {20.0}


def test_an_operation_begins_every_day(lab: Lab) -> None:
    run(lab, "ip sla 1", "icmp-echo 10.0.12.2", "ip sla schedule 1 life 60 start-time now recurring")
    service = lab["R1"].service(IpSla)
    begun = service.runs[1].begun
    lab.scheduler.run_until(begun + 90)
    assert not service.runs[1].active
    lab.scheduler.run_until(begun + 86400 + 5)
    assert service.runs[1].active
    assert service.runs[1].begun == begun + 86400


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        ("now", 0.0),
        ("after 01:02:03", 3723.0),
        ("10:30", 1800.0),
        ("09:59:30", 86400 - 30.0),
        ("10:00 Jan 2", 86400.0),
        ("09:00 Jan 1", 365 * 86400 - 3600.0),
    ],
)
def test_start_times(lab: Lab, start: str, seconds: float) -> None:
    list(lab["R1"].commander("test").steps("clock set 10:00:00 1 January 2025"))  # type: ignore[misc]
    assert until(lab["R1"], start) == pytest.approx(seconds, abs=1.0)


def test_hours_and_buckets_are_bounded() -> None:
    keeping = Keeping(hours=2, distributions=2, interval=10, lives=1, buckets=3, filter="all")
    records = Records()
    records.begin(keeping)
    for number in range(9):
        began = 100.0 + number * HOUR / 2
        records.take(100.0, began, Result(OK, number * 5), keeping, False, FAR)
    assert [hour.began for hour in records.hours] == [100 + 3 * HOUR, 100 + 4 * HOUR]
    assert [number for number, _ in records.lives[0].buckets] == [7, 8, 9]
    assert [found.count for found in records.hours[0].ranges] == [0, 2]
    records.begin(keeping)
    assert not records.hours
    assert [life.number for life in records.lives] == [2]


@pytest.mark.parametrize(("kept", "count"), [("none", 0), ("failures", 1), ("overThreshold", 1), ("all", 3)])
def test_filters(kept: str, count: int) -> None:
    keeping = Keeping(lives=1, filter=kept)
    records = Records()
    records.begin(keeping)
    records.take(0.0, 0.0, Result(OK, 1), keeping, False, FAR)
    records.take(0.0, 1.0, Result(TIMEOUT), keeping, False, FAR)
    records.take(0.0, 2.0, Result(OK, 99), keeping, True, FAR)
    assert len(records.lives[0].buckets) == count
