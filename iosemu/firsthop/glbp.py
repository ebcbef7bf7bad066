"""One GLBP group as a sans-IO state machine: an active gateway that answers ARP, and forwarders that share the work.

The gateway is elected as HSRP elects its active router, without coups; `glbp_forwarders` has the rest. Every call takes
lab time in seconds; what is to be sent is left in `messages()`, what happened in `events()`, and `next_timer()` says
when `tick` is due. There is no public specification: the messages are those of captures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address

from iosemu.firsthop.glbp_forwarders import Forwarder, ForwarderChanged, Forwarders
from iosemu.firsthop.hsrp import Event, HsrpGroup, State
from iosemu.firsthop.hsrp import Settings as ElectionSettings
from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.glbp import REQUESTED, Gateway, GlbpMessage, Operation
from iosemu.packets.glbp import Forwarder as ToldForwarder
from iosemu.packets.glbp import State as Told
from iosemu.packets.hsrp import HsrpMessage, Opcode
from iosemu.packets.hsrp import State as ElectionState

_TOLD = {
    State.DISABLED: Told.INIT,
    State.INIT: Told.INIT,
    State.LEARN: Told.LISTEN,
    State.LISTEN: Told.LISTEN,
    State.SPEAK: Told.SPEAK,
    State.STANDBY: Told.STANDBY,
    State.ACTIVE: Told.ACTIVE,
}
_HEARD = {
    Told.SPEAK: ElectionState.SPEAK,
    Told.STANDBY: ElectionState.STANDBY,
    Told.ACTIVE: ElectionState.ACTIVE,
}


class Balancing(Enum):
    """How the gateway hands out forwarders; the words of `load-balancing`."""

    ROUND_ROBIN = "round-robin"
    WEIGHTED = "weighted"
    HOST_DEPENDENT = "host-dependent"
    NONE = "none"
    """Clients are all sent to the gateway's own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a group is configured with; times in seconds."""

    group: int
    address: IPv4Address | None
    """The virtual one; None: it is learned."""
    priority: int = 100
    preempt: bool = False
    delay: float = 0.0
    hello: float = 3.0
    hold: float = 10.0
    timers: bool = False
    redirect: float = 600.0
    timeout: float = 14400.0
    weight: int = 100
    """With what tracked objects take from it."""
    lower: int = 1
    upper: int = 100
    balancing: Balancing = Balancing.ROUND_ROBIN
    forwarder_preempt: bool = True
    forwarder_delay: float = 30.0
    station: MacAddress = ZERO
    """The interface's own."""

    @property
    def election(self) -> ElectionSettings:
        """What concerns the election of the gateway."""
        return ElectionSettings(
            2,
            self.group,
            self.address,
            self.priority,
            self.preempt,
            self.delay,
            self.hello,
            self.hold,
            self.timers,
            None,
            self.station,
            direct=True,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Another router of the group."""

    address: IPv4Address
    due: float


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message, from which station, and to whom: all members, or one."""

    message: GlbpMessage
    station: MacAddress
    address: IPv4Address | None = None
    to: MacAddress | None = None


@dataclass
class GlbpGroup:
    """One group of an interface, as this router sees it."""

    settings: Settings
    election: HsrpGroup = field(init=False)
    forwarders: Forwarders = field(default_factory=Forwarders)
    members: dict[MacAddress, Member] = field(default_factory=dict)
    hello_due: float | None = None
    _last: int = 0
    """The forwarder that was handed out last."""
    _messages: list[Outgoing] = field(default_factory=list)
    _events: list[Event | ForwarderChanged] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.election = HsrpGroup(self.settings.election)
        self._take_over_settings()

    @property
    def state(self) -> State:
        """The state as a gateway."""
        return self.election.state

    @property
    def address(self) -> IPv4Address | None:
        """The virtual address, configured or learned."""
        return self.election.address

    def station_of(self, number: int) -> MacAddress:
        """The station of a forwarder: 0007.b4, six zero bits, the group, the number."""
        return MacAddress.from_int(0x0007B4000000 | self.settings.group << 8 | number)

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self, settings: Settings, now: float) -> None:
        """Take over what was typed."""
        before, self.settings = self.settings, settings
        if settings.address != before.address and self.state.runs:
            own = self.election.own
            self.disable(now)
            self.election.configure(settings.election, now)
            if own is not None:
                self.enable(own, now)
        else:
            self.election.configure(settings.election, now)
        self._take_over_settings()
        if settings != before and self.state.runs:
            self._hello(now)
        self._after(now)

    def _take_over_settings(self) -> None:
        settings, forwarders = self.settings, self.forwarders
        forwarders.hold = self.election.hold
        forwarders.redirect, forwarders.timeout = settings.redirect, settings.timeout
        forwarders.preempt, forwarders.delay = settings.forwarder_preempt, settings.forwarder_delay
        if settings.weight < settings.lower:
            forwarders.weighty = False
        elif settings.weight >= min(settings.upper, 254):
            forwarders.weighty = True

    def enable(self, own: IPv4Address, now: float) -> None:
        """The interface is up and the group configured."""
        self.election.enable(own, now)
        self.hello_due = now + self.election.hello
        self._after(now)

    def disable(self, now: float, state: State = State.INIT, why: str = "Shutdown") -> None:
        """The interface went down, or the group is configured no longer."""
        ran = self.state.runs
        self.forwarders.clear(now, state)
        self.election.disable(now, state, why)
        self.hello_due = None
        self.members.clear()
        self._after(now)
        if ran:
            self._send()

    # --- messages --------------------------------------------------------------------------------------

    def receive(self, source: IPv4Address, message: GlbpMessage, now: float) -> None:
        """Take a message of this group that proved itself."""
        own = self.election.own
        if not self.state.runs or own is None or source == own:
            return
        if message.operation is Operation.REQUEST:
            self._assign(source, message.owner, now)
        elif message.operation is Operation.RESPONSE:
            for told in message.forwarders:
                if 1 <= told.number <= 4 and self.forwarders.mine is None:
                    self.forwarders.adopt(told.number, told.station, self.settings.station, now)
        else:
            self._hello_heard(source, message, now)
            for told in message.forwarders:
                self.forwarders.hear(source, own, message.owner, told, now)
        self._after(now)

    def _hello_heard(self, source: IPv4Address, message: GlbpMessage, now: float) -> None:
        gateway = message.gateway
        if gateway is None:
            return
        if gateway.state is Told.INIT:
            self.members.pop(message.owner, None)
        else:
            self.members[message.owner] = Member(source, now + (gateway.hold / 1000 or self.election.hold))
        state = _HEARD.get(gateway.state, ElectionState.LISTEN)
        opcode = Opcode.RESIGN if gateway.state is Told.INIT else Opcode.HELLO
        heard = HsrpMessage(
            2,
            opcode,
            state,
            self.settings.group,
            gateway.priority,
            gateway.hello,
            gateway.hold,
            gateway.address,
            None,
            None,
            message.owner,
        )
        self.election.receive(source, heard, now)
        if gateway.state is Told.ACTIVE and self.state is not State.ACTIVE and self.forwarders.mine is None:
            asked = GlbpMessage(
                Operation.REQUEST, self.settings.group, self.settings.station, None, (REQUESTED,)
            )
            self._messages.append(Outgoing(asked, self.settings.station, source, message.owner))

    def _assign(self, source: IPv4Address, owner: MacAddress, now: float) -> None:
        """Give a member a forwarder of its own, as long as there are any."""
        number = self.forwarders.number_for(owner)
        if self.state is not State.ACTIVE or number is None:
            return
        station = self.station_of(number)
        self.forwarders.assign(number, station, owner, now)
        given = ToldForwarder(number, Told.NONE, 0, 0, 0, 0, station)
        answer = GlbpMessage(Operation.RESPONSE, self.settings.group, self.settings.station, None, (given,))
        self._messages.append(Outgoing(answer, self.settings.station, source, owner))

    # --- clients ---------------------------------------------------------------------------------------

    def answer(self, client: MacAddress, now: float) -> MacAddress | None:
        """The station that a client is told; None: another router is the gateway."""
        if self.state is not State.ACTIVE:
            return None
        usable = [
            each
            for _number, each in sorted(self.forwarders.known.items())
            if (each.state is State.ACTIVE or each.active is not None)
            and (each.redirect_due is None or each.redirect_due > now)
        ]
        if not usable:
            return None
        chosen = self._choose(usable, client)
        chosen.selections += 1
        self._last = chosen.number
        return chosen.station

    def weight_of(self, each: Forwarder) -> int:
        """The weight of who holds a forwarder."""
        return self.settings.weight if each.active is None else each.active.weight

    def _choose(self, usable: list[Forwarder], client: MacAddress) -> Forwarder:
        kind = self.settings.balancing
        if kind is Balancing.HOST_DEPENDENT:
            return usable[int(client) % len(usable)]
        if kind is Balancing.NONE:
            return next((each for each in usable if each.own), usable[0])
        if kind is Balancing.WEIGHTED:
            for each in usable:
                each.credit += self.weight_of(each)
            chosen = max(usable, key=lambda each: (each.credit, -each.number))
            chosen.credit -= sum(self.weight_of(each) for each in usable)
            return chosen
        return next((each for each in usable if each.number > self._last), usable[0])

    # --- time and results ------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which `tick` is due; None: nothing is."""
        times = [self.election.next_timer(), self.hello_due, self.forwarders.next_timer()]
        times += [each.due for each in self.members.values()]
        return min((each for each in times if each is not None), default=None)

    def tick(self, now: float) -> None:
        """Do what is due."""
        self.election.tick(now)
        self.forwarders.tick(now)
        for owner in [owner for owner, each in self.members.items() if each.due <= now]:
            del self.members[owner]
        if self.hello_due is not None and self.hello_due <= now:
            self._hello(now)
        self._after(now)

    def _after(self, now: float) -> None:
        """What follows from what the election and the forwarders did."""
        events = self.election.events()
        if (
            self.election.messages()
            and self.state.runs
            and self.hello_due is not None
            and self.hello_due > now
        ):
            self._hello(now)
        mine = self.forwarders.mine
        if self.state is State.ACTIVE and mine is None:
            number = self.forwarders.number_for(self.settings.station)
            if number is not None:
                self.forwarders.adopt(number, self.station_of(number), self.settings.station, now)
        self.forwarders.hold = self.election.hold
        self._events += [*events, *self.forwarders.events]
        self.forwarders.events = []
        activated, self.forwarders.activated = self.forwarders.activated, []
        for each in activated:
            self._tell(each)

    def _hello(self, now: float) -> None:
        """Say what this router is, and what it holds; each station but its own tells of itself."""
        self._send()
        for each in self.forwarders.active():
            if not each.own:
                self._tell(each)
        self.hello_due = now + self.election.hello

    def _send(self) -> None:
        settings = self.settings
        state = _TOLD[self.state]
        gateway = Gateway(
            state,
            settings.priority if state is not Told.INIT else 0,
            round(self.election.hello * 1000),
            round(self.election.hold * 1000),
            round(settings.redirect),
            round(settings.timeout),
            self.address or IPv4Address(0),
        )
        held = [self._told(each) for each in self.forwarders.active() if each.own]
        mine = self.forwarders.mine
        station = mine.station if mine is not None and mine.state is State.ACTIVE else settings.station
        message = GlbpMessage(Operation.HELLO, settings.group, settings.station, gateway, tuple(held))
        self._messages.append(Outgoing(message, station))

    def _tell(self, each: Forwarder) -> None:
        message = GlbpMessage(
            Operation.HELLO, self.settings.group, self.settings.station, None, (self._told(each),)
        )
        self._messages.append(Outgoing(message, each.station))

    def _told(self, each: Forwarder) -> ToldForwarder:
        settings = self.settings
        return ToldForwarder(
            each.number,
            Told.ACTIVE,
            self.forwarders.priority(each),
            settings.weight,
            round(settings.timeout),
            round(settings.redirect),
            each.station,
        )

    def messages(self) -> list[Outgoing]:
        """What is to be sent since the last call."""
        messages, self._messages = self._messages, []
        return messages

    def events(self) -> list[Event | ForwarderChanged]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events
