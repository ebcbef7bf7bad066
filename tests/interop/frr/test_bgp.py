"""R1 and FRRouting's bgpd are neighbors over a TAP device; what counts is that pings cross it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from frr_lab import joined
from frr_peer import missing

from iosemu.lab.capture import Capture

REASON = missing("bgpd")
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no FRRouting: {REASON}")

OURS = """interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
 no shutdown
router bgp {number}
 bgp router-id 1.1.1.1
 network 192.168.1.0
 neighbor 10.9.0.2 remote-as {remote}
 neighbor 10.9.0.2 timers 3 9
 neighbor 10.9.0.2 advertisement-interval 0
{lines}
"""
THEIRS = """
router bgp {number}
 bgp router-id 2.2.2.2
 no bgp ebgp-requires-policy
 neighbor 10.9.0.1 remote-as {remote}
 neighbor 10.9.0.1 timers 3 9
 neighbor 10.9.0.1 timers connect 2
 neighbor 10.9.0.1 advertisement-interval 0
 {session}
 address-family ipv4 unicast
  network 192.168.2.0/24
  {lines}
 exit-address-family
exit
"""


def ours(number: int = 65001, remote: int = 65002, lines: str = "") -> str:
    return OURS.format(number=number, remote=remote, lines=lines)


def theirs(number: int = 65002, remote: int = 65001, session: str = "", lines: str = "") -> str:
    return THEIRS.format(number=number, remote=remote, session=session, lines=lines)


def established(text: str) -> bool:
    return "BGP state = Established" in text


SESSIONS = "show ip bgp neighbors 10.9.0.2 | include BGP state"


@pytest.mark.parametrize("remote", [65002, 65001], ids=["external", "internal"])
async def test_routes_both_ways_cut_and_return(tmp_path: Path, remote: int) -> None:
    async with joined(tmp_path, ours(remote=remote), theirs(remote), "bgpd") as lab:
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        await lab.pings()
        await lab.type("interface FastEthernet0/0", "shutdown")
        await lab.until_here("show ip bgp", lambda text: "192.168.2.0" not in text)
        await lab.type("interface FastEthernet0/0", "no shutdown")
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        await lab.pings()
        found = json.loads(await lab.vtysh("show bgp ipv4 unicast 192.168.1.0/24 json"))
        assert found["paths"][0]["nexthops"][0]["ip"] == "10.9.0.1"
        assert found["paths"][0]["origin"] == "IGP"


async def test_signed_segments(tmp_path: Path) -> None:
    router = ours(lines=" neighbor 10.9.0.2 password wrong")
    async with joined(tmp_path, router, theirs(session="neighbor 10.9.0.1 password secret"), "bgpd") as lab:
        await lab.until_here("show logging", lambda text: "%TCP-6-BADAUTH: Invalid MD5 digest" in text)
        assert not established(await lab.say(SESSIONS))
        await lab.type("router bgp 65001", "neighbor 10.9.0.2 password secret")
        await lab.until_here(SESSIONS, established)


async def test_members_of_a_confederation(tmp_path: Path) -> None:
    router = ours(65101, 65102, " bgp confederation identifier 100\n bgp confederation peers 65102")
    confederation = "bgp confederation identifier 100\n bgp confederation peers 65101\n"
    maps = "route-map OUT permit 10\n set metric 44\n set local-preference 222\nexit\n"
    peer = maps + theirs(65102, 65101, confederation, "neighbor 10.9.0.1 route-map OUT out")
    async with joined(tmp_path, router, peer, "bgpd") as lab:
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        text = await lab.say("show ip bgp 192.168.2.0")
        assert "  (65102)" in text
        assert "metric 44, localpref 222, valid, confed-external, best" in text
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        found = json.loads(await lab.vtysh("show bgp ipv4 unicast 192.168.1.0/24 json"))["paths"][0]
        assert found["aspath"]["string"] == "(65101)"
        assert found["peer"]["type"] == "confed-external"
        await lab.pings()
        # Who is outside sees the confederation as one AS, and nothing of what is in it.
        await lab.type(
            "router bgp 65101", "no bgp confederation peers 65102", "neighbor 10.9.0.2 remote-as 65009"
        )
        await lab.configure_peer("no router bgp 65102\n" + theirs(65009, 100))
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        found = json.loads(await lab.vtysh("show bgp ipv4 unicast 192.168.1.0/24 json"))["paths"][0]
        assert found["aspath"]["string"] == "100"
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)


async def test_neighbors_are_active_in_the_address_family(tmp_path: Path) -> None:
    router = ours().replace(
        " bgp router-id 1.1.1.1\n", " bgp router-id 1.1.1.1\n no bgp default ipv4-unicast\n"
    )
    async with joined(tmp_path, router, theirs(), "bgpd") as lab:
        await lab.type(
            "router bgp 65001", "address-family ipv4 unicast", "neighbor 10.9.0.2 activate",
            "neighbor 10.9.0.2 next-hop-self", "exit-address-family",
        )  # fmt: skip
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        await lab.pings()
        await lab.type("router bgp 65001", "address-family ipv4", "no neighbor 10.9.0.2 activate")
        await lab.until_here("show ip bgp", lambda text: "192.168.2.0" not in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" not in text)
        assert "10.9.0.2 " not in await lab.say("show ip bgp summary")


async def test_the_wrong_as_is_refused(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(remote=65009), theirs(), "bgpd") as lab:
        text = await lab.until_here("show logging", lambda text: "%BGP-3-NOTIFICATION" in text)
        assert "2/2 (peer in wrong AS) 2 bytes FDEA" in text
        await lab.type("router bgp 65001", "neighbor 10.9.0.2 remote-as 65002")
        await lab.until_here(SESSIONS, established)
        assert "%BGP-5-ADJCHANGE: neighbor 10.9.0.2 Up" in await lab.say("show logging")


async def test_communities_filters_and_soft_resets(tmp_path: Path) -> None:
    maps = "route-map TAG permit 10\n set community 65002:7\n set metric 50\nexit\n"
    peer = maps + theirs(lines="neighbor 10.9.0.1 route-map TAG out")
    async with joined(tmp_path, ours(), peer, "bgpd") as lab:
        await lab.until_here("show ip bgp", lambda text: "192.168.2.0" in text)
        text = await lab.say("show ip bgp 192.168.2.0")
        assert "Community: 4259971079" in text
        assert "metric 50" in text
        await lab.type(
            "access-list 7 deny 192.168.2.0", "access-list 7 permit any", "router bgp 65001",
            "neighbor 10.9.0.2 distribute-list 7 in",
        )  # fmt: skip
        await lab.say("clear ip bgp * soft in")
        await lab.until_here("show ip bgp", lambda text: "192.168.2.0" not in text)
        assert established(await lab.say(SESSIONS))
        await lab.vtysh("clear bgp ipv4 unicast 10.9.0.1 soft in")
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)


async def test_far_peers_and_the_security_of_their_distance(tmp_path: Path) -> None:
    router = ours(lines=" neighbor 10.9.0.2 ttl-security hops 1")
    peer = theirs(session="neighbor 10.9.0.1 ttl-security hops 1")
    async with joined(tmp_path, router, peer, "bgpd") as lab:
        await lab.until_here(SESSIONS, established)
        await lab.configure_peer("router bgp 65002\nno neighbor 10.9.0.1 ttl-security hops 1\n")
        await lab.until_here(SESSIONS, lambda text: not established(text))


async def test_nothing_that_is_sent_is_malformed(tmp_path: Path) -> None:
    async with joined(tmp_path, ours(), theirs(), "bgpd") as lab:
        capture = Capture(lab.lab, "R1:Fa0/0")
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        (tmp_path / "bgp.pcap").write_bytes(capture.read())
        capture.close()
    if shutil.which("tshark"):
        words = ["tshark", "-r", str(tmp_path / "bgp.pcap"), "-Y", "bgp", "-V"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert said.count("Border Gateway Protocol - OPEN Message") >= 2  # both ends may call at once
        assert "UPDATE Message" in said
        assert "Malformed" not in said
        assert "[incorrect" not in said


async def test_as_numbers_of_four_octets(tmp_path: Path) -> None:
    router = ours(number=65546, remote=70000, lines=" bgp asnotation dot")
    async with joined(tmp_path, router, theirs(number=70000, remote=65546), "bgpd") as lab:
        await lab.until_here(SESSIONS, established)
        await lab.until_here("show ip bgp regexp ^1\\.4464$", lambda text: "192.168.2.0" in text)
        await lab.until_there(
            "show bgp ipv4 unicast 192.168.1.0/24 json", lambda text: '"string":"65546"' in text
        )
        await lab.pings()


async def test_a_peer_of_two_octets_knows_us_by_as_trans(tmp_path: Path) -> None:
    router = ours(
        number=65546,
        lines=" neighbor 10.9.0.2 route-map LONG out\nroute-map LONG permit 10\n set as-path prepend 70000",
    )
    # bgpd reads our capability even so, and sends none: on the wire all numbers have two octets
    peer = theirs(remote=65546, session="neighbor 10.9.0.1 dont-capability-negotiate")
    async with joined(tmp_path, router, peer, "bgpd") as lab:
        text = await lab.until_here("show ip bgp neighbors 10.9.0.2", established)
        assert "Four-octets ASN Capability: advertised\n" in text.replace("\r", "")
        await lab.until_here("show ip bgp regexp ^65002$", lambda text: "192.168.2.0" in text)
        path = await lab.until_there(
            "show bgp ipv4 unicast 192.168.1.0/24 json", lambda text: '"string"' in text
        )
        # who sent the capability is thought to need no AS4_PATH: bgpd shows what AS_PATH has
        assert '"string":"23456 23456"' in path, path
        await lab.pings()


async def test_it_calls_from_a_listen_range_and_signs(tmp_path: Path) -> None:
    lines = """ no neighbor 10.9.0.2 remote-as 65002
 neighbor CLUB peer-group
 neighbor CLUB remote-as 65002
 neighbor CLUB password secret
 neighbor CLUB advertisement-interval 0
 bgp listen range 10.9.0.0/24 peer-group CLUB
"""
    peer = theirs(session="neighbor 10.9.0.1 password secret")
    async with joined(tmp_path, ours(lines=lines), peer, "bgpd") as lab:
        await lab.until_here(
            "show ip bgp summary", lambda text: "*10.9.0.2" in text and "192.168" not in text
        )
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        await lab.pings()
        await lab.configure_peer("router bgp 65002\n neighbor 10.9.0.1 shutdown\n")
        await lab.until_here("show ip bgp summary", lambda text: "Dynamically created neighbors: 0" in text)


async def test_another_as_and_maps_of_aggregates(tmp_path: Path) -> None:
    lines = """ neighbor 10.9.0.2 local-as 65010 no-prepend replace-as
 neighbor 10.9.0.2 unsuppress-map LAN
 aggregate-address 192.168.0.0 255.255.0.0 summary-only attribute-map MED
ip prefix-list LAN permit 192.168.1.0/24
route-map LAN permit 10
 match ip address prefix-list LAN
route-map MED permit 10
 set metric 77
"""
    async with joined(tmp_path, ours(lines=lines), theirs(remote=65010), "bgpd") as lab:
        await lab.until_here("show ip route bgp", lambda text: "192.168.2.0" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.0.0/16" in text)
        await lab.until_there("show ip route bgp", lambda text: "192.168.1.0/24" in text)
        found = json.loads(await lab.vtysh("show bgp ipv4 unicast 192.168.0.0/16 json"))["paths"][0]
        assert found["aspath"]["string"] == "65010"
        assert found["metric"] == 77
        await lab.pings()
