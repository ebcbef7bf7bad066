"""The table of interface types, and the names that follow from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu import LabPlan, SyncLab
from iosemu.box.interface_types import (
    TYPES,
    Medium,
    interface_type,
    short_name,
    sort_key,
    split_name,
    type_of,
)
from iosemu.kinds.factory import KINDS


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("FastEthernet0/1.10", "Fa0/1.10"),
        ("GigabitEthernet1/0/24", "Gi1/0/24"),
        ("TenGigabitEthernet0/1/0", "Te0/1/0"),
        ("Serial0/0/0:15", "Se0/0/0:15"),
        ("Port-channel12", "Po12"),
        ("Virtual-Access2", "Vi2"),
        ("port0", "port0"),
    ],
)
def test_tables_abbreviate(name: str, short: str) -> None:
    assert short_name(name) == short


@given(st.sampled_from(sorted(TYPES)), st.lists(st.integers(0, 4096), min_size=1, max_size=3))
def test_a_name_says_its_type_and_numbers(kind: str, numbers: list[int]) -> None:
    name = kind + "/".join(map(str, numbers))
    assert split_name(name) == (kind, tuple(numbers))
    assert type_of(name) is TYPES[kind]
    assert split_name(f"{name}.7") == (kind, (*numbers, 7))


def test_ports_come_before_what_is_made() -> None:
    names = ["Vlan1", "Null0", "Loopback0", "Serial0/0/1", "FastEthernet0/10", "FastEthernet0/2", "Tunnel1"]
    assert sorted(names, key=sort_key) == [
        "FastEthernet0/2",
        "FastEthernet0/10",
        "Serial0/0/1",
        "Loopback0",
        "Tunnel1",
        "Null0",
        "Vlan1",
    ]


def test_abbreviations_are_unique() -> None:
    shorts = [each.short for each in TYPES.values()]
    assert len(shorts) == len(set(shorts))


def test_an_unknown_type_is_a_socket_for_ethernet() -> None:
    assert interface_type("port").medium is Medium.ETHERNET
    assert "port" not in TYPES


@pytest.mark.parametrize(
    ("model", "node"),
    [("c2911", "router"), ("catalyst-2960-24tt", "switch"), ("catalyst-3560-24ps", "l3switch")],
)
def test_what_the_parser_offers_can_be_made(model: str, node: str) -> None:
    """Each type that a kind of box offers to make is made by one of its services."""
    assert node in KINDS
    with SyncLab(LabPlan().node("B", model)) as lab:
        for kind, words in lab.lab.core.devices["B"].interface_words.items():
            if words.made is not None:
                name = f"{kind}{max(words.made[0], 5)}"
                lab["B"].configure([f"interface {name}"])
                assert name in lab.lab.core.devices["B"].interfaces
