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


SIGNED_HELLO = re.compile(
    rb"\x0a\x09\x00([\x01\x02])\xe0\x00\x00\x0a\x02\x05.{18}\x00\x02\x00\x28\x00\x02\x00\x10.{16}(.{16})",
    re.DOTALL,
)
"""Source, destination, EIGRP's header, and the TLV of authentication with its digest."""


async def test_both_sign_hellos_alike_with_md5(tmp_path: Path) -> None:
    # eigrpd 8.4 has no neighbour with MD5, not even its own kind: it compares the type of authentication in the
    # byte order of its machine, and drops what is signed. So the digests are compared: both cover the same octets.
    lines = "ip authentication mode eigrp 100 md5\n ip authentication key-chain eigrp 100 K"
    async with joined(tmp_path, ours(lines), theirs(last=lines), "eigrpd") as both:
        capture = Capture(both.lab, "R1:Fa0/0")
        await both.until_here("show ip eigrp neighbors", lambda text: "10.9.0.2 " in text)
        await both.until_here(
            "show ip eigrp traffic", lambda text: re.search(r"Hellos .*: [1-9]\d*/[1-9]", text) is not None
        )
        digests: dict[bytes, set[bytes]] = {}
        for source, digest in SIGNED_HELLO.findall(capture.read()):
            digests.setdefault(source, set()).add(digest)
        capture.close()
    assert sorted(digests) == [b"\x01", b"\x02"]
    assert digests[b"\x01"] == digests[b"\x02"]
    assert len(digests[b"\x01"]) == 1


async def test_signed_packets_are_taken_by_who_asks_for_no_proof(tmp_path: Path) -> None:
    lines = "ip authentication mode eigrp 100 md5\n ip authentication key-chain eigrp 100 K"
    async with joined(tmp_path, ours(), theirs(last=lines), "eigrpd") as both:
        await routes(both)
        await both.pings()
