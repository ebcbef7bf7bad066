"""The one table of interface types: what they are called, and what their hardware does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from iosemu.parser.situation import TypeWords

SortKey = tuple[int, str, tuple[int, ...]]
"""What interface names sort by: place of the type among the logical ones, the type, the numbers."""


class Medium(Enum):
    """What carries the frames."""

    ETHERNET = "ethernet"
    """Frames with MAC addresses, ARP."""
    SERIAL = "serial"
    """A line to one other station."""
    VIRTUAL = "virtual"
    """Nothing: packets stay in the box, or go on in others."""


@dataclass(frozen=True, slots=True)
class InterfaceType:
    """One row of the table."""

    name: str
    short: str
    """As tables abbreviate it."""
    help: str
    """What `interface ?` says."""
    medium: Medium
    bandwidth: int
    """kbit/s of the hardware."""
    delay: int
    """Microseconds of the hardware."""
    hardware: str
    """`Hardware is …` of a router."""
    mtu: int = 1500
    """Octets."""
    encapsulation: str = "ARPA"
    """`Encapsulation …`."""
    media: str = "10/100BaseTX"
    """How a router's `show interfaces` ends the line of duplex and speed."""
    order: int = 0
    """Among all interfaces: 0 the ports, above them the logical ones by this number."""
    count: str = ""
    """`2 … interfaces` in `show version` of a router; empty: not counted."""
    subinterfaces: bool = False
    """A router divides it by VLAN tags."""
    autonegotiates: bool = False
    """It has `duplex` and `speed`."""
    switched: bool = False
    """Switching hardware is behind it, whatever box that is in."""

    @property
    def logical(self) -> bool:
        """No port of the hardware."""
        return self.order > 0


_E, _S, _V = Medium.ETHERNET, Medium.SERIAL, Medium.VIRTUAL
_T = InterfaceType
TYPES: dict[str, InterfaceType] = {
    each.name: each
    for each in (
        _T("Ethernet", "Et", "IEEE 802.3", _E, 10_000, 1000, "AmdP2", media="10BaseT", count="Ethernet",
           subinterfaces=True, autonegotiates=True),
        _T("FastEthernet", "Fa", "FastEthernet IEEE 802.3", _E, 100_000, 100, "MV96340 Ethernet",
           media="100BaseTX/FX", count="FastEthernet", subinterfaces=True, autonegotiates=True),
        _T("GigabitEthernet", "Gi", "GigabitEthernet IEEE 802.3z", _E, 1_000_000, 10, "CN Gigabit Ethernet",
           media="media type is RJ45", count="Gigabit Ethernet", subinterfaces=True, autonegotiates=True),
        _T("TwoGigabitEthernet", "Tw", "TwoGigabitEthernet IEEE 802.3z", _E, 2_500_000, 10,
           "Two and a half Gigabit Ethernet", subinterfaces=True, autonegotiates=True),
        _T("TenGigabitEthernet", "Te", "Ten Gigabit Ethernet", _E, 10_000_000, 10, "Ten Gigabit Ethernet",
           count="Ten Gigabit Ethernet", subinterfaces=True, autonegotiates=True),
        _T("TwentyFiveGigE", "Twe", "Twenty Five Gigabit Ethernet", _E, 25_000_000, 10,
           "Twenty Five Gigabit Ethernet", subinterfaces=True, autonegotiates=True),
        _T("FortyGigabitEthernet", "Fo", "Forty Gigabit Ethernet", _E, 40_000_000, 10, "Forty Gigabit Ethernet",
           subinterfaces=True, autonegotiates=True),
        _T("HundredGigE", "Hu", "Hundred Gigabit Ethernet", _E, 100_000_000, 10, "Hundred Gigabit Ethernet",
           subinterfaces=True, autonegotiates=True),
        _T("Embedded-Service-Engine", "Em", "Cisco embedded service engine module", _E, 10_000, 100,
           "Embedded Service Engine", subinterfaces=True),
        _T("Serial", "Se", "Serial", _S, 1_544, 20000, "GT96K Serial", encapsulation="HDLC",
           count="Serial(sync/async)", subinterfaces=True),
        _T("ATM", "AT", "ATM interface", _S, 155_000, 80, "ATM", mtu=4470, encapsulation="ATM", count="ATM"),
        _T("BRI", "BR", "ISDN Basic Rate Interface", _S, 64, 20000, "BRI", encapsulation="HDLC",
           count="ISDN Basic Rate"),
        _T("Async", "As", "Async interface", _S, 9, 100000, "Async Serial", encapsulation="SLIP"),
        _T("Cellular", "Ce", "Cellular WAN Async interface", _S, 50_000, 20000, "Cellular",
           encapsulation="SLIP", count="Cellular"),
        _T("Loopback", "Lo", "Loopback interface", _V, 8_000_000, 5000, "Loopback", mtu=1514,
           encapsulation="LOOPBACK", order=20),
        _T("Tunnel", "Tu", "Tunnel interface", _V, 100, 50000, "Tunnel", encapsulation="TUNNEL", order=25),
        _T("Port-channel", "Po", "Ethernet Channel of interfaces", _E, 100_000, 100, "Ethernet", order=30,
           switched=True),
        _T("Multilink", "Mu", "Multilink-group interface", _S, 100_000, 20000, "multilink group interface",
           encapsulation="PPP", order=31),
        _T("Virtual-Template", "Vt", "Virtual Template interface", _V, 100, 50000,
           "Virtual Template interface", encapsulation="TUNNEL", order=32),
        _T("Virtual-Access", "Vi", "Virtual Access interface", _V, 100, 50000,
           "Virtual Access interface", encapsulation="TUNNEL", order=33),
        _T("Dialer", "Di", "Dialer interface", _S, 56, 20000, "Unknown", encapsulation="HDLC", order=34),
        _T("BVI", "BV", "Bridge-Group Virtual Interface", _E, 10_000, 5000, "BVI", order=35),
        _T("Null", "Nu", "Null interface", _V, 10_000_000, 0, "Unknown", order=40),
        _T("Vlan", "Vl", "Catalyst Vlans", _E, 1_000_000, 10, "EtherSVI", order=45, switched=True),
    )
}  # fmt: skip
"""By canonical name, in the order of tables; the ports come first."""

NAME = re.compile(r"([A-Za-z-]+)\s*((\d+(?:/\d+)*(?::\d+)?)(?:\.(\d+))?)?$")
_RANKS = {name: f"{rank:02}" for rank, name in enumerate(TYPES)}


@cache
def interface_type(name: str) -> InterfaceType:
    """The row of a type; a name that is in no row (a sniffer's `port0`) is a socket for Ethernet."""
    return TYPES.get(name) or InterfaceType(
        name, name, f"{name} interface", Medium.ETHERNET, 100_000, 100, "Ethernet", autonegotiates=True
    )


def type_of(name: str) -> InterfaceType:
    """The row of an interface: `FastEthernet` for `FastEthernet0/1.10`."""
    return interface_type(name.rstrip("0123456789/.:"))


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, tuple[int, ...]]:
    """Type and numbers of a canonical name: `FastEthernet0/1.10` -> (`FastEthernet`, (0, 1, 10)).

    Raises ValueError when the text is no interface name.
    """
    match = NAME.match(name)
    if match is None or match[2] is None:
        raise ValueError(f"{name!r} is not an interface name")
    return match[1], tuple(int(number) for number in re.split(r"[/:.]", match[2]))


def short_name(name: str) -> str:
    """`FastEthernet0/1` -> `Fa0/1`, as IOS abbreviates in tables; other names stay as they are."""
    kind = type_of(name)
    return kind.short + name[len(kind.name) :] if kind.name in TYPES else name


@lru_cache(maxsize=4096)
def sort_key(name: str) -> SortKey:
    """Order of interfaces in running-config and shows: physical, then virtual, by number."""
    try:
        kind, numbers = split_name(name)
    except ValueError:
        return (50, name, ())
    return (interface_type(kind).order, _RANKS.get(kind, kind), numbers)


def words_for(creatable: Mapping[str, tuple[int, int]], subinterfaces: bool) -> Mapping[str, TypeWords]:
    """What the parser has to know of the types on a box.

    `creatable` are the types that its services make, with their lowest and highest number; `subinterfaces`: they
    divide ports.
    """
    return {
        each.name: TypeWords(each.help, creatable.get(each.name), each.subinterfaces and subinterfaces)
        for each in TYPES.values()
    }
