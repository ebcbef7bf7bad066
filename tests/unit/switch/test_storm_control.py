"""Storm control: what is measured, when a storm begins and ends; ports that block what nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switch_lab import Bench, Wire, configure, full, running_config, show

from iosemu.net.storm_control import Meter, Threshold, Traffic, Unit, traffic_of
from iosemu.subjects.storm_control.config import metric, number

SOURCE = bytes.fromhex("020000000001")
BROADCAST = b"\xff" * 6 + SOURCE + b"\x08\x06" + bytes(46)
GROUP = bytes.fromhex("01005e000005") + SOURCE + b"\x08\x00" + bytes(46)
PURE_GROUP = bytes.fromhex("030000000005") + SOURCE + b"\x88\xb5" + bytes(46)
UNICAST = bytes.fromhex("020000000099") + SOURCE + b"\x88\xb5" + bytes(46)


class Storm:
    """A switch with a quiet station on Fa0/2 and one on Fa0/1 that sends what it is told."""

    def __init__(self, settings: str = "", other: str = "") -> None:
        self.bench = Bench()
        edge = " switchport mode access\n spanning-tree portfast\n"
        self.switch = self.bench.switch(
            "SW", f"interface range fa0/1 - 2\n{edge}interface fa0/1\n{settings}\ninterface fa0/2\n{other}\n"
        )
        self.loud, quiet = self.bench.pc("A", "10.0.0.1/24"), self.bench.pc("B", "10.0.0.2/24")
        self.bench.cable(self.switch, "Fa0/1", self.loud)
        self.bench.cable(self.switch, "Fa0/2", quiet)
        self.bench.run(5)
        self.before = show(self.switch, "show logging")
        self.wire = Wire(self.switch, "Fa0/2")

    def send(self, frame: bytes, count: int, seconds: float = 1.0) -> int:
        """Send frames evenly over a time; how many of them left by Fa0/2."""
        self.wire.clear()
        port = next(iter(self.loud.interfaces.values()))
        for _ in range(count):
            port.send(frame)
            self.bench.run(seconds / count)
        return self.wire.outgoing.count(frame)

    def state(self, kind: str = "broadcast") -> list[str]:
        return show(self.switch, f"show storm-control fa0/1 {kind}")[-1].split()

    def logged(self, mnemonic: str) -> int:
        """How often a message came since the bench was built: a PC asks for its own address at first."""
        return sum(
            f"-{mnemonic}:" in line for line in show(self.switch, "show logging") if line not in self.before
        )


def test_frames_over_the_threshold_are_filtered_until_the_rate_falls_below_the_lower_one() -> None:
    storm = Storm(" storm-control broadcast level pps 10 5")
    assert storm.send(BROADCAST, 8) == 8
    storm.bench.run(2)
    assert storm.send(BROADCAST, 40) == 10
    assert storm.state()[1] == "Blocking"
    assert storm.send(BROADCAST, 8) == 0, "eight a second are still more than five"
    storm.bench.run(0.1)
    assert storm.state()[-2:] == ["8", "pps"]
    assert storm.logged("FILTERED") == 1
    storm.bench.run(2)
    assert storm.state() == ["Fa0/1", "Forwarding", "10", "pps", "5", "pps", "0", "pps"]
    assert storm.send(BROADCAST, 4) == 4


@pytest.mark.parametrize(("frame", "kind"), [(GROUP, "multicast"), (UNICAST, "unicast")])
def test_each_kind_is_measured_apart(frame: bytes, kind: str) -> None:
    storm = Storm(f" storm-control {kind} level pps 5")
    assert storm.send(BROADCAST, 20) == 20
    assert storm.send(frame, 20) == 5
    assert storm.state(kind)[1] == "Blocking"


def test_a_share_of_the_bandwidth() -> None:
    """0.01 per cent of 100 Mbit/s are 10 kbit/s: fourteen frames of 84 octets with preamble and gap."""
    storm = Storm(" storm-control broadcast level 0.01")
    assert storm.send(BROADCAST, 50) == 14


def test_a_storm_closes_the_port_and_the_timer_opens_it() -> None:
    storm = Storm(" storm-control broadcast level bps 10k\n storm-control action shutdown\n")
    configure(storm.switch, "errdisable recovery cause storm-control\nerrdisable recovery interval 30\n")
    storm.send(BROADCAST, 50)
    assert storm.switch.interfaces[full("Fa0/1")].err_disabled == "storm-control"
    assert (storm.logged("SHUTDOWN"), storm.logged("FILTERED"), storm.logged("ERR_DISABLE")) == (1, 0, 1)
    storm.bench.run(35)
    assert not storm.switch.interfaces[full("Fa0/1")].err_disabled
    assert storm.send(BROADCAST, 1) == 1


def test_without_detection_the_port_only_filters() -> None:
    storm = Storm()
    configure(
        storm.switch,
        "no errdisable detect cause all\ninterface fa0/1\n storm-control broadcast level 0\n"
        " storm-control action shutdown\n",
    )
    assert storm.send(BROADCAST, 3) == 0
    assert storm.logged("FILTERED") == 1


def test_what_is_not_configured_any_more_is_not_filtered() -> None:
    storm = Storm(" storm-control broadcast level 0\n storm-control action trap\n")
    assert storm.send(BROADCAST, 3) == 0
    assert storm.logged("TRAP") == 1
    configure(
        storm.switch, "interface fa0/1\n no storm-control broadcast level\n no storm-control action trap\n"
    )
    assert storm.send(BROADCAST, 3) == 3
    assert not any("storm-control" in line for line in running_config(storm.switch))


def test_a_port_that_blocks_takes_no_flooded_frames() -> None:
    storm = Storm(other=" switchport block unicast\n switchport block multicast\n")
    assert storm.send(UNICAST, 3) == 0
    assert storm.send(PURE_GROUP, 3) == 0
    assert storm.send(GROUP, 3) == 3, "IP multicast passes"
    assert storm.send(BROADCAST, 3) == 3
    configure(storm.switch, "interface fa0/2\n no switchport block unicast\n no switchport block multicast\n")
    assert storm.send(UNICAST, 3) == 3
    assert storm.send(PURE_GROUP, 3) == 3


def test_kinds_of_frames() -> None:
    kinds = [traffic_of(frame) for frame in (BROADCAST, GROUP, UNICAST)]
    assert kinds == [Traffic.BROADCAST, Traffic.MULTICAST, Traffic.UNICAST]


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(0, 40), st.integers(0, 40))
def test_a_meter_never_lets_more_pass_than_its_threshold(seconds: list[int], one: int, other: int) -> None:
    threshold, meter = Threshold(max(one, other), min(one, other), Unit.FRAMES), Meter()
    for count in seconds:
        passed = 0
        for _ in range(count):
            meter.take(60, threshold, 1e8)
            passed += not meter.blocking
        assert passed <= threshold.upper
        meter.close(threshold, 1e8)
        assert meter.rate == count
        assert meter.blocking is False or count >= threshold.lower


@given(st.sampled_from(["0", "10", "950", "1k", "1.5m", "20k", "10g"]))
def test_rates_are_written_as_they_are_typed(text: str) -> None:
    assert metric(number(text)) == text
