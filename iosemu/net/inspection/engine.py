"""The sessions of a box: what belongs to one passes, and what may begin one does."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.net.inspection import limits
from iosemu.net.inspection.applications import DNS, Expected, expected
from iosemu.net.inspection.events import Ended, Event, HostFree, Started
from iosemu.net.inspection.session import Group, Session, State
from iosemu.net.inspection.settings import Settings
from iosemu.net.inspection.tcp import STRAY, Connection, Stage
from iosemu.net.rewrite import Ends, ends_of, quoted
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpFlags, TcpSegment

MALFORMED = "Invalid Header length"
POLICY = "policy match failure"
LIMIT = "session limit"
_FIRST_ID, _STEP = 0x49D1E6C0, 0x2C0
_QUESTIONS = (IcmpType.ECHO, IcmpType.TIMESTAMP)
_ANSWERS = (IcmpType.ECHO_REPLY, IcmpType.TIMESTAMP_REPLY)
_UDP_HEADER = 8
PINHOLE_LIFE = 30.0
"""Seconds for which a conversation that was asked for is waited for."""

_Key = tuple[str, Ends]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a packet: it passes, or `reason` says why it does not."""

    passes: bool
    session: Session | None = None
    reason: str = ""
    began: bool = False
    """The session began with it."""
    forward: bool = True
    """It goes the way that the session's first packet went."""
    error: bool = False
    """It is an ICMP error about a packet of the session."""


@dataclass(slots=True)
class _Pinhole:
    """A conversation that may begin because another session asked for it."""

    expected: Expected
    parent: Session
    until: float


class Inspector:
    """Sessions by their ends, in both directions, for each routing instance of its own.

    Give it whole datagrams only (RFC 791 reassembly is the caller's). Times are lab seconds.
    """

    def __init__(self) -> None:
        self._sessions: dict[_Key, Session] = {}
        self._pinholes: dict[tuple[object, ...], _Pinhole] = {}
        self._due: list[tuple[float, int, Session]] = []
        """When sessions end at the earliest; one that was heard since is looked at again then."""
        self._blocks: list[tuple[float, int, Group, IPv4Address]] = []
        self._events: list[Event] = []
        self._number = 0
        self._sequence = 0

    def __len__(self) -> int:
        """How many sessions there are."""
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        """The sessions, in the order in which they began."""
        return iter(list(self._sessions.values()))

    def events(self) -> list[Event]:
        """What happened since the last call."""
        taken, self._events = self._events, []
        return taken

    # --- packets -------------------------------------------------------------------------------------

    def find(self, packet: IPv4Packet, vrf: str = "") -> tuple[Session, bool] | None:
        """The session that a packet would belong to, and whether it goes forward; nothing changes."""
        ends = ends_of(packet)
        if ends is None:
            inner = quoted(packet)
            ends = ends_of(inner) if inner is not None else None
            found = self.lookup(ends, vrf) if ends is not None else None
            return (found[0], not found[1]) if found is not None else None
        return self.lookup(ends, vrf)

    def lookup(self, ends: Ends, vrf: str) -> tuple[Session, bool] | None:
        """The session that has these ends, and whether they are those of its first packet; nothing changes."""
        session = self._sessions.get((vrf, ends))
        if session is not None:
            return session, True
        session = self._sessions.get((vrf, turned(ends)))
        return (session, False) if session is not None else None

    def judge(self, packet: IPv4Packet, now: float, vrf: str = "") -> Verdict | None:
        """What becomes of a packet of a session, or of one that a session asked for; None: it belongs to none."""
        found = self.find(packet, vrf)
        if found is not None:
            session, forward = found
            if ends_of(packet) is None:
                return Verdict(True, session, forward=forward, error=True)
            if not (session.state is State.CLOSED and _begins(packet)):
                return self._continue(session, packet, forward, now)
            self._end(session)  # the ports are used again
        return self._expected(packet, now, vrf)

    def begin(
        self,
        packet: IPv4Packet,
        now: float,
        group: Group,
        settings: Settings,
        *,
        application: str = "",
        idle: int | None = None,
        origin: object = None,
        vrf: str = "",
    ) -> Verdict:
        """Let a packet that belongs to no session begin one.

        `idle`: seconds of silence that it outlives, where that is not as the settings say; `origin` is kept with it.
        """
        ends = ends_of(packet)
        if ends is None or ends.protocol not in (Protocol.TCP, Protocol.UDP, Protocol.ICMP):
            return Verdict(False, reason=POLICY)
        segment: TcpSegment | None = None
        connection: Connection | None = None
        if ends.protocol == Protocol.TCP:
            segment = _segment(packet)
            if segment is None:
                return Verdict(False, reason=MALFORMED)
            connection = Connection()
            reason = connection.receive(segment, True) if _begins(packet) else STRAY
            if reason:
                return Verdict(False, reason=reason)
        elif ends.protocol == Protocol.ICMP and packet.payload[0] not in _QUESTIONS:
            return Verdict(False, reason=POLICY)
        if not limits.admits(group, ends, now, self._events, self._push, self._block):
            return Verdict(False, reason=LIMIT)
        session = Session(
            _FIRST_ID + self._number * _STEP & 0xFFFFFFFF,
            ends,
            vrf,
            group,
            settings,
            application,
            now,
            now,
            idle,
            tcp=connection,
            origin=origin,
        )
        if ends.protocol == Protocol.ICMP:
            session.question = packet.payload[0]
        self._number += 1
        self._sessions[vrf, ends] = session
        group.count(session, None, State.OPENING)
        group.started.append(now)
        group.statistics.created += 1
        group.statistics.last_created = now
        self._passes(session, packet, segment, True, now)
        self._events.append(Started(session))
        return Verdict(True, session, began=True)

    def _continue(self, session: Session, packet: IPv4Packet, forward: bool, now: float) -> Verdict:
        segment = None
        if session.tcp is not None:
            segment = _segment(packet)
            before = session.tcp.out_of_order
            reason = MALFORMED if segment is None else session.tcp.receive(segment, forward)
            statistics = session.group.statistics
            statistics.out_of_order += session.tcp.out_of_order - before
            if reason:
                statistics.dropped += 1
                return Verdict(False, session, reason, forward=forward)
        elif session.ends.protocol == Protocol.ICMP and (packet.payload[0] in _QUESTIONS) is not forward:
            return Verdict(False, session, POLICY, forward=forward)
        self._passes(session, packet, segment, forward, now)
        if segment is not None and segment.flags & TcpFlags.RST:
            self._end(session)
        return Verdict(True, session, forward=forward)

    def _passes(
        self, session: Session, packet: IPv4Packet, segment: TcpSegment | None, forward: bool, now: float
    ) -> None:
        """A packet of a session passes."""
        packets = session.group.statistics.packets
        packets[session.name] = packets.get(session.name, 0) + 1
        session.heard = now
        header = _UDP_HEADER if session.ends.protocol != Protocol.TCP else 0
        data = packet.payload[header:] if segment is None else segment.payload
        session.octets[not forward] += len(data)
        before = session.state
        self._turn(session, _state(session, forward))
        if session.state is not State.CLOSED:
            self._expect(session, now + _patience(session))
        elif before is not State.CLOSED:
            self._expect(session, now + session.settings.fin_wait)
        if session.application:
            for each in expected(session.application, session.ends, forward, data):
                self._open(session, each, now)

    @staticmethod
    def _turn(session: Session, state: State) -> None:
        if state is not session.state:
            session.group.count(session, session.state, state)
            session.state = state

    # --- conversations that were asked for -----------------------------------------------------------

    def _open(self, session: Session, wanted: Expected, now: float) -> None:
        key = (session.vrf, wanted.protocol, wanted.source, wanted.destination, wanted.destination_port)
        if key not in self._pinholes:
            session.pinholes.append(key)
        self._pinholes[key] = _Pinhole(wanted, session, now + PINHOLE_LIFE)
        if len(session.pinholes) > _MOST_PINHOLES:
            self._pinholes.pop(session.pinholes.pop(0), None)

    def _expected(self, packet: IPv4Packet, now: float, vrf: str) -> Verdict | None:
        ends = ends_of(packet) if self._pinholes else None
        if ends is None:
            return None
        key = (vrf, ends.protocol, ends.source, ends.destination, ends.destination_port)
        pinhole = self._pinholes.pop(key, None)
        if pinhole is None or pinhole.until < now or (ends.protocol == Protocol.TCP and not _begins(packet)):
            return None
        parent = pinhole.parent
        parent.pinholes.remove(key)
        return self.begin(
            packet,
            now,
            parent.group,
            parent.settings,
            application=pinhole.expected.application,
            origin=parent.origin,
            vrf=vrf,
        )

    def awaits(self, ends: Ends, now: float, vrf: str = "") -> bool:
        """Whether a packet with these ends may begin a conversation that a session has asked for; nothing changes."""
        key = (vrf, ends.protocol, ends.source, ends.destination, ends.destination_port)
        pinhole = self._pinholes.get(key)
        return pinhole is not None and pinhole.until >= now

    @property
    def pinholes(self) -> list[Expected]:
        """The conversations that are waited for."""
        return [each.expected for each in self._pinholes.values()]

    # --- time ----------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which the next session may be over, or a host be free; None: nothing is due."""
        while self._due and self._due[0][2].gone:
            heapq.heappop(self._due)
        dues = [heap[0][0] for heap in (self._due, self._blocks) if heap]
        return min(dues, default=None)

    def tick(self, now: float) -> None:
        """End what has been silent for too long."""
        groups: dict[Group, None] = {}
        while self._due and self._due[0][0] <= now:
            _, number, session = heapq.heappop(self._due)
            if session.gone:
                continue
            if session.ends_at > now:
                heapq.heappush(self._due, (session.ends_at, number, session))
            else:
                groups[session.group] = None
                self._end(session)
        while self._blocks and self._blocks[0][0] <= now:
            *_, group, host = heapq.heappop(self._blocks)
            if group.blocked.pop(host, None) is not None:
                self._events.append(HostFree(group, host))
        for group in (each for each in groups if each.aggressive):
            limits.calm(group, now, self._events)

    def _expect(self, session: Session, when: float) -> None:
        """A session ends at a time unless something is heard of it."""
        later = session.ends_at and when >= session.ends_at
        session.ends_at = when
        if not later:
            self._sequence += 1
            heapq.heappush(self._due, (when, self._sequence, session))

    def _push(self, session: Session) -> None:
        self._end(session, pushed=True)

    def _block(self, group: Group, host: IPv4Address, until: float) -> None:
        self._sequence += 1
        heapq.heappush(self._blocks, (until, self._sequence, group, host))

    def _end(self, session: Session, *, pushed: bool = False) -> None:
        if session.gone:
            return
        session.gone = True
        del self._sessions[session.vrf, session.ends]
        session.group.count(session, session.state, None)
        for key in session.pinholes:
            self._pinholes.pop(key, None)
        session.pinholes.clear()
        self._events.append(Ended(session, pushed))

    def clear(self, which: Callable[[Session], bool] = lambda _session: True) -> None:
        """End sessions at once."""
        for session in self:
            if which(session):
                self._end(session)

    def forget(self, sessions: Iterable[Session]) -> None:
        """End these sessions at once."""
        for session in sessions:
            self._end(session)


_MOST_PINHOLES = 16
"""That one session may have."""


def turned(ends: Ends) -> Ends:
    """The ends of the answers."""
    return Ends(ends.protocol, ends.destination, ends.destination_port, ends.source, ends.source_port)


def _segment(packet: IPv4Packet) -> TcpSegment | None:
    try:
        return TcpSegment.parse(packet.payload)
    except MalformedPacket:
        return None


def _begins(packet: IPv4Packet) -> bool:
    """Whether a TCP segment is a SYN that asks for a connection; all else may begin a session."""
    if packet.protocol != Protocol.TCP:
        return True
    flags = packet.payload[13] if len(packet.payload) > 13 else 0
    return flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN


def _state(session: Session, forward: bool) -> State:
    """How far a session is after a packet."""
    if session.tcp is None:
        return session.state if forward else State.OPEN
    return _STATES[session.tcp.stage]


def _patience(session: Session) -> int:
    """Seconds of silence after which a session is over."""
    settings = session.settings
    if session.tcp is not None and session.state is State.OPENING:
        return settings.syn_wait
    if session.idle is not None:
        return session.idle
    if session.tcp is not None:
        return settings.tcp_idle
    if session.ends.protocol == Protocol.ICMP:
        return settings.icmp_idle
    return settings.dns_timeout if session.application == DNS else settings.udp_idle


_STATES = {
    Stage.SYN_SENT: State.OPENING,
    Stage.SYN_RECEIVED: State.OPENING,
    Stage.ESTABLISHED: State.OPEN,
    Stage.CLOSING: State.CLOSING,
    Stage.CLOSED: State.CLOSED,
}
