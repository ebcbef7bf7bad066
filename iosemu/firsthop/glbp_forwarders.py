"""The virtual forwarders of a GLBP group, as one router sees them: who holds which, and who takes over.

A forwarder belongs to the router it was assigned to (its owner). When that is silent another one holds it; clients are
sent to it until the redirect time is over, and it is forgotten after the timeout (Cisco's configuration guide, GLBP).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.firsthop.hsrp import State
from iosemu.packets.addresses import MacAddress
from iosemu.packets.glbp import Forwarder as Told
from iosemu.packets.glbp import State as ToldState

MOST = 4
"""Forwarders of a group."""
PRIMARY, WEIGHTY, BASE = 0x20, 0x80, 0x07
"""Bits of the priority that is told: the holder owns it, and its weight is enough (167 and 135 in captures)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The other router that is active for a forwarder."""

    address: IPv4Address
    priority: int
    weight: int
    due: float
    """Lab time at which it counts as gone."""


@dataclass
class Forwarder:
    """One forwarder."""

    number: int
    station: MacAddress
    owner: MacAddress | None
    own: bool = False
    """It was assigned to this router."""
    state: State = State.LISTEN
    since: float = 0.0
    changes: int = 0
    active: Holder | None = None
    activate_due: float | None = None
    """When this router takes it."""
    redirect_due: float | None = None
    """Until when clients are sent to it; None: as long as it is there."""
    timeout_due: float | None = None
    """When it is forgotten."""
    selections: int = 0
    credit: int = 0
    """Of the weighted balancing."""


@dataclass(frozen=True, slots=True)
class ForwarderChanged:
    """A forwarder changed its state here."""

    number: int
    before: State
    after: State


@dataclass
class Forwarders:
    """All forwarders of a group."""

    hold: float = 10.0
    redirect: float = 600.0
    timeout: float = 14400.0
    preempt: bool = True
    delay: float = 30.0
    """`forwarder preempt delay minimum`, seconds as all of these."""
    weighty: bool = True
    """The weight of this router is enough for a forwarder."""
    known: dict[int, Forwarder] = field(default_factory=dict)
    activated: list[Forwarder] = field(default_factory=list)
    """Those that this router just took, and those that another router wrongly holds: to be told at once."""
    events: list[ForwarderChanged] = field(default_factory=list)

    @property
    def mine(self) -> Forwarder | None:
        """The one that was assigned to this router."""
        return next((each for each in self.known.values() if each.own), None)

    def active(self) -> list[Forwarder]:
        """Those that this router is active for."""
        return [each for _number, each in sorted(self.known.items()) if each.state is State.ACTIVE]

    def priority(self, each: Forwarder) -> int:
        """What this router tells of itself as a holder."""
        return BASE | (PRIMARY if each.own else 0) | (WEIGHTY if self.weighty else 0)

    def number_for(self, owner: MacAddress) -> int | None:
        """The number of a router's forwarder: the one that it had, or a free one; None: there is none left."""
        for each in self.known.values():
            if each.owner == owner:
                return each.number
        return next((number for number in range(1, MOST + 1) if number not in self.known), None)

    def assign(self, number: int, station: MacAddress, owner: MacAddress, now: float) -> None:
        """The gateway gave another router a forwarder."""
        each = self.known.setdefault(number, Forwarder(number, station, owner))
        each.owner = owner
        self._owner_heard(each, now)

    def adopt(self, number: int, station: MacAddress, owner: MacAddress, now: float) -> None:
        """A forwarder was assigned to this router, which is active for it when nobody says that he is."""
        each = self.known.setdefault(number, Forwarder(number, station, owner))
        each.owner, each.own, each.redirect_due, each.timeout_due = owner, True, None, None
        if each.state is not State.ACTIVE:
            each.activate_due = now + (self.hold if each.active is None else self.delay)

    def hear(self, source: IPv4Address, own: IPv4Address, owner: MacAddress, told: Told, now: float) -> None:
        """Another router says that it is active for a forwarder."""
        if told.state is not ToldState.ACTIVE or not 1 <= told.number <= MOST:
            return
        each = self.known.get(told.number)
        if each is None:
            each = self.known[told.number] = Forwarder(told.number, told.station, None)
            self._owner_heard(each, now)
        if told.priority & PRIMARY and not each.own:
            each.owner = owner
            self._owner_heard(each, now)
        if each.state is State.ACTIVE:
            if (told.priority, source) < (self.priority(each), own):
                self.activated.append(each)  # so that the other one hears of it
                return
            self._enter(each, State.LISTEN, now)
        new = each.active is None
        each.active = Holder(source, told.priority, told.weight, now + self.hold)
        if not self.weighty or not self.preempt or told.priority >= self.priority(each):
            each.activate_due = None
        elif new or each.activate_due is None:
            each.activate_due = now + self.delay

    def _owner_heard(self, each: Forwarder, now: float) -> None:
        each.redirect_due, each.timeout_due = now + self.redirect, now + self.timeout

    def _enter(self, each: Forwarder, state: State, now: float) -> None:
        self.events.append(ForwarderChanged(each.number, each.state, state))
        each.state, each.since = state, now
        each.changes += 1
        each.activate_due = None
        if state is State.ACTIVE:
            each.active = None
            self.activated.append(each)

    def clear(self, now: float, state: State) -> None:
        """The group runs no longer."""
        for each in self.active():
            self._enter(each, state, now)
        self.known.clear()
        self.activated.clear()

    def next_timer(self) -> float | None:
        """Lab time at which `tick` is due."""
        times = [each.timeout_due for each in self.known.values()]
        times += [each.activate_due for each in self.known.values()]
        times += [each.active.due for each in self.known.values() if each.active is not None]
        return min((due for due in times if due is not None), default=None)

    def tick(self, now: float) -> None:
        """Take what nobody holds, forget what nobody owns any more."""
        for each in list(self.known.values()):
            if each.timeout_due is not None and each.timeout_due <= now:
                if each.state is State.ACTIVE:
                    self._enter(each, State.DISABLED, now)
                del self.known[each.number]
                continue
            if each.active is not None and each.active.due <= now:
                each.active = None
                if self.weighty and each.state is not State.ACTIVE:
                    each.activate_due = now
            if each.activate_due is not None and each.activate_due <= now and each.state is not State.ACTIVE:
                self._enter(each, State.ACTIVE, now)
        self.activated = [each for each in self.activated if each.number in self.known]
