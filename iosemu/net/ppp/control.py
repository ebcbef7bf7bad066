"""One control protocol of a link: the automaton at work, with its packets, counters and timer (RFC 1661)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from iosemu.net.ppp.automaton import (
    TABLE,
    Action,
    Event,
    Limits,
    State,
)
from iosemu.net.ppp.happenings import Happening, Passed, Turned
from iosemu.packets.ppp import Code, ControlPacket, Option, options_bytes, parse_options


@dataclass(slots=True)
class Judged:
    """What is said to the options of the other end: all of one kind only (section 5.2 to 5.4)."""

    naks: list[Option] = field(default_factory=list)
    """With the values that would be taken."""
    rejects: list[Option] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Nothing is wrong."""
        return not self.naks and not self.rejects


class ControlProtocol:
    """An automaton; what its options are a subclass says. Owners drain `happened` after every call."""

    protocol = 0

    def __init__(self, happened: list[Happening]) -> None:
        self.state = State.INITIAL
        self.happened = happened
        self.limits = Limits()
        self.deadline: float | None = None
        """Lab time at which the restart timer ends; None: it is stopped."""
        self.up: Callable[[], None] = lambda: None
        """This layer is up: the actions tlu, tld and tlf."""
        self.down: Callable[[], None] = lambda: None
        self.finished: Callable[[], None] = lambda: None
        self.further: Callable[[ControlPacket, float], bool] = lambda _packet, _now: False
        """Takes codes beyond those of all protocols; False: it does not know this one."""
        self._restarts = 0
        self._failures = 0
        self._identifier = 0
        """Of the last packet that was sent."""
        self._requested = b""
        """The options of the last request, and its identifier."""
        self._request_identifier = -1
        self._answering: ControlPacket | None = None
        self._judged = Judged()
        self._now = 0.0
        self._before: State | None = None
        """The state that an event found, while it is worked on."""

    @property
    def opened(self) -> bool:
        """Whether packets of what it negotiates may pass."""
        return self.state is State.OPENED

    # --- what a protocol says ------------------------------------------------------------------------

    def request(self) -> Sequence[Option]:
        """The options that this end wants."""
        raise NotImplementedError

    def judge(self, options: Sequence[Option]) -> Judged:
        """What is wrong with the other end's options."""
        raise NotImplementedError

    def accepted(self, options: Sequence[Option]) -> None:
        """The other end's options are taken from now on."""

    def nakked(self, options: Sequence[Option]) -> None:
        """The other end wants other values."""

    def rejected(self, options: Sequence[Option]) -> None:
        """The other end does not know these options."""

    def reset(self) -> None:
        """A negotiation begins anew."""

    # --- events --------------------------------------------------------------------------------------

    def event(self, event: Event, now: float) -> None:
        """Do what the table says."""
        cell = TABLE.get((event, self.state))
        if cell is None:
            return
        self._now = now
        actions, after = cell
        before, self.state = self.state, after
        if before is not after:
            self.happened.append(Turned(self.protocol, event.value, before, after))
        if after in (State.INITIAL, State.STARTING, State.CLOSED, State.STOPPED, State.OPENED):
            self.deadline = None
        outer, self._before = self._before, before
        for action in actions:
            self._act(action, before)
        self._before = outer
        if after is State.STOPPING and Action.ZERO_RESTART_COUNT in actions:
            self.deadline = now + self.limits.retry

    def receive(self, packet: ControlPacket, now: float) -> None:
        """A packet came. Raises MalformedPacket."""
        self.happened.append(Passed(self.protocol, packet, False, self.state))
        self._now = now
        match packet.code:
            case Code.CONFREQ:
                options = parse_options(packet.data)
                self._answering = packet
                if self.state in (State.STOPPED, State.OPENED):  # before what this one says is taken
                    self._begin()
                self._judged = self.judge(options)
                if self._judged.good:
                    self.accepted(options)
                self.event(Event.GOOD_REQUEST if self._judged.good else Event.BAD_REQUEST, now)
            case Code.CONFACK:
                if self._is_answer(packet) and packet.data == self._requested:
                    self.event(Event.ACK, now)
            case Code.CONFNAK | Code.CONFREJ:
                if self._is_answer(packet):
                    options = parse_options(packet.data)
                    (self.nakked if packet.code == Code.CONFNAK else self.rejected)(options)
                    self.event(Event.NAK, now)
            case Code.TERMREQ:
                self._answering = packet
                self.event(Event.TERMINATE_REQUEST, now)
            case Code.TERMACK:
                self.event(Event.TERMINATE_ACK, now)
            case Code.CODEREJ:
                fatal = bool(packet.data) and Code.CONFREQ <= packet.data[0] <= Code.CODEREJ
                self.event(Event.REJECT_FATAL if fatal else Event.REJECT_PERMITTED, now)
            case _:
                self._answering = packet
                if not self.further(packet, now):
                    self.event(Event.UNKNOWN_CODE, now)

    def _begin(self) -> None:
        """A negotiation begins anew."""
        self._restarts, self._failures = self.limits.configure, 0
        self.reset()

    def _is_answer(self, packet: ControlPacket) -> bool:
        return packet.identifier == self._request_identifier and self.state >= State.REQ_SENT

    def tick(self, now: float) -> None:
        """The restart timer may have ended."""
        if self.deadline is None or now < self.deadline:
            return
        self.deadline = None
        self.event(Event.TIMEOUT_MORE if self._restarts > 0 else Event.TIMEOUT_LAST, now)

    def send(self, code: int, data: bytes = b"", identifier: int | None = None) -> int:
        """Send a packet, with the next identifier unless it is an answer; returns the identifier."""
        if identifier is None:
            self._identifier = self._identifier % 255 + 1
            identifier = self._identifier
        state = self.state if self._before is None else self._before
        self.happened.append(Passed(self.protocol, ControlPacket(code, identifier, data), True, state))
        return identifier

    # --- actions -------------------------------------------------------------------------------------

    def _act(self, action: Action, before: State) -> None:
        answering = self._answering
        match action:
            case Action.THIS_LAYER_UP:
                self.up()
            case Action.THIS_LAYER_DOWN:
                self.down()
            case Action.THIS_LAYER_FINISHED:
                self.finished()
            case Action.INITIALIZE_RESTART_COUNT:
                closing = self.state in (State.CLOSING, State.STOPPING)
                self._restarts = self.limits.terminate if closing else self.limits.configure
                if before in (State.STARTING, State.CLOSED):
                    self._begin()
            case Action.ZERO_RESTART_COUNT:
                self._restarts = 0
            case Action.SEND_CONFIGURE_REQUEST:
                if before is State.OPENED and self._restarts < self.limits.configure:
                    self._begin()
                self._requested = options_bytes(self.request())
                self._request_identifier = self.send(Code.CONFREQ, self._requested)
                self._arm()
            case Action.SEND_CONFIGURE_ACK:
                assert answering is not None
                self._failures = 0
                self.send(Code.CONFACK, answering.data, answering.identifier)
            case Action.SEND_CONFIGURE_NAK:
                assert answering is not None
                self._refuse(answering)
            case Action.SEND_TERMINATE_REQUEST:
                self.send(Code.TERMREQ)
                self._arm()
            case Action.SEND_TERMINATE_ACK:
                assert answering is not None
                self.send(Code.TERMACK, b"", answering.identifier)
            case Action.SEND_CODE_REJECT:
                assert answering is not None
                self.send(Code.CODEREJ, answering.to_bytes())
            case Action.SEND_ECHO_REPLY | Action.THIS_LAYER_STARTED:
                pass  # LCP answers echoes itself; lower layers come by themselves

    def _refuse(self, packet: ControlPacket) -> None:
        """Reject first; after too many Naks what is not agreed on is rejected, too (section 4.6)."""
        rejects, naks = self._judged.rejects, self._judged.naks
        if not rejects and self._failures >= self.limits.failure:
            wrong = {each.kind for each in naks}
            rejects = [each for each in parse_options(packet.data) if each.kind in wrong]
        if rejects:
            self.send(Code.CONFREJ, options_bytes(rejects), packet.identifier)
        else:
            self._failures += 1
            self.send(Code.CONFNAK, options_bytes(naks), packet.identifier)

    def _arm(self) -> None:
        self._restarts -= 1
        self.deadline = self._now + self.limits.retry
