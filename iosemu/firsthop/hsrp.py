"""One HSRP group as a sans-IO state machine (RFC 2281 section 5; SERVICES.md 2).

Every call takes lab time in seconds; what is to be sent is left in `messages()`, what happened in `events()`, and
`next_timer()` says when `tick` is due. Letters in comments are the events of RFC 2281 section 5.6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.hsrp import DEFAULT_TEXT, HsrpMessage, Opcode
from iosemu.packets.hsrp import State as Told

HELLO, HOLD = 3.0, 10.0
"""Seconds, unless configured or learned."""
TAKEOVER = 0.5
"""Seconds that a new standby router still waits for an active one that nobody heard of."""


class State(Enum):
    """As `show standby` calls it."""

    DISABLED = "Disabled"
    INIT = "Init"
    LEARN = "Learn"
    LISTEN = "Listen"
    SPEAK = "Speak"
    STANDBY = "Standby"
    ACTIVE = "Active"

    @property
    def speaks(self) -> bool:
        """Whether it sends hellos."""
        return self in (State.SPEAK, State.STANDBY, State.ACTIVE)

    @property
    def runs(self) -> bool:
        """Whether it listens at least."""
        return self not in (State.DISABLED, State.INIT)


_TOLD = {
    State.LEARN: Told.LEARN,
    State.LISTEN: Told.LISTEN,
    State.SPEAK: Told.SPEAK,
    State.STANDBY: Told.STANDBY,
    State.ACTIVE: Told.ACTIVE,
}
NOTED = (State.ACTIVE, State.STANDBY)
"""A change from or to one of these is a message in the log, and is counted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a group is configured with; times in seconds."""

    version: int
    group: int
    address: IPv4Address | None
    """The virtual one; None: it is learned."""
    priority: int = 100
    """With what tracked objects take from it."""
    preempt: bool = False
    delay: float = 0.0
    """`preempt delay minimum`."""
    hello: float = HELLO
    hold: float = HOLD
    timers: bool = False
    """They are configured, not learned from the active router."""
    text: bytes | None = DEFAULT_TEXT
    station: MacAddress = ZERO
    """The interface's own."""
    direct: bool = False
    """A router that speaks becomes active at once when nobody is (GLBP)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The active or the standby router, when another one is it."""

    address: IPv4Address
    priority: int
    station: MacAddress
    due: float
    """Lab time at which it counts as gone."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The group changed its state, or (the same one twice) only has something to say about `why`."""

    before: State
    after: State
    why: str


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """The active router has another virtual address than this one."""

    theirs: IPv4Address
    ours: IPv4Address


@dataclass(frozen=True, slots=True)
class Learned:
    """The virtual address was learned."""

    address: IPv4Address


Event = Changed | OtherAddress | Learned


@dataclass
class HsrpGroup:
    """One group of an interface, as this router sees it."""

    settings: Settings
    state: State = State.DISABLED
    since: float = 0.0
    """Lab time of the last change that counts."""
    changes: int = 0
    active: Peer | None = None
    standby: Peer | None = None
    learned: IPv4Address | None = None
    own: IPv4Address | None = None
    """The interface's address; None while it is down."""
    _active_due: float | None = None
    _standby_due: float | None = None
    hello_due: float | None = None
    preempt_due: float | None = None
    """When a router that may take over does."""
    hello: float = HELLO
    hold: float = HOLD
    mirrors: bool = False
    """It does as another group."""
    first_delay: float = 0.0
    """`preempt delay reload`, until a first taking over."""
    _messages: list[HsrpMessage] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hello, self.hold = self.settings.hello, self.settings.hold

    @property
    def address(self) -> IPv4Address | None:
        """The virtual address, configured or learned."""
        return self.settings.address or self.learned

    @property
    def _rank(self) -> tuple[int, IPv4Address]:
        assert self.own is not None
        return (self.settings.priority, self.own)

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self, settings: Settings, now: float) -> None:
        """Take over what was typed."""
        before, self.settings = self.settings, settings
        if settings.timers or before.timers:
            self.hello, self.hold = settings.hello, settings.hold
        if settings == before or not self.state.runs:
            return
        if (settings.version, settings.address) != (before.version, before.address):
            own = self.own
            self.disable(now)
            if own is not None:
                self.enable(own, now)
            return
        if not settings.preempt:
            self.preempt_due = None
        if self.hello_due is not None:
            self.hello_due = min(self.hello_due, now + self.hello)
            if settings.priority != before.priority:
                self._hello(now)

    def enable(self, own: IPv4Address, now: float) -> None:
        """The interface is up and the group configured (a)."""
        self.own = own
        if self.address is None:
            self._enter(State.LEARN, "a/HSRP enabled", now)
            return
        self._enter(State.LISTEN, "a/HSRP enabled", now)
        self._active_due = self._standby_due = now + self.hold

    def disable(self, now: float, state: State = State.INIT, why: str = "b/HSRP disabled") -> None:
        """The interface went down, or the group is configured no longer (b)."""
        if self.state is State.ACTIVE:
            self._send(Opcode.RESIGN)
        self.active = self.standby = self.hello_due = self.preempt_due = None
        self._active_due = self._standby_due = None
        if self.settings.address is None:
            self.learned = None
        self._enter(state, why, now)

    # --- messages --------------------------------------------------------------------------------------

    def mirror(self, leader: HsrpGroup | None, own: IPv4Address, now: float, refresh: float) -> None:
        """Be what another group is; the active one says every `refresh` seconds that its station is here
        (0: once).

        Without a leader that runs the group does not run.
        """
        self.mirrors, self.own = True, own
        state = leader.state if leader is not None and leader.state.runs else State.INIT
        self.active, self.standby = (leader.active, leader.standby) if leader is not None else (None, None)
        self._active_due = self._standby_due = self.preempt_due = None
        if state is not self.state:
            self._enter(state, "following", now)
            if state is State.ACTIVE:
                self._send(Opcode.HELLO)
        if state is not State.ACTIVE or not refresh:
            self.hello_due = None
        elif self.hello_due is None or self.hello_due <= now:
            if self.hello_due is not None:
                self._send(Opcode.HELLO)
            self.hello_due = now + refresh

    def receive(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        """Take a message of this group that proved itself."""
        if not self.state.runs or source == self.own:
            return
        if self.state is State.LEARN:
            if not int(message.address):
                return
            self.learned = message.address
            self._events.append(Learned(message.address))
            self._enter(State.LISTEN, f"{_hello_of(message)} rcvd", now)
            self._active_due = self._standby_due = now + self.hold
        if message.opcode is Opcode.COUP:
            self._coup(source, message, now)
        elif message.opcode is Opcode.RESIGN:
            self._resign(source, message, now)
        elif message.state is Told.ACTIVE:
            self._hello_of_active(source, message, now)
        elif message.state is Told.STANDBY:
            self._hello_of_standby(source, message, now)
        elif message.state is Told.SPEAK and self.state is State.SPEAK and self._higher(source, message):
            self._listen("f/Hello rcvd from higher pri Speak router", source, message, now)
        elif message.state is Told.SPEAK and self.standby is not None and self.standby.address == source:
            self.standby = None  # it was the standby router

    def _higher(self, source: IPv4Address, message: HsrpMessage) -> bool:
        return (message.priority, source) > self._rank

    def _peer(self, source: IPv4Address, message: HsrpMessage, now: float) -> Peer:
        hold = message.hold / 1000 or self.hold
        return Peer(source, message.priority, message.identifier, now + hold)

    def _hello_of_active(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        who = f"Active router ({message.priority}/{source})"
        if self.state is State.ACTIVE:
            if self._higher(source, message):  # g
                self._note_active(source, message, now)
                self._speak(f"g/Hello rcvd from higher pri {who}", now)
            else:  # h
                self._send(Opcode.COUP)
            return
        self._note_active(source, message, now)
        if not self.settings.preempt or message.priority >= self.settings.priority:
            self.preempt_due = None
            return
        delay = max(self.settings.delay, self.first_delay)
        if self.preempt_due is None:
            self.preempt_due = now + delay
        if self.preempt_due <= now:
            self._take_over(f"h/Hello rcvd from lower pri {who}", now)

    def _note_active(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        self.active = self._peer(source, message, now)
        self._active_due = self.active.due
        if self.standby is not None and self.standby.address == source:
            self.standby = None
        if not self.settings.timers and message.hello and message.hold:
            self.hello, self.hold = message.hello / 1000, message.hold / 1000
        ours = self.settings.address
        if ours is not None and int(message.address) and message.address != ours:
            self._events.append(OtherAddress(message.address, ours))

    def _hello_of_standby(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        higher = self._higher(source, message)
        who = f"Standby router ({message.priority}/{source})"
        if self.active is not None and self.active.address == source:
            self.active, self._active_due = None, now  # it is active no longer
        if self.state is State.ACTIVE or (self.state is State.LISTEN and higher):
            self.standby = self._peer(source, message, now)
            self._standby_due = self.standby.due
        elif self.state is State.LISTEN:  # l
            self._speak(f"l/Hello rcvd from lower pri {who}", now)
        elif higher:  # k
            self._listen(f"k/Hello rcvd from higher pri {who}", source, message, now)
        elif self.state is State.SPEAK:  # l
            self._stand_by(f"l/Hello rcvd from lower pri {who}", now)

    def _coup(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        if self.state is State.ACTIVE and not self._higher(source, message):
            self._send(Opcode.COUP)
            return
        was_active = self.state is State.ACTIVE
        if was_active:
            self._send(Opcode.RESIGN)
        self._note_active(source, message, now)
        if was_active:  # j
            self._speak(f"j/Coup rcvd from higher pri router ({message.priority}/{source})", now)

    def _resign(self, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        if self.active is None or self.active.address != source:
            return
        if self.state is State.STANDBY:  # i
            self._take_over(f"i/Resign rcvd ({message.priority}/{source})", now, coup=False)
            return
        self.active = None
        self._active_due = now + self.hold

    # --- states ----------------------------------------------------------------------------------------

    def _listen(self, why: str, source: IPv4Address, message: HsrpMessage, now: float) -> None:
        """Somebody else is the better standby router."""
        if message.state is Told.STANDBY:
            self.standby = self._peer(source, message, now)
        self.hello_due = None
        self._enter(State.LISTEN, why, now)
        self._standby_due = now + self.hold

    def _speak(self, why: str, now: float) -> None:
        self.standby = None
        self._enter(State.SPEAK, why, now)
        self._standby_due = now + self.hold
        self._hello(now)

    def _stand_by(self, why: str, now: float) -> None:
        self.standby = self._standby_due = None
        self._enter(State.STANDBY, why, now)
        if self._active_due is None:
            self._active_due = now + TAKEOVER
        self._hello(now)

    def _take_over(self, why: str, now: float, *, coup: bool = True) -> None:
        if coup and self.active is not None:
            self._send(Opcode.COUP)
        self.active = self._active_due = self.preempt_due = None
        self.first_delay = 0.0
        if self.state is not State.STANDBY and self.standby is not None:
            self._standby_due = self.standby.due
        self._enter(State.ACTIVE, why, now)
        self._hello(now)

    def _enter(self, state: State, why: str, now: float) -> None:
        before, self.state = self.state, state
        if before is not state and (before in NOTED or state in NOTED):
            self.changes += 1
            self.since = now
        self._events.append(Changed(before, state, why))

    def _hello(self, now: float) -> None:
        self._send(Opcode.HELLO)
        self.hello_due = now + self.hello

    def _send(self, opcode: Opcode) -> None:
        settings = self.settings
        self._messages.append(
            HsrpMessage(
                settings.version,
                opcode,
                _TOLD[self.state],
                settings.group,
                settings.priority,
                round(self.hello * 1000),
                round(self.hold * 1000),
                self.address or IPv4Address(0),
                settings.text,
                None,
                settings.station,
            )
        )

    # --- time and results ------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which `tick` is due; None: nothing is."""
        times = (self._active_due, self._standby_due, self.hello_due, self.preempt_due)
        return min((each for each in times if each is not None), default=None)

    def tick(self, now: float) -> None:
        """Do what is due."""
        if self.preempt_due is not None and self.preempt_due <= now:
            self._preempt(now)
        if self._active_due is not None and self._active_due <= now:
            self._active_gone(now)
        if self._standby_due is not None and self._standby_due <= now:
            self._standby_gone(now)
        if self.hello_due is not None and self.hello_due <= now:
            self._hello(now)

    def _preempt(self, now: float) -> None:
        self.preempt_due = None
        active = self.active
        if active is not None and active.priority < self.settings.priority and self.settings.preempt:
            self._take_over(
                f"h/Hello rcvd from lower pri Active router ({active.priority}/{active.address})", now
            )

    def _active_gone(self, now: float) -> None:
        why = f"c/Active timer expired ({self.active.address if self.active is not None else 'unknown'})"
        self.active = self._active_due = self.preempt_due = None
        if self.state is State.STANDBY:
            self._take_over(why, now)
        elif self.state is State.LISTEN and self._standby_due is not None and self._standby_due > now:
            self._speak(why, now)

    def _standby_gone(self, now: float) -> None:
        why = f"d/Standby timer expired ({self.standby.address if self.standby is not None else 'unknown'})"
        self.standby = self._standby_due = None
        if self.state is State.LISTEN:
            self._speak(why, now)
        elif self.state is State.SPEAK and self.settings.direct and self._active_due is None:
            self._take_over(why, now)
        elif self.state is State.SPEAK:
            self._stand_by(why, now)

    def messages(self) -> list[HsrpMessage]:
        """What is to be sent since the last call, in order; each says the state that it was made in."""
        messages, self._messages = self._messages, []
        return messages

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events


def _hello_of(message: HsrpMessage) -> str:
    return message.opcode.name.capitalize()
