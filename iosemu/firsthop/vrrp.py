"""One virtual router of VRRP version 2 as a sans-IO state machine (RFC 3768 section 6).

Every call takes lab time in seconds; what is to be sent is left in `messages()`, what happened in `events()`, and
`next_timer()` says when `tick` is due.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.packets.vrrp import NO_AUTHENTICATION, VrrpAdvertisement

OWNER = 255
"""The priority of who has the address on its interface."""


class State(Enum):
    """As `show vrrp` calls it; `Disable` is what IOS says of a group without an address."""

    DISABLE = "Disable"
    INIT = "Init"
    BACKUP = "Backup"
    MASTER = "Master"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a virtual router is configured with; times in seconds."""

    group: int
    addresses: tuple[IPv4Address, ...]
    """The primary one first."""
    priority: int = 100
    """With what tracked objects take from it."""
    preempt: bool = True
    delay: float = 0.0
    """`preempt delay minimum`."""
    interval: float = 1.0
    learn: bool = False
    """`timers learn`: the master's interval counts."""


@dataclass(frozen=True, slots=True)
class Master:
    """The router that is master, when another one is it."""

    address: IPv4Address
    priority: int
    interval: float


@dataclass(frozen=True, slots=True)
class Changed:
    """The virtual router changed its state."""

    before: State
    after: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An advertisement that does not fit."""

    source: IPv4Address
    why: str


@dataclass
class VirtualRouter:
    """One group of an interface, as this router sees it."""

    settings: Settings
    state: State = State.DISABLE
    since: float = 0.0
    own: IPv4Address | None = None
    """The interface's address; None while it is down."""
    master: Master | None = None
    interval: float = 1.0
    """Seconds between advertisements, configured or learned."""
    due: float | None = None
    """The Adver_Timer of a master, the Master_Down_Timer of a backup."""
    preempt_due: float | None = None
    _messages: list[VrrpAdvertisement] = field(default_factory=list)
    _events: list[Changed | Ignored] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.interval = self.settings.interval

    @property
    def skew(self) -> float:
        """Skew_Time: the better the priority, the sooner a backup takes over."""
        return (256 - self.settings.priority) / 256

    @property
    def master_down(self) -> float:
        """Master_Down_Interval."""
        return 3 * self.interval + self.skew

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self, settings: Settings, now: float) -> None:
        """Take over what was typed."""
        before, self.settings = self.settings, settings
        if not settings.learn:
            self.interval = settings.interval
        if settings == before or self.state not in (State.BACKUP, State.MASTER):
            return
        if settings.priority == OWNER != before.priority and self.state is State.BACKUP:
            self._become_master("own address", now)
        elif self.state is State.MASTER:
            self._advertise(now)
        elif not settings.preempt:
            self.preempt_due = None

    def enable(self, own: IPv4Address, now: float) -> None:
        """The Startup event (RFC 3768 section 6.4.1)."""
        self.own = own
        if self.settings.priority == OWNER:
            self._become_master("Startup", now)
        else:
            self._become_backup("Startup", now)

    def disable(self, now: float, state: State = State.INIT) -> None:
        """The Shutdown event: a master says that it resigns (sections 6.4.2 and 6.4.3)."""
        if self.state is State.MASTER:
            self._send(0)
        self.due = self.preempt_due = self.master = None
        self._enter(state, "Shutdown", now)

    # --- messages --------------------------------------------------------------------------------------

    def receive(self, source: IPv4Address, message: VrrpAdvertisement, now: float) -> None:
        """Take an advertisement that proved itself (sections 6.4.2, 6.4.3 and 7.1)."""
        if self.state not in (State.BACKUP, State.MASTER) or source == self.own or self.own is None:
            return
        if message.priority != OWNER and set(message.addresses) != set(self.settings.addresses):
            self._events.append(Ignored(source, "has incorrect address list"))
            return
        if message.interval != max(round(self.settings.interval), 1) and not self.settings.learn:
            self._events.append(Ignored(source, "has an incorrect advertisement interval"))
            return
        if self.state is State.MASTER:
            self._as_master(source, message, now)
        else:
            self._as_backup(source, message, now)

    def _as_master(self, source: IPv4Address, message: VrrpAdvertisement, now: float) -> None:
        assert self.own is not None
        if message.priority == 0:
            self._advertise(now)
        elif (message.priority, source) > (self.settings.priority, self.own):
            self._note(source, message, now)
            self._become_backup("Event - Advert higher priority", now)

    def _as_backup(self, source: IPv4Address, message: VrrpAdvertisement, now: float) -> None:
        if message.priority == 0:
            self.due = now + self.skew
            return
        if not self.settings.preempt or message.priority >= self.settings.priority:
            self.preempt_due = None
            self._note(source, message, now)
            return
        if not self.settings.delay:
            return  # it is not heard: the Master_Down_Timer runs out
        self._note(source, message, now)
        if self.preempt_due is None:
            self.preempt_due = now + self.settings.delay

    def _note(self, source: IPv4Address, message: VrrpAdvertisement, now: float) -> None:
        interval = self.settings.interval
        if self.settings.learn:
            self.interval = interval = float(message.interval)
        self.master = Master(source, message.priority, interval)
        self.due = now + self.master_down

    # --- states ----------------------------------------------------------------------------------------

    def _become_master(self, why: str, now: float) -> None:
        self.master = self.preempt_due = None
        self._enter(State.MASTER, why, now)
        self._advertise(now)

    def _become_backup(self, why: str, now: float) -> None:
        self.due = now + self.master_down
        self._enter(State.BACKUP, why, now)

    def _enter(self, state: State, why: str, now: float) -> None:
        before, self.state = self.state, state
        if before is not state:
            self.since = now
            self._events.append(Changed(before, state, why))

    def _advertise(self, now: float) -> None:
        self._send(self.settings.priority)
        self.due = now + self.interval

    def _send(self, priority: int) -> None:
        seconds = min(max(round(self.interval), 1), 255)
        self._messages.append(
            VrrpAdvertisement(
                self.settings.group, priority, seconds, self.settings.addresses, NO_AUTHENTICATION
            )
        )

    # --- time and results ------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which `tick` is due; None: nothing is."""
        return min((each for each in (self.due, self.preempt_due) if each is not None), default=None)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self.preempt_due is not None and self.preempt_due <= now:
            self._become_master("Preempt delay expired", now)
        if self.due is None or self.due > now:
            return
        if self.state is State.MASTER:
            self._advertise(now)
        elif self.state is State.BACKUP:
            self._become_master("Master down timer expired", now)

    def messages(self) -> list[VrrpAdvertisement]:
        """What is to be sent since the last call."""
        messages, self._messages = self._messages, []
        return messages

    def events(self) -> list[Changed | Ignored]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events
