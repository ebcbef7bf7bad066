"""How releases and models write the same settings."""

from __future__ import annotations

import pytest
from test_running_config import box, text

from iosemu.lab.resources import grammar
from iosemu.shell.loader import load

ROUTERS = ["c2811.12.4", "c2811.15.1", "c2911.15.1", "c2811.packet-tracer"]
SWITCHES = [
    "catalyst-2950-24.12.4",
    "catalyst-2960-24tt.15.1",
    "catalyst-3560-24ps.15.1",
    "catalyst-2960-24tt.packet-tracer",
]


def named(name: str):
    model, _, image = name.partition(".")
    return box(model, image, ())


def shown(name: str, typed: str) -> list[str]:
    device = named(name)
    assert load(device, grammar(), typed) == []
    first = text(device)
    again = named(name)
    assert load(again, grammar(), first) == []
    assert text(again).split("version")[1] == first.split("version")[1]
    return first.splitlines()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        *((name, "version 12.4") for name in ("c2811.12.4", "c2811.packet-tracer")),
        *((name, "version 15.1") for name in ("c2811.15.1", "c2911.15.1")),
        *((name, "version 15.0") for name in SWITCHES[1:]),
        ("catalyst-2950-24.12.4", "version 12.1"),
    ],
)
def test_the_release_is_that_of_the_software(name: str, line: str) -> None:
    assert [row for row in shown(name, "version 11.0\n") if row.startswith("version")] == [line]


@pytest.mark.parametrize(
    ("name", "typed", "line"),
    [
        *((name, "clock timezone MST -7", "clock timezone MST -7 0") for name in ("c2811.15.1", SWITCHES[1])),
        *((name, "clock timezone MST -7", "clock timezone MST -7") for name in ("c2811.12.4", *SWITCHES[::3])),
        *((name, "clock timezone IST 5 30", "clock timezone IST 5 30") for name in (*ROUTERS, *SWITCHES)),
        *((name, "ip domain-name x.y", "ip domain name x.y") for name in ROUTERS[:3]),
        *((name, "ip domain name x.y", "ip domain-name x.y") for name in (*SWITCHES, ROUTERS[3])),
        *((name, "no ip domain-lookup", "no ip domain lookup") for name in ROUTERS[:3]),
        *((name, "no ip domain lookup", "no ip domain-lookup") for name in (*SWITCHES, ROUTERS[3])),
        *((name, "logging host 10.0.0.1", "logging 10.0.0.1") for name in (*ROUTERS[:3], SWITCHES[0])),
        *((name, "logging 10.0.0.1", "logging host 10.0.0.1") for name in (*SWITCHES[1:], ROUTERS[3])),
    ],
)  # fmt: skip
def test_a_setting_in_the_words_of_the_release(name: str, typed: str, line: str) -> None:
    assert line in shown(name, typed + "\n")


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("catalyst-2960-24tt.15.1", "", []),
        ("catalyst-2960-24tt.15.1", "logging buffered 4096\n", []),
        ("catalyst-2960-24tt.15.1", "logging buffered 8192 warnings\n", ["logging buffered 8192 warnings"]),
        ("catalyst-2960-24tt.15.1", "no logging buffered\n", ["no logging buffered"]),
        ("catalyst-2960-24tt.15.1", "no logging buffered\ndefault logging buffered\n", []),
        ("c2811.15.1", "no logging buffered\n", []),
        ("c2811.15.1", "logging buffered\n", ["logging buffered 4096"]),
    ],
)
def test_the_buffer_of_the_log(name: str, typed: str, expected: list[str]) -> None:
    assert [row for row in shown(name, typed) if "logging buffered" in row] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("vlan 200,300\nvlan 20\n name servers\nvlan 100\n name VLAN100\n", "20/100/200,300"),
        ("vlan 5-7\nvlan 6\n shutdown\nvlan 8-12\n", "5/6/7-12"),
        ("vlan 2,3\n", "2,3"),
    ],
)
def test_vlans_without_settings_share_a_line(typed: str, expected: str) -> None:
    rows = shown("catalyst-2960-24tt.15.1", "vtp mode transparent\n" + typed)
    assert "/".join(row[5:] for row in rows if row.startswith("vlan ") and row[5].isdigit()) == expected


@pytest.mark.parametrize("name", [*ROUTERS, "catalyst-3560-24ps.15.1"])
def test_null0_keeps_what_is_typed(name: str) -> None:
    rows = shown(name, "interface Null0\n no ip unreachables\n")
    at = rows.index("interface Null0")
    assert rows[at : at + 3] == ["interface Null0", " no ip unreachables", "!"]
    assert rows.index("interface " + ("FastEthernet0/1" if "2911" not in name else "GigabitEthernet0/0")) > at
    assert "interface Null0" not in shown(name, "interface Null0\n no ip unreachables\n ip unreachables\n")


@pytest.mark.parametrize("line", ["line aux 0", "no ipv6 cef", "control-plane", "ip forward-protocol nd"])
def test_what_an_access_switch_does_not_have(line: str) -> None:
    assert load(named("catalyst-2960-24tt.15.1"), grammar(), line + "\n") != []
    assert load(named("c2811.15.1"), grammar(), line + "\n") == []
