"""R1 and FRRouting's eigrpd are neighbours over a TAP device."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from frr_lab import Joined, joined
from frr_peer import missing

from iosemu.lab.capture import Capture

REASON = missing("eigrpd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no FRRouting: {REASON}")

OURS = """key chain K
 key 1
  key-string sesame
interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
 {lines}
 no shutdown
router eigrp 100
 passive-interface FastEthernet0/1
 network 192.168.1.0
 network 10.0.0.0
 {process}
"""
THEIRS = """
key chain K
 key 1
  key-string sesame
interface {{tap}}
 {lines}
exit
router eigrp 100
 network 10.9.0.0/24
 network 192.168.2.0/24
 {process}
exit
interface {{tap}}
 {last}
"""


def ours(lines: str = "", process: str = "no auto-summary") -> str:
    """R1's configuration."""
    return OURS.format(lines=lines, process=process)


def theirs(lines: str = "", process: str = "", last: str = "") -> str:
    """FRR's."""
    return THEIRS.format(lines=lines, process=process, last=last)


async def routes(both: Joined) -> None:
    """Each has the other's network."""
    await both.until_here("show ip route eigrp", lambda text: "192.168.2.0" in text)
    await both.until_there("show ip eigrp topology", lambda text: "192.168.1.0/24" in text)


async def test_routes_are_told_both_ways_lost_and_found(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(), theirs(), "eigrpd") as both:
        capture = Capture(both.lab, "R1:Fa0/0")
        await routes(both)
        assert "via 10.9.0.2" in await both.say("show ip route eigrp")
        assert "10.9.0.2" in await both.say("show ip eigrp neighbors")
        assert "10.9.0.1" in await both.vtysh("show ip eigrp neighbors")
        await both.pings()
        await both.cut()
        await both.until_here("show ip route eigrp", lambda text: "192.168.2.0" not in text)
        await both.mend()
        await routes(both)
        (tmp_path / "eigrp.pcap").write_bytes(capture.read())
        capture.close()
    if shutil.which("tshark"):
        said = subprocess.run(
            ["tshark", "-r", str(tmp_path / "eigrp.pcap"), "-Y", "eigrp", "-V"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert said.count("Cisco EIGRP") > 10
        assert "Malformed" not in said
        assert "[incorrect" not in said


async def test_other_k_values_are_refused(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(process="metric weights 0 1 1 1 0 0"), theirs(), "eigrpd") as both:
        await both.until_here("show logging", lambda text: "is down: K-value mismatch" in text)
        assert "10.9.0.2 " not in await both.say("show ip eigrp neighbors")


async def test_who_does_not_prove_itself_is_refused(tmp_path: Path) -> None:
    lines = "ip authentication mode eigrp 100 md5\n ip authentication key-chain eigrp 100 K"
    async with joined(tmp_path, ours(lines), theirs(), "eigrpd") as both:
        await both.say("debug eigrp packets")
        said = "ignored packet from 10.9.0.2, opcode = 5 (missing authentication)"
        await both.until_here("show logging", lambda text: said in text)
        assert "10.9.0.2 " not in await both.say("show ip eigrp neighbors")


async def test_each_believes_the_hellos_of_the_other_with_md5(tmp_path: Path) -> None:
    # eigrpd takes our hellos, and we take its; it does not acknowledge our signed updates, and why is not known
    lines = "ip authentication mode eigrp 100 md5\n ip authentication key-chain eigrp 100 K"
    async with joined(tmp_path, ours(lines), theirs(last=lines), "eigrpd") as both:
        await both.until_here("show ip eigrp neighbors", lambda text: "10.9.0.2 " in text)
        await both.until_there(
            "show ip eigrp interfaces", lambda text: re.search(r"iof\d+ +\d+ +\d+ +1 ", text) is not None
        )
