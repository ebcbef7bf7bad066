"""R1 and FRRouting's ripd tell each other routes over a TAP device."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest
from frr_lab import Joined, joined
from frr_peer import missing

from iosemu.lab.capture import Capture

REASON = missing("ripd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no FRRouting: {REASON}")

OURS = """key chain K
 key 1
  key-string sesame
interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
 {lines}
 no shutdown
router rip
 version {version}
 timers basic 2 8 8 12
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
router rip
 timers basic 5 6 5
 version {version}
 network 10.9.0.0/24
 network 192.168.2.0/24
 {process}
"""


def ours(lines: str = "", process: str = "no auto-summary", version: int = 2) -> str:
    """R1's configuration."""
    return OURS.format(lines=lines, process=process, version=version)


def theirs(lines: str = "", process: str = "", version: int = 2) -> str:
    """FRR's."""
    return THEIRS.format(lines=lines, process=process, version=version)


async def routes(both: Joined) -> None:
    """Each has the other's network."""
    await both.until_here("show ip route rip", lambda text: "192.168.2.0" in text)
    await both.until_there("show ip route rip", lambda text: "192.168.1.0/24" in text)


async def test_routes_are_told_both_ways_lost_and_found(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(), theirs(), "ripd") as both:
        capture = Capture(both.lab, "R1:Fa0/0")
        await routes(both)
        await both.pings()
        assert "[120/1] via 10.9.0.2" in await both.say("show ip route rip")
        assert "[120/2]" in await both.vtysh("show ip route rip")  # FRR counts the way to the neighbour
        await both.cut()
        await both.until_here("show ip route rip", lambda text: "possibly down" in text)
        await both.until_here("show ip route rip", lambda text: "192.168.2.0" not in text)
        # the kernel forgets the route with the link, FRR only when it grows too old
        await both.until_there("show ip route rip", lambda text: "192.168.1.0/24" not in text)
        await both.mend()
        await routes(both)
        # Linux would ask for R1 in the name of 192.168.2.1, which R1 does not answer, as IOS does not
        await asyncio.to_thread(both.peer.inside, "ping", "-c", "2", "-W", "3", "10.9.0.1", check=False)
        await both.pings()
        (tmp_path / "rip.pcap").write_bytes(capture.read())
        capture.close()
    if shutil.which("tshark"):
        said = subprocess.run(
            ["tshark", "-r", str(tmp_path / "rip.pcap"), "-Y", "rip", "-V"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert said.count("Routing Information Protocol") > 10
        assert "Malformed" not in said
        assert "[incorrect" not in said


@pytest.mark.parametrize(
    ("here", "there", "version"),
    [
        ("", "", 1),
        ("ip rip authentication key-chain K", "ip rip authentication mode text\n ip rip authentication key-chain K", 2),
        ("ip rip authentication mode md5\n ip rip authentication key-chain K",
         "ip rip authentication mode md5 auth-length rfc\n ip rip authentication key-chain K", 2),
        ("ip rip authentication mode md5\n ip rip authentication key-chain K",
         "ip rip authentication mode md5 auth-length old-ripd\n ip rip authentication key-chain K", 2),
        ("ip rip v2-broadcast", "ip rip v2-broadcast", 2),
    ],
    ids=["version 1", "text", "md5", "md5 of old implementations", "broadcast"],
)  # fmt: skip
async def test_agreed_ways_of_speaking(tmp_path: Path, here: str, there: str, version: int) -> None:
    async with joined(tmp_path, ours(here, version=version), theirs(there, version=version), "ripd") as both:
        await routes(both)
        await both.pings()


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        ("ip rip authentication mode md5\n ip rip authentication key-chain K", "",
         "ignored v2 packet from 10.9.0.2 (invalid authentication)"),
        ("ip rip receive version 1", "ip rip send version 2", "ignored v2 packet from 10.9.0.2 (illegal version)"),
    ],
    ids=["no key", "other version"],
)  # fmt: skip
async def test_what_is_not_agreed_is_refused(tmp_path: Path, here: str, there: str, said: str) -> None:
    async with joined(tmp_path, ours(here), theirs(there), "ripd") as both:
        await both.say("debug ip rip")
        await both.until_here("show logging | include ignored", lambda text: said in text)
        assert "192.168.2.0" not in await both.say("show ip route rip")


async def test_filters_and_redistribution(tmp_path: Path) -> None:
    """A static route of ours goes out with its metric; of FRR's two an access list takes one."""
    process = "redistribute static metric 5\n distribute-list 10 in\n no auto-summary\n"
    lists = "access-list 10 permit 192.168.2.0 0.0.0.255\nip route 172.20.0.0 255.255.0.0 Null0"
    there = "redistribute static\n exit\nip route 172.30.0.0/16 blackhole"
    async with joined(tmp_path, ours(process=process + lists), theirs(process=there), "ripd") as both:
        await routes(both)
        shown = await both.until_there("show ip route rip", lambda text: "172.20.0.0/16" in text)
        assert "172.20.0.0/16 [120/6]" in shown
        assert "172.30.0.0" not in await both.say("show ip route rip")
