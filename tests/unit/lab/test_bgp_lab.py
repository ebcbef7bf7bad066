"""The exercise with two autonomous systems, from addresses only to all points."""

from __future__ import annotations

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

SOLUTION = """\
router bgp 6500{here}
 neighbor 10.0.12.{there} remote-as 6500{remote}
 network 192.168.{here}.0
"""


def test_bgp_between_two_autonomous_systems() -> None:
    lab = Lab.load("bgp-two-as", seed=1)
    lab.boot()
    assert lab.examiner is not None
    assert "0 of 100 points" in list(lab.examiner(lab, ""))
    load(lab["R1"], lab.grammar, SOLUTION.format(here=1, there=2, remote=9))
    load(lab["R2"], lab.grammar, SOLUTION.format(here=2, there=1, remote=1))
    lab.scheduler.run_until(lab.scheduler.now + 120)
    assert "20 of 100 points" in list(lab.examiner(lab, ""))
    load(lab["R1"], lab.grammar, "router bgp 65001\n neighbor 10.0.12.2 remote-as 65002\n")
    lab.scheduler.run_until(lab.scheduler.now + 120)
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines
