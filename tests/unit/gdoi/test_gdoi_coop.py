"""Two key servers that co-operate: who leads, what both know, and members that lose nothing when one dies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.subjects.gdoi.service.coop import Role
from iosemu.subjects.gdoi.service.gdoi import Gdoi
from iosemu.subjects.gdoi.service.keyserver import KeyServer

LAB = Path(__file__).parents[2] / "transcripts/gdoi/coop/lab.yaml"


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load(str(LAB), seed=1)
    lab.boot(settle=0.5)
    lab["KS2"].rsa_keys["REKEY"] = lab["KS1"].rsa_keys["REKEY"]
    lab.advance(150)
    return lab


def server(lab: Lab, name: str) -> KeyServer:
    return lab[name].service(Gdoi).servers["GETVPN"]


def role(lab: Lab, name: str) -> Role:
    coop = server(lab, name).coop
    assert coop is not None
    return coop.role


def said(lab: Lab, device: str, line: str) -> str:
    session = lab.session(device, rows=0)
    assert session is not None
    lab.clock.watch(session)
    session.run(line)
    lab.run_until(lambda: not session.waiting, 6000)
    lab.clock.unwatch(session)
    return session.output().decode().replace("\r", "")


def configure(lab: Lab, device: str, text: str) -> None:
    assert not load(lab[device], lab.grammar, text)


def received(lab: Lab, count: int) -> int:
    found = re.search(r"Received = (\d+)", said(lab, "PC1", f"ping -n {count} 192.168.2.10"))
    assert found is not None
    return int(found.group(1))


def same_keys(lab: Lab) -> bool:
    one, two = server(lab, "KS1"), server(lab, "KS2")
    assert one.kek is not None
    assert two.kek is not None
    keys = [[(each.spi, each.encryption_key) for each in each_server.teks] for each_server in (one, two)]
    return keys[0] == keys[1] and one.kek.key == two.kek.key


def test_the_greater_priority_leads_and_both_have_the_keys(lab: Lab) -> None:
    assert (role(lab, "KS1"), role(lab, "KS2")) == (Role.PRIMARY, Role.SECONDARY)
    assert same_keys(lab)
    assert set(server(lab, "KS1").members) == set(server(lab, "KS2").members)
    assert len(server(lab, "KS1").members) == 2
    received(lab, 2)
    assert received(lab, 4) == 4


def test_members_lose_no_packet_while_the_primary_is_lost_and_comes_back(lab: Lab) -> None:
    received(lab, 2)
    lab.stop("KS1")
    assert received(lab, 2400) == 2400, "two lives of the keys"
    assert role(lab, "KS2") is Role.PRIMARY
    assert server(lab, "KS2").rekeys_sent >= 2
    assert all(each.missed == 0 for each in server(lab, "KS2").members.values())
    assert "GM_RE_REGISTER" not in said(lab, "GM1", "show logging")
    lab.start("KS1")
    lab["KS1"].rsa_keys["REKEY"] = lab["KS2"].rsa_keys["REKEY"]
    lab.advance(120)
    assert (role(lab, "KS1"), role(lab, "KS2")) == (Role.SECONDARY, Role.PRIMARY), "nobody takes it away"
    assert same_keys(lab)
    assert received(lab, 1000) == 1000


def test_two_that_led_while_they_were_apart_agree_again(lab: Lab) -> None:
    received(lab, 2)
    side = "interface FastEthernet0/0/1\n"
    configure(lab, "ISP", "access-list 102 deny udp any any eq 848\naccess-list 102 permit ip any any\n")
    configure(lab, "ISP", f"{side} ip access-group 102 in\n ip access-group 102 out\n")
    lab.advance(1200)
    assert (role(lab, "KS1"), role(lab, "KS2")) == (Role.PRIMARY, Role.PRIMARY)
    assert not same_keys(lab)
    configure(lab, "ISP", f"{side} no ip access-group 102 in\n no ip access-group 102 out\n")
    assert received(lab, 1000) == 1000
    assert (role(lab, "KS1"), role(lab, "KS2")) == (Role.PRIMARY, Role.SECONDARY)
    assert same_keys(lab)
    assert "COOP_KS_REACH" in said(lab, "KS2", "show logging")
    assert "Peer KS Role: Secondary" in said(lab, "KS1", "show crypto gdoi ks coop")


def test_a_primary_that_begins_anew_takes_the_keys_of_who_has_them(lab: Lab) -> None:
    received(lab, 2)
    keys = {tek.spi for tek in server(lab, "KS1").teks}
    lab.stop("KS1")
    lab.advance(5)
    lab.start("KS1")
    lab["KS1"].rsa_keys["REKEY"] = lab["KS2"].rsa_keys["REKEY"]
    lab.advance(60)
    assert (role(lab, "KS1"), role(lab, "KS2")) == (Role.SECONDARY, Role.PRIMARY)
    assert {tek.spi for tek in server(lab, "KS1").teks} == keys
    assert received(lab, 1500) == 1500


def test_a_secondary_sends_no_rekeys_and_a_stranger_is_not_believed(lab: Lab) -> None:
    assert "rekeys are sent by the primary" in said(lab, "KS2", "crypto gdoi ks rekey")
    inside = "crypto gdoi group GETVPN\n server local\n"
    peers = "   no peer address ipv4 10.0.3.2\n   peer address ipv4 10.9.9.9\n"
    configure(lab, "KS1", f"{inside}  redundancy\n{peers}")
    lab.advance(60)
    log = said(lab, "KS1", "show logging")
    assert "COOP_KS_REMOVE: 10.0.3.2 removed as COOP Key Server in group GETVPN." in log
    assert "COOP_KS_UNAUTH: Contact from unauthorized KS 10.0.3.2" in log
    configure(lab, "KS1", f"{inside}  no redundancy\n")
    lab.advance(10)
    assert server(lab, "KS1").coop is None
    assert server(lab, "KS1").leads
