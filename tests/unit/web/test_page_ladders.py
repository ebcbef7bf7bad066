"""Exchanges as the page draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.page.ladder import MESSAGES, MOST, Ladders
from iosemu.lab.page.party_states import cookie_of
from iosemu.lab.page.tape import Tape
from iosemu.shell.loader import load


def typed(lab: Lab, device: str, text: str) -> None:
    assert load(lab[device], lab.grammar, text) == []


def run(lab: Lab, device: str, command: str) -> None:
    session = lab.session(device, rows=0)
    assert session is not None
    session.run(command)
    lab.clock.watch(session)
    assert lab.run_until(lambda: not session.waiting, 300)
    lab.clock.unwatch(session)


class Drawn:
    """A lab whose cables are recorded, and what can be drawn of it."""

    def __init__(self, name: str = "ipsec-vpn") -> None:
        self.lab = Lab.load(name, seed=7)
        self.lab.boot()
        self.tape = Tape(self.lab)
        self.tape.attach()
        self.ladders = Ladders(self.lab, self.tape)

    def decode(self) -> None:
        while self.tape.poll():
            pass

    def kinds(self) -> list[str]:
        self.decode()
        return [each["kind"] for each in self.ladders.all()]

    def draw(self, kind: str) -> dict[str, Any]:
        self.decode()
        key = next(each["key"] for each in self.ladders.all() if each["kind"] == kind)
        found = self.ladders.draw(key)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def pinged() -> Drawn:
    drawn = Drawn()
    run(drawn.lab, "PC-A", "ping 192.168.2.1")
    return drawn


def test_main_and_quick_mode_step_by_step(pinged: Drawn) -> None:
    ladder = pinged.draw("IKEv1")
    assert ladder["ends"] == ["R-A", "R-B"]
    labels = [message["label"].split()[0] for message in ladder["messages"]]
    assert labels == ["MM1", "MM2", "MM3", "MM4", "MM5", "MM6", "QM1", "QM2", "QM3"]
    assert [message["from"] for message in ladder["messages"]][:4] == ["R-A", "R-B", "R-A", "R-B"]
    offered, chosen = ladder["messages"][:2]
    assert "SA offered: transform 1: AES 256, SHA, group 2, pre-shared key, 86400 s" in offered["notes"]
    assert "transform 1: R-B `crypto isakmp policy 10`: fits" in offered["verdicts"]
    assert any(note.startswith("SA chosen: transform 1") for note in chosen["notes"])
    quick = ladder["messages"][6]
    assert quick["opened"]
    assert "ID: 192.168.1.0 255.255.255.0" in quick["notes"]
    assert any("AES-CBC" in note and "HMAC-SHA" in note and "tunnel" in note for note in quick["notes"])


def test_the_states_are_those_when_a_message_was_sent(pinged: Drawn) -> None:
    messages = pinged.draw("IKEv1")["messages"]
    assert messages[0]["states"] == {"R-A": "MM_NO_STATE"}
    assert messages[1]["states"]["R-B"] == "MM_SA_SETUP"
    assert messages[5]["states"]["R-B"] == "QM_IDLE"
    assert messages[6]["states"] == {"R-A": "QM_IDLE", "R-B": "QM_IDLE"}


def test_other_exchanges_are_drawn_too(pinged: Drawn) -> None:
    kinds = pinged.kinds()
    assert {"IKEv1", "ICMP", "ARP"} <= set(kinds)
    ping = pinged.draw("ICMP")
    assert ping["ends"] == ["PC-A", "SV-B"]
    arp = pinged.draw("ARP")
    assert [message["label"].split()[0] for message in arp["messages"]] == ["Who", "192.168.2.1"] or arp[
        "ends"
    ]


def test_why_an_offer_is_refused_and_by_which_line() -> None:
    drawn = Drawn()
    typed(drawn.lab, "R-B", "crypto isakmp policy 10\n group 5\n")
    run(drawn.lab, "R-A", "debug crypto isakmp")
    run(drawn.lab, "PC-A", "ping 192.168.2.1")
    messages = drawn.draw("IKEv1")["messages"]
    assert (
        "transform 1: R-B `crypto isakmp policy 10`: Diffie-Hellman group offered does not match policy!"
        in messages[0]["verdicts"]
    )
    assert any("NO_PROPOSAL_CHOSEN" in message["label"] for message in messages)
    assert any("ISAKMP" in line for message in messages for line in message["log"])
    assert messages[0]["states"] == {"R-A": "MM_NO_STATE"}


def test_a_message_that_is_sent_again_says_so() -> None:
    drawn = Drawn()
    drawn.lab.link("Sniffer1:port1").down()
    run(drawn.lab, "PC-A", "ping 192.168.2.1")
    labels = [message["label"] for message in drawn.draw("IKEv1")["messages"]]
    assert labels[0] == "MM1  SA"
    assert labels[1:]
    assert all(label == "MM1  SA (again)" for label in labels[1:])


def test_ikev2_with_payloads_states_and_what_the_other_side_says() -> None:
    drawn = Drawn("ikev2-site-to-site")
    drawn.lab.advance(5)
    messages = drawn.draw("IKEv2")["messages"]
    assert [message["label"].partition("  ")[0] for message in messages[:4]] == [
        "IKE_SA_INIT request", "IKE_SA_INIT response", "IKE_AUTH request *", "IKE_AUTH response *",
    ]  # fmt: skip
    request, response, auth, refusal = messages[:4]
    offered = "proposal 1: IKE: encryption AES-CBC 256, PRF SHA256, integrity SHA256, group 14"
    assert f"SA offered: {offered}" in request["notes"]
    assert f"SA chosen: {offered}" in response["notes"]
    assert "proposal 1: R-B `crypto ikev2 proposal STRONG`: fits" in request["verdicts"]
    assert response["states"] == {"R-A": "IKE_SA_INIT request sent", "R-B": "IKE_SA_INIT response sent"}
    assert auth["opened"]
    assert "IDi: 10.0.10.10" in auth["notes"]
    assert "R-B: no `crypto ikev2 profile` matches the identity 10.0.10.10" in auth["verdicts"]
    assert "TSi: 0.0.0.0 to 255.255.255.255" in auth["notes"]
    assert "Error: AUTHENTICATION_FAILED" in refusal["notes"]
    typed(drawn.lab, "R-B", "crypto ikev2 proposal STRONG\n group 5\n encryption aes-cbc-128\n")
    line = "proposal 1: R-B `crypto ikev2 proposal STRONG`: no encryption, no group in common"
    assert line in drawn.draw("IKEv2")["messages"][0]["verdicts"]


def test_neighbours_of_ospf() -> None:
    drawn = Drawn("ospf-single-area")
    for name in ("R1", "R2", "R3"):
        typed(drawn.lab, name, "router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\n")
    drawn.lab.advance(60)
    drawn.decode()
    labels = []
    for each in drawn.ladders.all():
        if each["kind"] == "OSPF" and all(end.startswith("R") for end in each["ends"]):
            found = drawn.ladders.draw(each["key"])
            assert found is not None
            assert len(found["ends"]) == 2
            labels = [message["label"] for message in found["messages"]]
    assert {"Hello", "Database Description", "Link State Update", "Link State Acknowledgment"} <= set(labels)


def test_much_that_was_said_stays_small() -> None:
    drawn = Drawn()
    drawn.lab.advance(3000)
    for each in (drawn.decode(), drawn.ladders.all()):
        if each is not None:
            assert len(each) <= MOST
    for each in drawn.ladders.all():
        found = drawn.ladders.draw(each["key"])
        assert found is not None
        assert len(found["messages"]) <= MESSAGES
    assert drawn.ladders.draw("ike-0000000000000000") is None


def test_frames_that_are_cut_off_have_no_cookie() -> None:
    for frame in (
        b"",
        b"\0" * 14,
        b"\0" * 12 + b"\x08\x00",
        b"\0" * 12 + b"\x08\x00" + b"\x45" + b"\0" * 8 + b"\x11" + b"\0" * 12,
    ):
        assert cookie_of(frame) == b""


def verdicts(ladder: dict[str, Any]) -> list[str]:
    return [text for message in ladder["messages"] for text in message["verdicts"]]


def test_why_quick_mode_is_refused_and_by_which_line() -> None:
    drawn = Drawn()
    typed(drawn.lab, "R-B", "crypto ipsec transform-set TSET esp-3des esp-md5-hmac\n")
    run(drawn.lab, "PC-A", "ping 192.168.2.1")
    first = next(each for each in drawn.draw("IKEv1")["messages"] if each["label"].startswith("QM1"))
    head = "R-B `crypto map CMAP 10 ipsec-isakmp`: "
    assert first["verdicts"] == [f"{head}transform proposal not supported: `set transform-set TSET`"]
    assert any(note.startswith("SA offered") for note in first["notes"])
    assert first["after"] == {"R-A": "QM_IDLE", "R-B": "QM_IDLE"}
    # the verdict is that of the configuration as it is now
    typed(drawn.lab, "R-B", "crypto ipsec transform-set TSET esp-aes esp-sha-hmac\n")
    again = next(each for each in drawn.draw("IKEv1")["messages"] if each["label"].startswith("QM1"))
    assert again["verdicts"] == [f"{head}fits, by `set transform-set TSET` and `match address 101`"]
    typed(drawn.lab, "R-B", "no access-list 101\naccess-list 101 permit ip host 1.1.1.1 host 2.2.2.2\n")
    other = next(each for each in drawn.draw("IKEv1")["messages"] if each["label"].startswith("QM1"))
    refusal = "`match address 101` does not permit 192.168.2.0/24 to 192.168.1.0/24"
    assert other["verdicts"] == [f"{head}proxy identities not supported: {refusal}"]


def test_dhcp_by_a_relay_with_the_pool_and_the_states() -> None:
    drawn = Drawn("dhcp")
    typed(drawn.lab, "R1", "ip dhcp pool FAR\n network 192.168.2.0 255.255.255.0\n")
    typed(drawn.lab, "R1", "ip route 192.168.2.0 255.255.255.0 10.0.12.2\n")
    typed(drawn.lab, "R2", "interface FastEthernet0/0\n ip helper-address 10.0.12.1\n")
    run(drawn.lab, "PC3", "ipconfig /renew")
    drawn.decode()
    key = next(
        each["key"] for each in drawn.ladders.all() if each["kind"] == "DHCP" and "PC3" in each["ends"]
    )
    ladder = drawn.ladders.draw(key)
    assert ladder is not None
    ways = [(each["from"], each["to"], each["label"].split()[0]) for each in ladder["messages"]]
    assert ways[-8:] == [
        ("PC3", "R2", "Discover"), ("R2", "R1", "Discover"), ("R1", "R2", "Offer"), ("R2", "PC3", "Offer"),
        ("PC3", "R2", "Request"), ("R2", "R1", "Request"), ("R1", "R2", "Ack"), ("R2", "PC3", "Ack"),
    ]  # fmt: skip
    relayed, served = ladder["messages"][-8:-6]
    line = "R2 `interface FastEthernet0/0 / ip helper-address 10.0.12.1`: sent on from 192.168.2.1"
    assert relayed["verdicts"] == [line]
    assert served["verdicts"] == ["R1 `ip dhcp pool FAR`: `network 192.168.2.0/24` is around 192.168.2.1"]
    assert served["after"]["R1"].startswith("tries 192.168.2.")
    assert ladder["messages"][-1]["after"]["PC3"] == "BOUND"
    assert any(note.startswith("Parameter Request List: Subnet Mask") for note in served["notes"])


def test_ospf_to_full_and_why_not_and_a_refused_connection() -> None:
    drawn = Drawn("ospf-single-area")
    typed(drawn.lab, "R2", "interface FastEthernet0/0\n ip ospf hello-interval 5\n")
    for name in ("R1", "R2", "R3"):
        typed(drawn.lab, name, "router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\n")
    drawn.lab.advance(60)
    run(drawn.lab, "R1", "telnet 10.0.13.3 80")
    drawn.decode()
    drawings = {each["about"]: drawn.ladders.draw(each["key"]) for each in drawn.ladders.all()}
    full, refused = drawings["10.0.13.0/24"], drawings["10.0.12.0/24"]
    assert full is not None
    assert refused is not None
    assert full["messages"][0]["after"] == {"R1": "R3 INIT", "R3": "R1 INIT"}
    assert {"R1": "R3 FULL", "R3": "R1 FULL"} in [each["after"] for each in full["messages"]]
    line = "R3 `router ospf 1 / network 0.0.0.0 255.255.255.255 area 0`: area and timers fit"
    assert line in verdicts(full)
    why = "Hello Interval 10 is said, 5 is its own (`interface FastEthernet0/0 / ip ospf hello-interval 5`)"
    assert any(why in text for text in verdicts(refused))
    assert any(message["repeats"] for message in refused["messages"])
    tcp = drawn.draw("TCP")["messages"]
    assert tcp[0]["verdicts"] == ["R3: nobody listens on port 80"]
    assert tcp[0]["after"] == {"R1": "SYNSENT"}
    assert tcp[1]["after"] == {}


RING = """name: ring
nodes:
  SW1: {model: catalyst-2960-24tt, startup: "spanning-tree vlan 1 priority 4096"}
  SW2: {model: catalyst-2960-24tt}
links:
  - endpoints: ["SW1:Fa0/1", "SW2:Fa0/1"]
  - endpoints: ["SW1:Fa0/2", "SW2:Fa0/2"]
"""


def test_spanning_tree_converges_with_roles_states_and_the_root(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(RING)
    drawn = Drawn(str(tmp_path / "lab.yaml"))
    drawn.lab.link("SW1:FastEthernet0/1").down()
    drawn.lab.advance(60)
    drawn.lab.link("SW1:FastEthernet0/1").up()
    drawn.lab.advance(60)
    drawn.decode()
    found = [drawn.ladders.draw(each["key"]) for each in drawn.ladders.all() if each["about"] == "VLAN 1"]
    messages = [message for ladder in found if ladder is not None for message in ladder["messages"]]
    lines = [text for message in messages for text in message["verdicts"]]
    assert any(text.startswith("SW2: 4097 / ") and "better than its own 32769 / " in text for text in lines)
    assert "SW2 Fa0/1 is root, cost 19" in lines
    assert "SW2 Fa0/2 is alternate, cost 19" in lines
    states = {state for message in messages for state in message["after"].values()}
    assert {"Fa0/1 root LIS", "Fa0/1 root FWD", "Fa0/2 alternate BLK", "Fa0/1 designated FWD"} <= states
    assert any(message["repeats"] for message in messages)
