"""Areas: `area A …`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.passwords import Password
from iosemu.routing.ospf import AreaKind


@dataclass(frozen=True, slots=True)
class AreaId:
    """An area as it was typed: `1` and `0.0.0.1` are one area."""

    number: int
    dotted: bool = field(default=False, compare=False)

    @classmethod
    def from_parts(cls, number: int | None = None, address: IPv4Address | None = None) -> AreaId:
        """As typed: a number or an address."""
        return cls(int(address), True) if address is not None else cls(number or 0)

    def parts(self) -> dict[str, int | IPv4Address]:
        """What is typed for it."""
        return {"address": IPv4Address(self.number)} if self.dotted else {"number": self.number}

    def __str__(self) -> str:
        return str(IPv4Address(self.number)) if self.dotted else str(self.number)


@dataclass(frozen=True)
class OspfKeys:
    """What signs packets: the type, a password, and keys by ID, the one that was typed last at the end."""

    type: str | None = None
    """`null`, `simple`, `message-digest`; None: that of the area."""
    password: Password | None = None
    keys: tuple[tuple[int, Password], ...] = ()

    def with_key(self, number: int, key: Password | None) -> OspfKeys:
        """The same with a key more, or with one less."""
        rest = tuple(each for each in self.keys if each[0] != number)
        return OspfKeys(self.type, self.password, rest if key is None else (*rest, (number, key)))


NO_KEYS = OspfKeys()


@dataclass(frozen=True)
class Range:
    """`area A range P M [advertise | not-advertise] [cost C]`."""

    advertise: bool = True
    cost: int | None = None


@dataclass(frozen=True)
class VirtualLink:
    """`area A virtual-link ROUTER …`; seconds."""

    hello: int = 10
    dead: int | None = None
    retransmit: int = 5
    transmit_delay: int = 1
    keys: OspfKeys = NO_KEYS


@dataclass(frozen=True)
class Nssa:
    """What follows `area A nssa`."""

    no_redistribution: bool = False
    no_summary: bool = False
    default: bool = False
    metric: int | None = None
    metric_type: int | None = None
    translate_always: bool = False
    suppress_forwarding: bool = False

    def words(self) -> str:
        """As the running configuration has them, with a leading space."""
        text = " no-redistribution" if self.no_redistribution else ""
        if self.default:
            text += " default-information-originate"
            text += f" metric {self.metric}" if self.metric is not None else ""
            text += f" metric-type {self.metric_type}" if self.metric_type is not None else ""
        text += " no-summary" if self.no_summary else ""
        text += " translate type7 always" if self.translate_always else ""
        return text + (" translate type7 suppress-fa" if self.suppress_forwarding else "")


@dataclass
class OspfArea:
    """One area of a process."""

    id: AreaId
    kind: AreaKind = AreaKind.NORMAL
    no_summary: bool = False
    """Totally stubby."""
    nssa: Nssa = Nssa()
    default_cost: int = 1
    authentication: str | None = None
    """`simple` or `message-digest`."""
    ranges: dict[IPv4Network, Range] = field(default_factory=dict)
    filter_in: str | None = None
    """`filter-list prefix NAME in`: what the area is told of others."""
    filter_out: str | None = None
    """What others are told of the area."""
    virtual_links: dict[IPv4Address, VirtualLink] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Nothing is said of it."""
        return self == OspfArea(self.id)
