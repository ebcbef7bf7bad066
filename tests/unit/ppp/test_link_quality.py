"""Link quality reports: what they count, when a link is given up, and who sends them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab.lab import Lab
from iosemu.net.ppp.quality import WINDOW, LinkQuality, Traffic
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.lqr import LENGTH, LinkQualityReport, Received, Sent

COUNTER = st.integers(0, 0xFFFFFFFF)


@given(st.binary(min_size=4, max_size=4), st.lists(COUNTER, min_size=11, max_size=11))
def test_reports_are_read_as_they_were_written(magic: bytes, numbers: list[int]) -> None:
    report = LinkQualityReport(magic, Sent(*numbers[:3]), Received(*numbers[3:8]), Sent(*numbers[8:]))
    assert LinkQualityReport.parse(report.to_bytes()) == report
    with pytest.raises(MalformedPacket):
        LinkQualityReport.parse(report.to_bytes()[: LENGTH - 1])


class End:
    """An end that counts what passes."""

    def __init__(self) -> None:
        self.quality = LinkQuality()
        self.out = self.into = 0

    def counted(self) -> Traffic:
        return Traffic(self.out, self.out * 100, self.into, self.into * 100)


def exchange(one: End, two: End, there: float, back: float, rounds: int, rng: random.Random) -> None:
    """Packets both ways, of which only a part arrives, and a report of each end."""
    for _ in range(rounds):
        for sender, taker, part in ((one, two, there), (two, one, back)):
            for _ in range(200):
                sender.out += 1
                taker.into += rng.random() < part
            report = sender.quality.report(b"\1\2\3\4", sender.counted())
            sender.out += 1
            taker.into += 1
            taker.quality.take(LinkQualityReport.parse(report.to_bytes()), taker.counted())


def test_each_end_knows_both_directions() -> None:
    one, two = End(), End()
    exchange(one, two, 0.7, 1.0, 40, random.Random(1))
    assert one.quality.settled
    assert two.quality.settled
    assert one.quality.outward == pytest.approx(70, abs=4) == two.quality.inward
    assert one.quality.inward == two.quality.outward == 100


def test_counters_that_begin_anew_are_no_loss() -> None:
    one, two = End(), End()
    exchange(one, two, 1.0, 1.0, WINDOW + 3, random.Random(2))
    one.out = one.into = 0
    exchange(one, two, 1.0, 1.0, WINDOW, random.Random(2))
    assert {one.quality.inward, one.quality.outward, two.quality.inward, two.quality.outward} == {100}


LAB = """
name: quality
nodes:
  R1: {{model: c2811, image: "15.1", modules: {{0/0: HWIC-2T}}, config: R1.cfg}}
  R2: {{model: c2811, image: "15.1", modules: {{0/0: HWIC-2T}}, config: R2.cfg}}
links:
  - endpoints: ["R1:Se0/0/0", "R2:Se0/0/0"]
{cable}
"""
CONFIG = """hostname {name}
interface Serial0/0/0
 ip address 10.0.0.{number} 255.255.255.252
 encapsulation ppp
{quality}
 no shutdown
"""


def lab(folder: Path, cable: str, one: str, two: str) -> Lab:
    (folder / "lab.yaml").write_text(LAB.format(cable=cable), "utf-8")
    for number, (name, quality) in enumerate((("R1", one), ("R2", two)), 1):
        text = CONFIG.format(name=name, number=number, quality=quality)
        (folder / f"{name}.cfg").write_text(text, "utf-8")
    made = Lab.load(folder / "lab.yaml", seed=3)
    made.boot()
    return made


def logged(lab: Lab, name: str) -> str:
    """The lines of the log."""
    return "\n".join(each.text for each in lab[name].syslog.since(0))


@pytest.mark.parametrize("two", ["", " ppp quality 90"])
def test_a_good_line_stays_and_has_reports_in_place_of_echoes(tmp_path: Path, two: str) -> None:
    made = lab(tmp_path, "", " ppp quality 80", two)
    made.advance(300.0)
    assert made["R1"].interfaces["Serial0/0/0"].protocol_up
    assert made["R2"].interfaces["Serial0/0/0"].protocol_up
    protocols = made["R1"].interfaces["Serial0/0/0"].counters.protocols
    assert logged(made, "R1").count("Serial0/0/0, changed state to down") == 0
    assert protocols


def test_a_bad_line_is_given_up(tmp_path: Path) -> None:
    made = lab(tmp_path, "    loss: 40%", " ppp quality 80", "")
    made.advance(600.0)
    assert "Line protocol on Interface Serial0/0/0, changed state to down" in logged(made, "R1")
    free = lab(tmp_path, "    loss: 10%", "", "")
    free.advance(600.0)
    assert "changed state to down" not in logged(free, "R1")
