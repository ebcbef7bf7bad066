"""Every fault of a cable as a ping sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.units import bit_rate, time_text

LAB = """
name: pair
nodes:
  A: {model: pc, config: A.cfg}
  B: {model: pc, config: B.cfg}
links:
  - endpoints: ["A:Fa0", "B:Fa0"]
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "lab.yaml").write_text(LAB)
    for name, last in (("A", 1), ("B", 2)):
        (tmp_path / f"{name}.cfg").write_text(f"ipconfig 10.0.0.{last} 255.255.255.0\n")
    lab = Lab.load(tmp_path, seed=3)
    lab.boot(settle=5)
    ping(lab)  # addresses are resolved
    return lab


def ping(lab: Lab, options: str = "") -> str:
    session = lab.session("A", rows=0)
    assert session is not None
    session.start()
    lab.clock.watch(session)
    session.receive(f"ping {options} 10.0.0.2\r".encode())
    lab.run_until(lambda: not session.waiting, 10_000)
    lab.clock.unwatch(session)
    said = session.output().decode()
    session.disconnect()
    return said


def received(said: str) -> int:
    return int(said.partition("Received = ")[2].partition(",")[0])


def test_delay_is_felt_both_ways(lab: Lab) -> None:
    lab.link("A:Fa0").impair(delay=0.0202)
    assert "time=40ms" in ping(lab)


def test_loss_loses_about_its_share(lab: Lab) -> None:
    lab.link("A:Fa0").impair(loss=0.2)
    assert 45 <= received(ping(lab, "-n 100")) <= 80
    assert lab.link("A:Fa0").counters.lost > 10


def test_all_loss_loses_all(lab: Lab) -> None:
    lab.link("A:Fa0").impair(loss=1.0)
    assert received(ping(lab)) == 0


def test_corrupt_frames_are_dropped_and_counted_by_the_receiver(lab: Lab) -> None:
    lab.link("A:Fa0").impair(corrupt=1.0)
    assert received(ping(lab)) == 0
    assert lab["B"].ports["FastEthernet0"].crc_errors > 0


def test_duplicates_arrive_twice(lab: Lab) -> None:
    counters = lab["B"].interfaces["FastEthernet0"].counters  # type: ignore[attr-defined]
    before = counters.in_packets
    lab.link("A:Fa0").impair(duplicate=1.0)
    assert received(ping(lab)) == 4
    assert counters.in_packets - before >= 8
    assert lab.link("A:Fa0").counters.duplicated >= 8


def test_jitter_varies_the_delay_and_keeps_the_order(lab: Lab) -> None:
    lab.link("A:Fa0").impair(delay=0.05, jitter=0.04)
    said = ping(lab, "-n 20")
    times = {part.partition("ms")[0] for part in said.split("time=")[1:]}
    assert len(times) > 5


def test_reordered_frames_overtake(lab: Lab) -> None:
    lab.link("A:Fa0").impair(delay=0.05, reorder=0.5)
    assert received(ping(lab, "-n 20")) == 20
    assert lab.link("A:Fa0").counters.reordered > 5


def test_rate_makes_large_frames_slow(lab: Lab) -> None:
    lab.link("A:Fa0").impair(rate=64_000)
    said = ping(lab, "-l 1000 -n 1")
    assert int(said.partition("time=")[2].partition("ms")[0]) == pytest.approx(2 * 1042 * 8 / 64, abs=5)


def test_mtu_of_a_cable_swallows_what_is_too_large(lab: Lab) -> None:
    lab.link("A:Fa0").impair(mtu=500)
    assert received(ping(lab, "-l 400")) == 4
    assert received(ping(lab, "-l 1000")) == 0
    assert lab.link("A:Fa0").counters.oversized == 4


def test_down_up_and_clear(lab: Lab) -> None:
    link = lab.link("A:Fa0")
    link.down()
    assert received(ping(lab)) == 0
    link.up()
    lab.advance(5)
    assert received(ping(lab)) == 4
    link.impair(loss=1.0)
    link.clear()
    assert received(ping(lab)) == 4


def test_faults_that_make_no_sense_are_refused(lab: Lab) -> None:
    link = lab.link("A:Fa0")
    with pytest.raises(ValueError, match="probability"):
        link.impair(loss=2.0)
    with pytest.raises(TypeError):
        link.impair(colour=1.0)
    with pytest.raises(LabError, match="has no port"):
        lab.link("A:Fa9")
    with pytest.raises(ValueError, match="not a rate"):
        bit_rate("fast")
    assert [time_text(value) for value in (5e-6, 0.02, 1.5)] == ["5us", "20ms", "1.5s"]


def test_the_same_seed_loses_the_same_frames(tmp_path: Path, lab: Lab) -> None:
    def run() -> str:
        again = Lab.load(tmp_path, seed=11)
        again.boot(settle=5)
        again.link("A:Fa0").impair(loss=0.3)
        return ping(again, "-n 20")

    assert run() == run()


def test_the_other_side_notices_power_and_cable() -> None:
    lab = Lab.load("office", seed=1)
    lab.boot()
    log = lab["R1"].syslog
    seen = log.count
    (link,) = [
        each for each in lab.links if {end.name.partition(":")[0] for end in each.ends} == {"R1", "R2"}
    ]
    name = next(end.name for end in link.ends if end.name.startswith("R1:")).partition(":")[2]

    def since() -> list[str]:
        nonlocal seen
        texts = [f"{each.mnemonic} {each.text}" for each in log.since(seen)]
        seen = log.count
        return texts

    link.down()
    lab.advance(3)
    assert since() == [
        f"UPDOWN Interface {name}, changed state to down",
        f"UPDOWN Line protocol on Interface {name}, changed state to down",
    ]
    link.up()
    lab.advance(3)
    assert since() == [
        f"UPDOWN Interface {name}, changed state to up",
        f"UPDOWN Line protocol on Interface {name}, changed state to up",
    ]
    lab.stop("R2")
    lab.advance(3)
    assert since()[0].endswith("changed state to down")
    lab.start("R2")
    lab.advance(5)
    assert since()[-1] == f"UPDOWN Line protocol on Interface {name}, changed state to up"
