"""The VLAN database and sets of VLAN numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MINIMUM = 1
MAXIMUM = 4094
RESERVED = range(1002, 1006)
"""FDDI and Token Ring VLANs that every Catalyst has and nobody may remove."""
NOBODY = "0.0.0.0"  # noqa: S104 - as VTP shows that no server is known
NEVER_MODIFIED = "0-0-00 00:00:00"
DEFAULT_NAMES = {
    1: "default",
    1002: "fddi-default",
    1003: "token-ring-default",
    1004: "fddinet-default",
    1005: "trnet-default",
}


PRIMARY, ISOLATED, COMMUNITY = "primary", "isolated", "community"
SECONDARIES = (ISOLATED, COMMUNITY)
"""The types of private VLANs (RFC 5517 section 2)."""


@dataclass(slots=True)
class Vlan:
    """One VLAN."""

    number: int
    name: str = ""
    suspended: bool = False
    shutdown: bool = False
    remote_span: bool = False
    mtu: int = 1500
    private: str = ""
    """`primary`, `isolated`, `community`, or it is no private VLAN."""
    associated: tuple[int, ...] = ()
    """The secondary VLANs of a primary one."""

    def __post_init__(self) -> None:
        self.associated = tuple(self.associated)
        self.name = self.name or DEFAULT_NAMES.get(self.number, f"VLAN{self.number:04}")

    @property
    def has_default_name(self) -> bool:
        """Whether `name` is the one the switch made up."""
        return self.name == DEFAULT_NAMES.get(self.number, f"VLAN{self.number:04}")


def initial_vlans() -> dict[int, Vlan]:
    """The database of a new switch."""
    return {number: Vlan(number) for number in DEFAULT_NAMES}


@dataclass
class VlanConfig:
    """The VLAN database of a switch and its VTP role."""

    vlans: dict[int, Vlan] = field(default_factory=initial_vlans)
    vtp_mode: str = "server"
    """server, client, transparent or off."""
    vtp_domain: str = ""
    revision: int = 0
    vtp_password: str = ""
    vtp_version: int = 1
    vtp_pruning: bool = False
    updater: str = NOBODY
    """The address of the server that changed the database last."""
    modified: str = NEVER_MODIFIED
    """When the database was changed last, as VTP writes it."""

    def usable(self, number: int) -> bool:
        """Whether frames may use the VLAN: it exists and is neither suspended nor shut."""
        vlan = self.vlans.get(number)
        return vlan is not None and not vlan.suspended and not vlan.shutdown

    def active(self) -> frozenset[int]:
        """The Ethernet VLANs that frames may use."""
        return frozenset(
            [
                number
                for number, vlan in self.vlans.items()
                if not vlan.suspended and not vlan.shutdown and number not in RESERVED
            ]
        )

    def ethernet(self) -> list[Vlan]:
        """Ethernet VLANs in order of number."""
        return [vlan for number, vlan in sorted(self.vlans.items()) if number not in RESERVED]


def parse_vlan_list(text: str) -> frozenset[int]:
    """Read `1,3-5,100` as the CLI takes it.

    Raises ValueError for anything that is not a list of VLAN numbers from 1 to 4094.
    """
    numbers: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise ValueError(f"bad VLAN list {text!r}")
        low, high = int(first), int(last or first)
        if not MINIMUM <= low <= high <= MAXIMUM:
            raise ValueError(f"bad VLAN list {text!r}")
        numbers.update(range(low, high + 1))
    return frozenset(numbers)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The runs of consecutive numbers, as (first, last)."""
    first = last = None
    for number in sorted(numbers):
        if last is not None and first is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last


def format_vlan_list(numbers: Iterable[int]) -> str:
    """`1,3-5,10,11`: runs of three or more numbers are written with a dash, as IOS does."""
    return ",".join(_run(low, high) for low, high in runs(numbers))


def format_ranges(numbers: Iterable[int]) -> str:
    """`1,3-5,10-11`: as spanning tree writes lists of VLANs and of instances."""
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs(numbers))


def _run(low: int, high: int) -> str:
    if low == high:
        return str(low)
    return f"{low},{high}" if high == low + 1 else f"{low}-{high}"
