"""What the page is told of a lab's state."""

from __future__ import annotations

import pytest
from test_page_ladders import run, typed

from iosemu.lab.lab import Lab
from iosemu.lab.page.state import StateReader, changes
from iosemu.lab.snapshot import Snapshot

TUNNEL = "t:R-A:R-B"


@pytest.fixture(scope="module")
def booted() -> tuple[Lab, Snapshot]:
    """One lab for all tests, with how it was after it booted."""
    found = Lab.load("ipsec-vpn", seed=7)
    found.boot()
    return found, found.snapshot()


@pytest.fixture
def lab(booted: tuple[Lab, Snapshot]) -> Lab:
    found, as_it_was = booted
    found.restore(as_it_was)
    return found


def tunnel(lab: Lab) -> str:
    facts = StateReader(lab).read().get(TUNNEL)
    return "" if facts is None else facts["state"]


def test_a_tunnel_is_up_when_both_ends_have_it(lab: Lab) -> None:
    assert tunnel(lab) == ""
    run(lab, "PC-A", "ping 192.168.2.1")
    assert tunnel(lab) == "up"
    lab.stop("R-B")
    assert tunnel(lab) == "failed"


def test_a_wrong_key_never_makes_a_tunnel(lab: Lab) -> None:
    typed(
        lab,
        "R-A",
        "no crypto isakmp key TEST1 address 10.0.10.20\ncrypto isakmp key OTHER address 10.0.10.20\n",
    )
    run(lab, "PC-A", "ping 192.168.2.1")
    assert tunnel(lab) in ("negotiating", "failed")


def test_a_peer_that_does_not_answer(lab: Lab) -> None:
    lab.link("Sniffer1:port1").down()
    run(lab, "PC-A", "ping 192.168.2.1")
    assert tunnel(lab) == "failed"


def test_spanning_tree_and_shut_down_ports_are_seen_at_the_ends_of_cables(lab: Lab) -> None:
    typed(lab, "R-A", "interface FastEthernet0/1\n shutdown\n")
    facts = StateReader(lab).read()
    number = next(at for at, link in enumerate(lab.links) if link.ends[1].name == "R-A:FastEthernet0/1")
    assert facts[f"l:{number}"]["state"] == "down"
    assert facts[f"l:{number}"]["ends"][1]["line"] == "shut"
    typed(lab, "R-A", "interface FastEthernet0/1\n no shutdown\n")
    lab.advance(3)
    assert StateReader(lab).read()[f"l:{number}"]["ends"][0]["stp"] == "LIS"
    lab.advance(40)
    assert StateReader(lab).read()[f"l:{number}"]["ends"][0] == {"line": "up", "address": "", "stp": ""}


def test_the_load_of_a_processor_is_seen_in_steps(lab: Lab) -> None:
    assert StateReader(lab).read()["d:R-A"]["load"] == 0
    counters = lab["R-A"].interfaces["FastEthernet0/0"].counters
    for _ in range(200_000):
        counters.in_load.add(lab.scheduler.now, 100)
    lab.advance(5)
    load = StateReader(lab).read()["d:R-A"]["load"]
    assert load > 0
    assert load % 5 == 0
    assert StateReader(lab).read()["d:PC-A"]["load"] == 0


def test_only_what_changed_is_told() -> None:
    before = {"d:A": {"power": True}, "l:0": {"state": "up"}, "t:A:B": {"state": "up"}}
    now = {"d:A": {"power": True}, "l:0": {"state": "cut"}}
    assert changes(before, now) == {"l:0": {"state": "cut"}, "t:A:B": None}
