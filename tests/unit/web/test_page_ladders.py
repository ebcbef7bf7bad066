"""Exchanges as the page draws them."""

from __future__ import annotations

from typing import Any

import pytest

from iosemu.lab.lab import Lab
from iosemu.lab.page.ladder import MESSAGES, MOST, Ladders
from iosemu.lab.page.tape import Tape, cookie_of
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
    assert "transform 1: R-B `crypto isakmp policy 10`: fits" in offered["notes"]
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
        in messages[0]["notes"]
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
    assert "proposal 1: R-B `crypto ikev2 proposal STRONG`: fits" in request["notes"]
    assert response["states"] == {"R-A": "IKE_SA_INIT request sent", "R-B": "IKE_SA_INIT response sent"}
    assert auth["opened"]
    assert "IDi: 10.0.10.10" in auth["notes"]
    assert "R-B: no `crypto ikev2 profile` matches the identity 10.0.10.10" in auth["notes"]
    assert "TSi: 0.0.0.0 to 255.255.255.255" in auth["notes"]
    assert "Error: AUTHENTICATION_FAILED" in refusal["notes"]
    typed(drawn.lab, "R-B", "crypto ikev2 proposal STRONG\n group 5\n encryption aes-cbc-128\n")
    line = "proposal 1: R-B `crypto ikev2 proposal STRONG`: no encryption, no group in common"
    assert line in drawn.draw("IKEv2")["messages"][0]["notes"]


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
