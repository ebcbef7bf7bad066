"""The exercise with EIGRP, from addresses only to all points."""

from __future__ import annotations

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

KEY = """\
key chain K
 key 1
  key-string sesame
interface FastEthernet0/0
 ip authentication mode eigrp 100 md5
 ip authentication key-chain eigrp 100 K
"""
SOLUTION = """\
router eigrp 100
 network 10.0.0.0
 network 192.168.0.0 0.0.255.255
 variance 2
 {passive}
"""


def test_the_eigrp_lab_can_be_solved() -> None:
    lab = Lab.load("eigrp", seed=1)
    lab.boot()
    assert lab.examiner is not None
    assert "0 of 100 points" in list(lab.examiner(lab, ""))
    for name in ("R1", "R2", "R3"):
        passive = "passive-interface FastEthernet0/1" if name != "R3" else ""
        assert load(lab[name], lab.grammar, SOLUTION.format(passive=passive)) == []
    lab.scheduler.run_until(lab.scheduler.now + 60)
    lines = list(lab.examiner(lab, ""))
    assert "55 of 100 points" in lines, lines
    for name in ("R1", "R2"):
        assert load(lab[name], lab.grammar, KEY) == []
    load(lab["R3"], lab.grammar, "interface FastEthernet0/1\n delay 5\n")
    lab.scheduler.run_until(lab.scheduler.now + 60)
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines, lines
