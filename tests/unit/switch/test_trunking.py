"""DTP between real ports."""

from __future__ import annotations

import pytest
from switch_lab import Bench, configure, refused

from iosemu.bridging.bridge import Bridge

CASES = [
    ("dynamic auto", "dynamic auto", (False, False)),
    ("dynamic auto", "dynamic desirable", (True, True)),
    ("dynamic desirable", "dynamic desirable", (True, True)),
    ("trunk", "dynamic auto", (True, True)),
    ("trunk", "dynamic desirable", (True, True)),
    ("trunk", "trunk", (True, True)),
    ("access", "dynamic desirable", (False, False)),
    ("access", "trunk", (False, True)),
]


@pytest.mark.parametrize(("one", "other", "trunks"), CASES)
def test_outcomes(one: str, other: str, trunks: tuple[bool, bool]) -> None:
    bench = Bench()
    left = bench.switch("L", f"interface fa0/1\n switchport mode {one}")
    right = bench.switch("R", f"interface fa0/1\n switchport mode {other}")
    bench.cable(left, "Fa0/1", right, "Fa0/1")
    bench.run(10)
    assert (
        left.service(Bridge).is_trunking("FastEthernet0/1"),
        right.service(Bridge).is_trunking("FastEthernet0/1"),
    ) == trunks


def test_nonegotiate_says_nothing() -> None:
    bench = Bench()
    left = bench.switch("L", "interface fa0/1\n switchport mode trunk\n switchport nonegotiate")
    right = bench.switch("R", "interface fa0/1\n switchport mode dynamic auto")
    bench.cable(left, "Fa0/1", right, "Fa0/1")
    bench.run(60)
    assert not right.service(Bridge).is_trunking("FastEthernet0/1")


def test_a_trunk_that_is_not_renewed_ends() -> None:
    bench = Bench()
    left = bench.switch("L", "interface fa0/1\n switchport mode trunk")
    right = bench.switch("R", "interface fa0/1\n switchport mode dynamic auto")
    bench.cable(left, "Fa0/1", right, "Fa0/1")
    bench.run(60)
    assert right.service(Bridge).is_trunking("FastEthernet0/1")
    configure(left, "interface fa0/1\n switchport nonegotiate")
    bench.run(301)
    assert not right.service(Bridge).is_trunking("FastEthernet0/1")


def test_nonegotiate_conflicts_with_dynamic() -> None:
    switch = Bench().switch("SW")
    assert "Conflict between 'nonegotiate' and 'dynamic'" in refused(
        switch, "interface fa0/1\n switchport mode dynamic auto\n switchport nonegotiate"
    )
