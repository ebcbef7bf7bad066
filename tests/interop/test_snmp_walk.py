"""The whole tree of a router and of a switch, as net-snmp walks it: names that grow, no error, the MIBs' own types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from namespace_lab import lacking, run

from iosemu import SyncLab

PROGRAMS = lacking("snmpwalk", "snmpbulkwalk", namespaces=False)
pytestmark = pytest.mark.skipif(bool(PROGRAMS), reason=PROGRAMS)

STRING, INTEGER, OID, TICKS = "STRING", "INTEGER", "OID", "Timeticks"
C32, C64, GAUGE, ADDRESS = "Counter32", "Counter64", "Gauge32", "IpAddress"
MIB_2 = "1.3.6.1.2.1"
CISCO = "1.3.6.1.4.1.9"


def columns(base: str, **types: str) -> dict[str, str]:
    """`_1_2="INTEGER"`: a range of last numbers, and the type of each."""
    found = {}
    for numbers, kind in types.items():
        first, *last = (int(number) for number in numbers.strip("_").split("_"))
        for number in range(first, (last[0] if last else first) + 1):
            found[f"{base}.{number}"] = kind
    return found


SYNTAX = {
    # RFC 3418
    **columns(f"{MIB_2}.1", _1=STRING, _2=OID, _3=TICKS, _4_6=STRING, _7=INTEGER, _8=TICKS),
    **columns(f"{MIB_2}.11", _1_29=C32, _30=INTEGER, _31_32=C32),
    # RFC 2863
    **columns(f"{MIB_2}.2", _1=INTEGER),
    **columns(
        f"{MIB_2}.2.2.1", _1=INTEGER, _2=STRING, _3_4=INTEGER, _5=GAUGE, _6=STRING, _7_8=INTEGER, _9=TICKS
    ),
    **columns(f"{MIB_2}.2.2.1", _10_20=C32, _21=GAUGE, _22=OID),
    **columns(f"{MIB_2}.31.1.1.1", _1=STRING, _2_5=C32, _6_13=C64, _14=INTEGER, _15=GAUGE, _16_17=INTEGER),
    **columns(f"{MIB_2}.31.1.1.1", _18=STRING, _19=TICKS),
    # RFC 2011, RFC 2096, RFC 2013
    **columns(f"{MIB_2}.4", _1_2=INTEGER, _3_12=C32, _13=INTEGER, _14_19=C32),
    **columns(f"{MIB_2}.4.20.1", _1=ADDRESS, _2=INTEGER, _3=ADDRESS, _4_5=INTEGER),
    **columns(f"{MIB_2}.4.21.1", _1=ADDRESS, _2_6=INTEGER, _7=ADDRESS, _8_10=INTEGER, _11=ADDRESS, _13=OID),
    **columns(f"{MIB_2}.4.22.1", _1=INTEGER, _2=STRING, _3=ADDRESS, _4=INTEGER),
    **columns(f"{MIB_2}.4.24", _3=GAUGE),
    **columns(
        f"{MIB_2}.4.24.4.1", _1_2=ADDRESS, _3=INTEGER, _4=ADDRESS, _5_8=INTEGER, _9=OID, _10_16=INTEGER
    ),
    **columns(f"{MIB_2}.7", _1_4=C32),
    **columns(f"{MIB_2}.7.5.1", _1=ADDRESS, _2=INTEGER),
    # RFC 4188
    **columns(f"{MIB_2}.17.1", _1=STRING, _2_3=INTEGER),
    **columns(f"{MIB_2}.17.1.4.1", _1_2=INTEGER, _3=OID, _4_5=C32),
    **columns(f"{MIB_2}.17.2", _1_2=INTEGER, _3=TICKS, _4=C32, _5=STRING, _6_14=INTEGER),
    **columns(f"{MIB_2}.17.2.15.1", _1_5=INTEGER, _6=STRING, _7=INTEGER, _8_9=STRING, _10=C32),
    **columns(f"{MIB_2}.17.4", _1=C32, _2=INTEGER),
    **columns(f"{MIB_2}.17.4.3.1", _1=STRING, _2_3=INTEGER),
    # RFC 6933
    **columns(f"{MIB_2}.47.1.1.1.1", _2=STRING, _3=OID, _4_6=INTEGER, _7_15=STRING, _16=INTEGER),
    **columns(f"{MIB_2}.47.1.3.2.1", _2=OID),
    **columns(f"{MIB_2}.47.1.4", _1=TICKS),
    # OLD-CISCO-CPU-MIB, CISCO-CDP-MIB, CISCO-MEMORY-POOL-MIB, CISCO-PROCESS-MIB, CISCO-HSRP-MIB
    **columns(f"{CISCO}.2.1", _3=STRING, _56_58=INTEGER),
    **columns(f"{CISCO}.9.23.1.2.1.1", _3=INTEGER, _4_10=STRING, _11_12=INTEGER),
    **columns(f"{CISCO}.9.23.1.3", _1_3=INTEGER, _4=STRING),
    **columns(f"{CISCO}.9.48.1.1.1", _2=STRING, _3_4=INTEGER, _5_7=GAUGE),
    **columns(f"{CISCO}.9.109.1.1.1.1", _2=INTEGER, _3_8=GAUGE),
    **columns(f"{CISCO}.9.106.1.1", _1=GAUGE),
    **columns(f"{CISCO}.9.106.1.2.1.1", _2=STRING, _3=GAUGE, _4=INTEGER, _5=GAUGE, _6=INTEGER, _7_10=GAUGE),
    **columns(f"{CISCO}.9.106.1.2.1.1", _11=ADDRESS, _12=INTEGER, _13_14=ADDRESS, _15=INTEGER, _16=STRING),
    **columns(f"{CISCO}.9.106.1.2.1.1", _17=INTEGER),
    # CISCO-IPSEC-FLOW-MONITOR-MIB
    **columns(f"{CISCO}.9.171.1.1", _1=INTEGER),
    **columns(f"{CISCO}.9.171.1.2.1", _1=GAUGE, _2_20=C32),
    **columns(f"{CISCO}.9.171.1.3.1", _1=GAUGE, _2_3=C32, _4=C64, _5_16=C32, _17=C64, _18_26=C32),
}
SAME = {"Hex-STRING": STRING, '""': STRING}
ROUTER = """hostname R1
snmp-server community public RO
snmp-server location rack 7
interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.254
 standby 7 ip 10.0.0.253
 no shutdown
interface Loopback0
 ip address 10.9.9.9 255.255.255.255
ip route 10.8.0.0 255.255.0.0 10.0.0.2
router ospf 1
 network 10.0.0.0 0.255.255.255 area 0
crypto isakmp policy 10
 authentication pre-share
"""
SWITCH = """hostname SW
snmp-server community public RO
interface Vlan1
 ip address 10.0.0.2 255.255.255.0
 no shutdown
vlan 10
"""
LAB = """name: walk
management: {snmp: 20461}
nodes:
  R1: {model: c2811, config: R1.cfg}
  SW: {model: catalyst-3560-24ps, config: SW.cfg}
links:
  - endpoints: ["R1:Fa0/0", "SW:Fa0/1"]
"""


@pytest.fixture
def lab(tmp_path: Path, lab_factory: Callable[..., SyncLab]) -> SyncLab:
    folder = tmp_path
    (folder / "R1.cfg").write_text(f"{ROUTER}end\n")
    (folder / "SW.cfg").write_text(f"{SWITCH}end\n")
    (folder / "lab.yaml").write_text(LAB)
    made = lab_factory(str(folder / "lab.yaml"))
    made.advance(90)
    return made


def walked(lab: SyncLab, name: str, *words: str) -> list[tuple[tuple[int, ...], str]]:
    """All names below iso, with the types that net-snmp saw."""
    host, port = lab.snmp_address(name)
    done = run(*words, "-m", "", "-M", "", "-On", "-Oe", "-t", "10", "-c", "public", f"{host}:{port}", "1.3")
    assert not done.returncode, done.stderr
    found = []
    for line in done.stdout.splitlines():
        name_, equals, value = line.partition(" = ")
        if not equals or not name_.startswith(".1."):
            continue  # a text of several lines goes on
        if value.startswith("No more variables left"):
            continue  # the end, with the last name again
        kind = value.partition(":")[0] if value != '""' else value
        found.append((tuple(map(int, name_[1:].split("."))), SAME.get(kind, kind)))
    return found


def wrong(found: list[tuple[tuple[int, ...], str]]) -> list[tuple[str, str, str | None]]:
    """Names that no MIB has here, and those of another type."""
    bad = []
    for each, kind in found:
        place = ".".join(map(str, each))
        ends = [end for end, letter in enumerate(place) if letter == "."]
        column = next((place[:end] for end in reversed(ends) if place[:end] in SYNTAX), None)
        if column is None or SYNTAX[column] != kind:
            bad.append((place, kind, SYNTAX.get(column or "")))
    return bad


def test_names_grow_and_types_are_those_of_the_mibs(lab: SyncLab) -> None:
    for name in ("R1", "SW"):
        first = walked(lab, name, "snmpwalk", "-v", "2c")
        assert len(first) > 300
        for found in (
            first,
            walked(lab, name, "snmpwalk", "-v", "1"),
            walked(lab, name, "snmpbulkwalk", "-v", "2c", "-Cr50"),
        ):
            names = [each for each, _kind in found]
            assert names == sorted(set(names)), "a walk that does not end"
            assert not wrong(found)
            without = [each for each, kind in first if kind != C64]
            assert names in (without, [each for each, _kind in first]), (
                "the same in each way, but for 64 bits"
            )
    host, port = lab.snmp_address("R1")
    groups = run(
        *("snmpwalk", "-v", "2c", "-m", "", "-M", "", "-On", "-c", "public", f"{host}:{port}"),
        f"{CISCO}.9.106.1.2.1.1",
    ).stdout
    assert f".{CISCO}.9.106.1.2.1.1.15.1.1 = INTEGER: 6" in groups
    assert f".{CISCO}.9.106.1.2.1.1.11.1.7 = IpAddress: 10.0.0.253" in groups
    assert f".{CISCO}.9.106.1.2.1.1.16.1.7 = Hex-STRING: 00 00 0C 07 AC 07" in groups
