"""Moments of a lab: kept, put back, compared, at the console as in the page."""

from __future__ import annotations

import pytest
from console_client import ConsoleClient

from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.moments import MOST, Difference
from iosemu.lab.tracing import Tracer
from iosemu.shell.loader import load


@pytest.fixture
def lab() -> Lab:
    lab = Lab.load("static-routes", seed=1)
    lab.boot()
    lab.advance(40)
    return lab


def test_what_differs_is_told_by_device_and_table(lab: Lab) -> None:
    console = ConsoleClient(lab)
    assert console.type("snapshot before the change").startswith("moment 1: before the change, ")
    assert console.type("compare 1") == "nothing differs"
    assert (
        load(lab["R1"], lab.grammar, "interface Fa0/0\nshutdown\nexit\nip route 9.0.0.0 255.0.0.0 Null0")
        == []
    )
    lab.advance(5)
    said = console.type("compare 1")
    assert "R1: configuration\n  + interface FastEthernet0/0 / shutdown\n" in said
    assert "  + ip route 9.0.0.0 255.0.0.0 Null0" in said
    assert "  - FastEthernet0/0 is up, line protocol is up" in said
    assert "  + FastEthernet0/0 is administratively down, line protocol is down" in said
    assert "  + 9.0.0.0/8 by static [1/0] via Null0" in said
    assert "cables: state\n" in said
    console.type("snapshot")
    assert [line.split()[0] for line in console.type("snapshots").splitlines()] == ["1", "2"]
    assert console.type("compare 1 2") == said
    back = console.type("compare 2 1")
    assert "  - interface FastEthernet0/0 / shutdown" in back
    assert console.type("restore 1").startswith("back at before the change, ")
    assert console.type("compare 1") == "nothing differs"
    assert lab["R1"].interfaces["FastEthernet0/0"].protocol_up


def test_what_is_learned_shows_without_its_age(lab: Lab) -> None:
    console = ConsoleClient(lab)
    console.type("snapshot")
    tracer = Tracer(lab, "PC1", "R1")
    lab.run_until(lambda: tracer.finished, 10)
    assert "PC1: ARP\n  + " in console.type("compare 1")
    console.type("snapshot")
    lab.advance(100)
    assert console.type("compare 2") == "nothing differs"


def test_moments_that_are_not_kept(lab: Lab) -> None:
    console = ConsoleClient(lab)
    for line in ("restore 1", "compare 1", "compare 1 2"):
        assert console.type(line) == "% there is no moment 1"
    for _ in range(MOST + 1):
        console.type("snapshot")
    assert console.type("compare 1") == "% there is no moment 1"
    assert len(list(lab.moments)) == MOST
    with pytest.raises(LabError):
        lab.moments.find(1)


def test_a_device_without_power_and_a_cut_cable(lab: Lab) -> None:
    console = ConsoleClient(lab)
    console.type("snapshot")
    console.type("power off R2")
    console.type("link R1:Fa0/1 down")
    said = console.type("compare 1")
    assert "R2: power\n  - on\n  + off" in said
    assert ": cut" in said


def test_a_difference_for_people() -> None:
    found = Difference("R1", "routes", ("a",), ("b", "c"))
    assert list(found.lines()) == ["R1: routes", "  - a", "  + b", "  + c"]


def test_branches_go_on_side_by_side_and_are_compared(lab: Lab) -> None:
    console = ConsoleClient(lab)
    assert console.type("branch") == "* main"
    assert console.type("branch other").startswith("on branch other, ")
    assert load(lab["R1"], lab.grammar, "ip route 9.0.0.0 255.0.0.0 Null0") == []
    lab.advance(5)
    then = lab.scheduler.now
    assert console.type("branch main").startswith("on branch main, ")
    assert load(lab["R1"], lab.grammar, "ip route 8.0.0.0 255.0.0.0 Null0") == []
    lab.advance(1)
    said = console.type("compare main other")
    assert (
        "R1: configuration\n  - ip route 8.0.0.0 255.0.0.0 Null0\n  + ip route 9.0.0.0 255.0.0.0 Null0"
        in said
    )
    assert "  + 9.0.0.0/8 by static [1/0] via Null0" in console.type("compare 1 other")
    assert console.type("branch other").startswith("on branch other, ")
    assert lab.scheduler.now == then
    lines = console.type("branch").splitlines()
    assert [line.split()[:2] for line in lines] == [["main", "moment"], ["*", "other"]]
    assert "[other] other, left for main" in console.type("snapshots")
    # what a branch goes on from outlives all other moments
    for _ in range(MOST + 3):
        for _ in lab.moments.take(""):
            pass
    assert len(list(lab.moments)) <= MOST + 1
    assert console.type("branch main").startswith("on branch main, ")
    assert "  + 8.0.0.0/8 by static [1/0] via Null0" in console.type("compare other main")
    for wrong, why in (
        ("branch main", "on branch main"),
        ("branch 7", "no number"),
        ("compare nothing", "no moment"),
    ):
        assert why in console.type(wrong)
