"""A key server and three members in a lab: keys that are renewed, lost and taken away; what goes in clear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iosemu.lab.decryptor import decryptor_of
from iosemu.lab.lab import Lab
from iosemu.packets.dissect import dissect
from iosemu.shell.loader import load
from iosemu.subjects.gdoi.service.gdoi import Gdoi

LAB = Path(__file__).parents[2] / "transcripts/gdoi/lab.yaml"


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load(str(LAB), seed=1)
    lab.boot()
    lab.advance(30)
    return lab


def said(lab: Lab, device: str, line: str) -> str:
    session = lab.session(device, rows=0)
    assert session is not None
    lab.clock.watch(session)
    session.run(line)
    lab.run_until(lambda: not session.waiting, 6000)
    lab.clock.unwatch(session)
    return session.output().decode().replace("\r", "")


def received(lab: Lab, source: str, destination: str, count: int = 4) -> int:
    found = re.search(r"Received = (\d+)", said(lab, source, f"ping -n {count} {destination}"))
    assert found is not None
    return int(found.group(1))


def configure(lab: Lab, device: str, text: str) -> None:
    assert not load(lab[device], lab.grammar, text)


def log_of(lab: Lab, device: str, text: str) -> int:
    return said(lab, device, "show logging").count(text)


def test_keys_are_renewed_without_a_lost_packet(lab: Lab) -> None:
    received(lab, "PC1", "192.168.2.10")
    assert received(lab, "PC1", "192.168.2.10", 3900) == 3900
    assert log_of(lab, "GM1", "%GDOI-5-GM_RECV_REKEY") >= 4
    assert log_of(lab, "GM1", "%GDOI-4-GM_RE_REGISTER") == 0
    server = lab["KS"].service(Gdoi).servers["GETVPN"]
    assert server.kek is not None
    assert server.kek.created > 3000, "the KEK was renewed, too"
    assert all(each.missed == 0 for each in server.members.values())


def test_a_rekey_that_is_lost_is_repeated_and_a_silent_member_is_dropped(lab: Lab) -> None:
    block = "interface FastEthernet0/0/1\n ip access-group 101 out\n"
    configure(
        lab, "ISP", f"access-list 101 deny udp any any eq 848\naccess-list 101 permit ip any any\n{block}"
    )
    said(lab, "KS", "crypto gdoi ks rekey")
    lab.advance(15)
    server = lab["KS"].service(Gdoi).servers["GETVPN"]
    configure(lab, "ISP", "interface FastEthernet0/0/1\n no ip access-group 101 out\n")
    lab.advance(10)
    counts = {str(address): (each.retries, each.acknowledged) for address, each in server.members.items()}
    assert counts == {"10.0.1.2": (0, 1), "10.0.2.2": (0, 1), "10.0.3.2": (2, 1)}
    configure(lab, "ISP", block)
    for _ in range(3):
        said(lab, "KS", "crypto gdoi ks rekey")
        lab.advance(40)
    assert log_of(lab, "KS", "%GDOI-4-GM_DELETE: GM 10.0.3.2 deleted from group GETVPN.") == 1
    assert len(server.members) == 2


def test_without_a_key_server_nothing_goes_in_clear_and_members_come_back(lab: Lab) -> None:
    received(lab, "PC1", "192.168.2.10")
    lab.stop("KS")
    lab.advance(1000)
    assert received(lab, "PC1", "192.168.2.10") == 0
    assert log_of(lab, "GM1", "%GDOI-4-GM_RE_REGISTER") == 1
    assert "Registration status   : Registering" in said(lab, "GM1", "show crypto gdoi gm")
    assert "#send errors 4" in said(lab, "GM1", "show crypto ipsec sa")
    lab.start("KS")
    lab.advance(120)
    assert received(lab, "PC1", "192.168.2.10") >= 3
    assert "Registration status   : Registered" in said(lab, "GM1", "show crypto gdoi gm")


def test_a_change_of_policy_comes_with_the_next_rekey(lab: Lab) -> None:
    configure(lab, "KS", "ip access-list extended POLICY\n 5 deny icmp any any\n")
    assert log_of(lab, "KS", "%GDOI-5-POLICY_CHANGE") == 1
    assert "deny icmp any any" not in said(lab, "GM1", "show crypto gdoi gm acl")
    said(lab, "KS", "crypto gdoi ks rekey")
    lab.advance(1)
    assert "deny icmp any any" in said(lab, "GM1", "show crypto gdoi gm acl")
    before = said(lab, "GM1", "show crypto ipsec sa")
    assert received(lab, "PC1", "192.168.2.10") >= 3
    assert "#pkts encaps: 0," in before
    assert "#pkts encaps: 0," in said(lab, "GM1", "show crypto ipsec sa")


def test_addresses_are_kept_outside_and_clear_packets_refused(lab: Lab) -> None:
    received(lab, "PC1", "192.168.2.10")
    configure(lab, "GM2", "interface FastEthernet0/0\n no crypto map CM\n")
    assert log_of(lab, "GM2", "GDOI is OFF") == 1
    assert received(lab, "PC2", "192.168.1.10") == 0
    assert log_of(lab, "GM1", "%CRYPTO-4-RECVD_PKT_NOT_IPSEC") == 1
    assert "dest_addr= /192.168.1.10, src_addr= 192.168.2.10" in said(lab, "GM1", "show logging")


def test_a_member_keeps_in_clear_what_its_own_list_denies(lab: Lab) -> None:
    lines = "ip access-list extended CLEAR\n deny icmp any any\ncrypto map CM 10 gdoi\n match address CLEAR\n"
    configure(lab, "GM1", lines)
    assert received(lab, "PC1", "192.168.2.10") == 0, "the other end refuses what comes in clear"
    configure(lab, "GM2", lines)
    assert received(lab, "PC1", "192.168.2.10") >= 3
    assert "#pkts encaps: 0," in said(lab, "GM1", "show crypto ipsec sa")


def test_a_stamp_that_is_old_is_refused(lab: Lab) -> None:
    received(lab, "PC1", "192.168.2.10")
    member = lab["GM2"].service(Gdoi).members["GETVPN"]
    member._clock_offset += 20
    assert received(lab, "PC1", "192.168.2.10") == 0
    assert log_of(lab, "GM2", "%CRYPTO-4-PKT_REPLAY_ERR") == 1
    assert "Input Error Packets      : 4" in said(lab, "GM2", "show crypto gdoi gm replay")


def test_counters_tell_repetitions_of_one_sender_only(lab: Lab) -> None:
    configure(
        lab, "KS", "crypto gdoi group GETVPN\n server local\n  sa ipsec 1\n   replay counter window-size 64\n"
    )
    said(lab, "KS", "crypto gdoi ks rekey replace-now")
    lab.advance(1)
    assert received(lab, "PC1", "192.168.2.10", 200) >= 198
    assert received(lab, "PC3", "192.168.2.10") == 0, "its numbers are behind the window"


def test_the_members_of_a_server_that_has_no_rsa_keys_get_no_rekeys(lab: Lab) -> None:
    configure(
        lab, "KS", "crypto gdoi group GETVPN\n server local\n  rekey authentication mypubkey rsa NOKEY\n"
    )
    assert (
        log_of(lab, "KS", "%GDOI-1-KS_NO_RSA_KEYS: RSA Key - NOKEY : Not found, Required for group GETVPN")
        == 1
    )
    assert "rekey is not configured completely" in said(lab, "KS", "crypto gdoi ks rekey")
    said(lab, "GM1", "clear crypto gdoi\nyes")


def test_pings_of_a_full_size_are_cut_before_they_are_encrypted(lab: Lab) -> None:
    received(lab, "PC1", "192.168.2.10")
    text = said(lab, "PC1", "ping -l 1472 192.168.2.10")
    assert "Received = 4" in text
    assert "#pkts encaps: 1" in said(lab, "GM1", "show crypto ipsec sa")


def test_captures_open_pulls_rekeys_and_what_the_group_sends(lab: Lab) -> None:
    frames: list[bytes] = []
    port = lab["KS"].interfaces["FastEthernet0/0"].port
    assert port is not None
    taken = port.receiver
    assert taken is not None

    def also(frame: bytes) -> None:
        frames.append(bytes(frame))
        taken(frame)

    port.receiver = also
    said(lab, "KS", "crypto gdoi ks rekey")
    lab.advance(1)
    pushed = lab["GM1"].service(Gdoi).members["GETVPN"]._last_push
    assert pushed is not None
    clear = decryptor_of(lab).isakmp(pushed[0])
    assert clear is not None
    assert clear[:8] == bytes.fromhex("01000008") + (1).to_bytes(4, "big")
    told = [dissect(frame).summary.info for frame in frames]
    assert "GROUPKEY-PUSH-ACK" in told


@pytest.mark.parametrize("line", ["no crypto gdoi group GETVPN", "no crypto map CM", "no crypto map CM 10"])
def test_a_member_ends_with_its_configuration(lab: Lab, line: str) -> None:
    configure(lab, "GM1", f"{line}\n")
    lab.advance(1)
    assert not lab["GM1"].service(Gdoi).members
    said(lab, "GM1", "show crypto gdoi")
    said(lab, "GM1", "show crypto ipsec sa")
