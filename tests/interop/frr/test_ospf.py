"""R1 and FRRouting's ospfd are neighbors over a TAP device; what counts is that pings cross it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from frr_lab import Joined, joined
from frr_peer import TAP, missing

from iosemu.lab.capture import Capture

REASON = missing("ospfd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no FRRouting: {REASON}")

INTERFACE = """interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
 ip ospf hello-interval 1
 ip ospf dead-interval 8
 {lines}
 no shutdown
"""
PROCESS = """router ospf 1
 router-id 1.1.1.1
 timers throttle spf 50 200 1000
 passive-interface FastEthernet0/1
 network 192.168.1.0 0.0.0.255 area {lan}
 network 10.9.0.0 0.0.0.255 area {area}
"""
PEER = """
interface {tap}
 ip ospf hello-interval 1
 ip ospf dead-interval 8
 {lines}
exit
router ospf
 ospf router-id {router_id}
 timers throttle spf 50 200 1000
 network 10.9.0.0/24 area {area}
 {process}
"""


def ours(lines: str = "", area: str = "0", lan: str = "0", process: str = "") -> str:
    """R1's configuration."""
    return INTERFACE.format(lines=lines) + PROCESS.format(area=area, lan=lan) + process


def theirs(
    lines: str = "",
    area: str = "0",
    process: str = "network 192.168.2.0/24 area 0",
    router_id: str = "2.2.2.2",
) -> str:
    """FRR's."""
    return PEER.format(tap="{tap}", lines=lines, area=area, process=process, router_id=router_id)


async def adjacent(both: Joined) -> None:
    """Both say that they are fully adjacent."""
    await both.until_here("show ip ospf neighbor", lambda text: "FULL/" in text)
    await both.until_there("show ip ospf neighbor", lambda text: "Full" in text)


async def routes(both: Joined) -> None:
    """Each has the other's network."""
    await both.until_here("show ip route ospf", lambda text: "192.168.2.0" in text)
    await both.until_there("show ip route ospf", lambda text: "192.168.1.0/24" in text)


@pytest.mark.parametrize("router_id", ["2.2.2.2", "0.0.0.9"], ids=["we are the slave", "we are the master"])
async def test_neighbors_exchange_routes_and_find_each_other_again(tmp_path: Path, router_id: str) -> None:
    async with joined(tmp_path, ours(), theirs(router_id=router_id), "ospfd") as both:
        capture = Capture(both.lab, "R1:Fa0/0")
        await adjacent(both)
        await routes(both)
        await both.pings()
        shown = await both.say("show ip ospf neighbor detail")
        assert f"Neighbor {router_id}, interface address 10.9.0.2" in shown
        assert "State is FULL" in shown
        database = await both.vtysh("show ip ospf database")
        assert "1.1.1.1" in database
        await both.cut()
        await both.until_here("show ip ospf neighbor", lambda text: router_id not in text)
        await both.until_here(
            "show ip route ospf", lambda text: "192.168.2.0" not in text
        )  # after the SPF delay
        assert "Dead timer expired" in await both.say("show logging | include ADJCHG")
        await both.mend()
        await adjacent(both)
        await routes(both)
        await both.pings()
        (tmp_path / "ospf.pcap").write_bytes(capture.read())
        capture.close()
    if shutil.which("tshark"):
        said = subprocess.run(
            ["tshark", "-r", str(tmp_path / "ospf.pcap"), "-Y", "ospf", "-V"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert said.count("Open Shortest Path First") > 20
        assert "Malformed" not in said
        assert "[incorrect" not in said


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("ip ospf network point-to-point", "ip ospf network point-to-point"),
        ("ip ospf authentication\n ip ospf authentication-key sesame",
         "ip ospf authentication\n ip ospf authentication-key sesame"),
        ("ip ospf authentication message-digest\n ip ospf message-digest-key 5 md5 open sesame",
         "ip ospf authentication message-digest\n ip ospf message-digest-key 5 md5 open sesame"),
        ("ip ospf network point-to-multipoint", "ip ospf network point-to-multipoint"),
        ("ip ospf priority 0", ""),
        ("ip mtu 1400\n ip ospf mtu-ignore", "ip ospf mtu-ignore"),
    ],
    ids=["point-to-point", "password", "MD5", "point-to-multipoint", "priority 0", "MTU ignored"],
)  # fmt: skip
async def test_kinds_of_links_and_authentication(tmp_path: Path, here: str, there: str) -> None:
    if "sesame" in there and "md5" in there:
        here, there = here.replace("open ", "open-"), there.replace("open ", "open-")
    async with joined(tmp_path, ours(here), theirs(there), "ospfd") as both:
        await adjacent(both)
        await routes(both)
        await both.pings()


@pytest.mark.parametrize(
    ("here", "there", "process", "debug", "reason"),
    [
        ("ip ospf hello-interval 2", "", "", "hello", "Mismatched hello parameters from 10.9.0.2"),
        ("", "ip ospf authentication message-digest\n ip ospf message-digest-key 1 md5 x", "", "adj",
         "Mismatched Authentication type. Input packet specified type 2, we use type 0"),
        ("ip ospf authentication message-digest\n ip ospf message-digest-key 1 md5 y",
         "ip ospf authentication message-digest\n ip ospf message-digest-key 1 md5 x", "", "adj",
         "Mismatched Authentication key - ID 1"),
        ("ip ospf authentication\n ip ospf authentication-key y",
         "ip ospf authentication\n ip ospf authentication-key x", "", "adj", "Mismatched Authentication Key"),
        ("", "", "area 7 stub", "hello", "mismatched Stub/Transit area option bit"),
    ],
    ids=["hello interval", "kind of authentication", "MD5 key", "password", "stub flag"],
)  # fmt: skip
async def test_wrong_parameters_are_refused(
    tmp_path: Path, here: str, there: str, process: str, debug: str, reason: str
) -> None:
    router = ours(here, area="7", lan="7")
    peer = theirs(there, area="7", process=process or "network 192.168.2.0/24 area 7")
    async with joined(tmp_path, router, peer, "ospfd") as both:
        await both.say(f"debug ip ospf {debug}")
        await both.until_here("show logging", lambda text: reason in text)
        assert "FULL" not in await both.say("show ip ospf neighbor")
        assert "Full" not in await both.vtysh("show ip ospf neighbor")


async def test_an_area_that_is_not_ours_is_logged(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(area="1", lan="1"), theirs(area="0"), "ospfd") as both:
        text = await both.until_here("show logging", lambda text: "OSPF-4-ERRRCV" in text)
        assert "mismatched area ID from backbone area from 10.9.0.2, FastEthernet0/0" in text


async def test_a_larger_mtu_is_refused_by_the_smaller_end(tmp_path: Path) -> None:
    async with joined(tmp_path, ours("ip mtu 1400"), theirs(), "ospfd") as both:
        await both.until_here("show ip ospf neighbor", lambda text: "EXSTART/" in text)
        await both.type("interface FastEthernet0/0", "ip ospf mtu-ignore")
        await both.configure_peer(f"interface {TAP}\n ip ospf mtu-ignore")
        await adjacent(both)


async def test_a_stub_area_has_a_default_and_no_externals(tmp_path: Path) -> None:
    process = """ area 1 stub no-summary
 redistribute static subnets
ip route 172.16.0.0 255.255.0.0 Null0
"""
    peer = theirs(area="1", process="network 192.168.2.0/24 area 1\n area 1 stub")
    async with joined(tmp_path, ours(area="1", process=process), peer, "ospfd") as both:
        await adjacent(both)
        table = await both.until_there("show ip route ospf", lambda text: "0.0.0.0/0" in text)
        assert "172.16.0.0" not in table
        assert "192.168.1.0" not in table
        await both.until_here("show ip route ospf", lambda text: "192.168.2.0" in text)
        await both.pings()


async def test_what_is_imported_into_an_nssa_is_translated(tmp_path: Path) -> None:
    process = " area 1 nssa default-information-originate\n"
    peer = theirs(area="1", process="area 1 nssa\n redistribute connected metric 33 metric-type 1")
    async with joined(tmp_path, ours(area="1", process=process), peer, "ospfd") as both:
        await adjacent(both)
        await both.until_here("show ip route ospf", lambda text: "O N1" in text and "192.168.2.0" in text)
        await both.until_here("show ip ospf database external 192.168.2.0", lambda text: "Metric: 33" in text)
        await both.until_there("show ip route ospf", lambda text: "0.0.0.0/0" in text)
        await both.pings()


async def test_externals_of_both_kinds_carry_metric_and_tag(tmp_path: Path) -> None:
    process = """ redistribute static metric 70 metric-type 1 subnets tag 77
 default-information originate always metric 5
ip route 172.16.8.0 255.255.255.0 Null0
"""
    peer = theirs(process="redistribute connected metric 44 metric-type 2")
    async with joined(tmp_path, ours(process=process), peer, "ospfd") as both:
        await adjacent(both)
        text = await both.until_here("show ip route 192.168.2.0", lambda text: "extern 2" in text)
        assert 'Known via "ospf 1", distance 110, metric 44, type extern 2, forward metric 1' in text
        table = await both.until_there("show ip route ospf", lambda text: "172.16.8.0/24" in text)
        assert "[110/71]" in table or "[110/80]" in table
        assert "0.0.0.0/0" in table
        assert "77" in await both.vtysh("show ip ospf database external 172.16.8.0")
        await both.pings()


async def test_a_restart_of_the_process_is_seen_through(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(), theirs(), "ospfd") as both:
        await adjacent(both)
        await both.type("router ospf 1", "router-id 3.3.3.3")
        session = both.lab.session("R1")
        assert session is not None
        session.start()
        session.receive(b"clear ip ospf process\ryes\r")
        session.disconnect()
        await both.until_there("show ip ospf neighbor", lambda text: "3.3.3.3" in text and "Full" in text)
        await routes(both)
        await both.pings()
