"""The lab of GETVPN: one line of a member is wrong."""

from __future__ import annotations

from examined import said

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load


def test_the_getvpn_lab_has_one_failure_to_find() -> None:
    lab = Lab.load("getvpn", seed=1)
    lab.boot()
    lab.advance(90)
    assert lab.examiner is not None
    lines = list(lab.examiner(lab, ""))
    assert "30 of 100 points" in lines, lines
    assert "Two members speak under the group's key, the third is outside" in lines
    assert "Processing of GDOI mode failed with peer at 10.0.3.2" in said(lab, "KS", "show logging")
    assert "GDOI_IDLE" in said(lab, "GM3", "show crypto isakmp sa")
    assert "Received = 0" in said(lab, "PC3", "ping 192.168.1.10")
    assert "RECVD_PKT_NOT_IPSEC" in said(lab, "GM1", "show logging")
    load(lab["GM3"], lab.grammar, "crypto gdoi group GETVPN\n identity number 1234\n")
    lab.advance(60)
    said(lab, "PC1", "ping 192.168.3.10")
    lines = list(lab.examiner(lab, ""))
    assert "100 of 100 points" in lines, lines
    assert "All members have the keys of the group" in lines
