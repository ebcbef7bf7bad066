"""The lab of DMVPN: one line of a spoke is wrong, and the straight way is for the user to allow."""

from __future__ import annotations

from examined import said

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load


def test_the_dmvpn_lab_has_one_failure_to_find_and_a_shorter_way() -> None:
    lab = Lab.load("dmvpn-phase-3", seed=1)
    lab.boot()
    lab.advance(30)
    assert lab.examiner is not None
    lines = list(lab.examiner(lab, ""))
    assert "25 of 100 points" in lines, lines
    assert "A spoke is missing" in lines
    tunnel = "interface Tunnel0\n"
    load(lab["SP2"], lab.grammar, f"{tunnel} ip nhrp authentication CLOUD\n")
    lab.run_until(lambda: "10.0.0.12    UP" in said(lab, "HUB", "show dmvpn"), 120)
    lab.advance(30)
    lines = list(lab.examiner(lab, ""))
    assert "65 of 100 points" in lines, lines
    assert "All are registered; packets between spokes go by the hub" in lines
    load(lab["HUB"], lab.grammar, f"{tunnel} ip nhrp redirect\n")
    for each in ("SP1", "SP2", "SP3"):
        load(lab[each], lab.grammar, f"{tunnel} ip nhrp shortcut\n")
    assert " 10.0.0.1\r\n" in said(lab, "PC1", "tracert 192.168.3.10")
    lab.advance(5)
    straight = said(lab, "PC1", "tracert 192.168.3.10")
    assert " 10.0.0.13\r\n" in straight
    assert " 10.0.0.1\r\n" not in straight
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines, lines
    assert "Spokes speak with each other directly" in lines
