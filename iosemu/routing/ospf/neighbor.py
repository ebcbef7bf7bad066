"""A neighbor and its state machine (RFC 2328, 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import InterfaceState, NeighborEvent, NeighborState, NetworkType
from iosemu.routing.ospf.election import Candidate
from iosemu.routing.ospf.events import NeighborChange
from iosemu.routing.ospf.lsa import LsaHeader, LsaKey
from iosemu.routing.ospf.lsdb import Entry
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.packets import DatabaseDescription

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.timers import Timer

S = NeighborState
E = NeighborEvent


class Neighbor:
    """Data structure of RFC 2328 10; times in lab seconds."""

    __slots__ = (
        "address", "bdr", "crypto_sequence", "dd_options", "dd_received", "dd_retransmissions",
        "dd_sent", "dd_sequence", "dd_timer", "dr", "full_since", "hello_options", "ignored_until",
        "immediate_hello", "inactivity", "interface", "key_heard", "key_id", "master", "options",
        "outstanding", "poll_timer", "priority", "request_timer", "requests", "retransmissions",
        "retransmit", "retransmit_timer", "router_id", "state", "state_changes", "summary",
    )  # fmt: skip

    inactivity: Timer
    dd_timer: Timer
    request_timer: Timer
    retransmit_timer: Timer
    poll_timer: Timer

    def __init__(self, interface: Interface, router_id: int, source: int) -> None:
        self.interface = interface
        self.router_id = router_id
        self.address = source
        self.state = S.DOWN
        self.priority = 0
        self.dr = 0
        self.bdr = 0
        self.options = 0
        # As they came, with the L bit: in hellos and in database descriptions.
        self.hello_options = 0
        self.dd_options = 0
        self.full_since: float | None = None
        self.state_changes = 0
        self.ignored_until: float | None = None
        # Authentication: the last sequence number and key that it used.
        self.crypto_sequence = 0
        self.key_id: int | None = None
        self.key_heard = -1.0
        # Database exchange.
        self.master = False
        self.dd_sequence: int | None = None
        self.dd_sent: DatabaseDescription | None = None
        self.dd_received: tuple[int, int, int] | None = None
        self.dd_retransmissions = 0
        self.summary: dict[LsaKey, Entry] = {}
        self.requests: dict[LsaKey, LsaHeader] = {}
        self.outstanding: set[LsaKey] = set()
        # Entries to acknowledge, with the time when each is sent again.
        self.retransmit: dict[LsaKey, tuple[Entry, float]] = {}
        self.retransmissions = 0
        self.immediate_hello = -1e9

    @property
    def key(self) -> int:
        """The key in `Interface.neighbors`."""
        return self.router_id if self.interface.by_router_id else self.address

    @property
    def exchanging(self) -> bool:
        """Whether MaxAge LSAs must stay for its sake (RFC 2328, 14)."""
        return self.state in (S.EXCHANGE, S.LOADING)

    def candidate(self) -> Candidate:
        """Itself in an election."""
        return Candidate(self.priority, self.router_id, self.address, self.dr, self.bdr)


class NeighborMachine:
    """Applies events to neighbors; the table below names RFC 2328's section 10.3."""

    def __init__(self, process: Core) -> None:
        self.process = process
        alive = frozenset(S) - {S.DOWN}
        adjacent = frozenset(s for s in S if s >= S.EXSTART)
        exchanged = frozenset(s for s in S if s >= S.EXCHANGE)
        two_way = frozenset(s for s in S if s >= S.TWO_WAY)
        self.table: dict[E, tuple[tuple[frozenset[S], Callable[[Neighbor, E], None]], ...]] = {
            E.START: ((frozenset({S.DOWN}), self._attempt),),
            E.HELLO_RECEIVED: (
                (frozenset({S.DOWN, S.ATTEMPT}), self._to(S.INIT)),
                (frozenset(S), self._restart_inactivity),
            ),
            E.TWO_WAY_RECEIVED: ((frozenset({S.INIT}), self._two_way),),
            E.NEGOTIATION_DONE: ((frozenset({S.EXSTART}), self._negotiated),),
            E.EXCHANGE_DONE: ((frozenset({S.EXCHANGE}), self._exchanged),),
            E.LOADING_DONE: ((frozenset({S.LOADING}), self._to(S.FULL)),),
            E.ADJ_OK: ((frozenset({S.TWO_WAY}), self._maybe_start), (adjacent, self._maybe_stop)),
            E.SEQUENCE_MISMATCH: ((exchanged, self._restart),),
            E.BAD_LS_REQUEST: ((exchanged, self._restart),),
            E.ONE_WAY: ((two_way, self._one_way),),
            E.KILL: ((frozenset(S), self._down),),
            E.LINK_DOWN: ((frozenset(S), self._down),),
            E.INACTIVITY: ((frozenset(S), self._down),),
            E.TOO_MANY_RETRANSMISSIONS: ((alive, self._down),),
            E.RESET: ((alive, self._down),),
            E.IGNORE_ENDED: ((frozenset({S.DOWN}), self._down),),
        }

    def event(self, neighbor: Neighbor, event: E) -> None:
        """Apply an event; what the table does not have for the state is ignored."""
        state = neighbor.state
        for states, action in self.table[event]:
            if state in states:
                action(neighbor, event)

    def _to(self, new: S) -> Callable[[Neighbor, E], None]:
        return lambda neighbor, event: self._set(neighbor, new, event)

    def _set(self, neighbor: Neighbor, new: S, event: E) -> None:
        old = neighbor.state
        if old is new:
            return
        process = self.process
        neighbor.state = new
        neighbor.state_changes += 1
        process.exchanging += (new in (S.EXCHANGE, S.LOADING)) - (old in (S.EXCHANGE, S.LOADING))
        interface = neighbor.interface
        process.emit(
            NeighborChange(
                process.now,
                interface.name,
                address(neighbor.router_id),
                address(neighbor.address),
                old,
                new,
                event,
            )
        )
        if new is S.FULL:
            neighbor.full_since = process.now
            if process.hello.suppressed(neighbor):
                neighbor.inactivity.stop()
        elif old is S.FULL and new is not S.DOWN:
            neighbor.inactivity.start_if_idle(process.now + interface.dead_interval)
        if S.FULL in (old, new):
            if new is not S.FULL:
                neighbor.full_since = None
            process.adjacency_changed(interface)
        if old in (S.EXCHANGE, S.LOADING) and not process.exchanging:
            process.flooding.sweep()

    def _restart_inactivity(self, neighbor: Neighbor, event: E) -> None:
        neighbor.inactivity.start(self.process.now + neighbor.interface.dead_interval)

    def _attempt(self, neighbor: Neighbor, event: E) -> None:
        self._set(neighbor, S.ATTEMPT, event)
        self.process.hello.send_to(neighbor)
        neighbor.inactivity.start(self.process.now + neighbor.interface.dead_interval)

    def _two_way(self, neighbor: Neighbor, event: E) -> None:
        self._set(neighbor, S.TWO_WAY, event)
        self._maybe_start(neighbor, event)

    def _maybe_start(self, neighbor: Neighbor, event: E) -> None:
        interface = neighbor.interface
        if interface.state is InterfaceState.WAITING or not interface.adjacency_wanted(neighbor):
            return
        self._set(neighbor, S.EXSTART, E.ADJ_OK)
        self.process.exchange.start(neighbor)

    def _maybe_stop(self, neighbor: Neighbor, event: E) -> None:
        if not neighbor.interface.adjacency_wanted(neighbor):
            self.clear(neighbor)
            self._set(neighbor, S.TWO_WAY, event)

    def _negotiated(self, neighbor: Neighbor, event: E) -> None:
        self._set(neighbor, S.EXCHANGE, event)
        self.process.exchange.build_summary(neighbor)

    def _exchanged(self, neighbor: Neighbor, event: E) -> None:
        self._set(neighbor, S.LOADING, event)
        if neighbor.requests:
            self.process.exchange.request(neighbor)
        else:
            self.process.exchange.loaded(neighbor)

    def _restart(self, neighbor: Neighbor, event: E) -> None:
        self.clear(neighbor)
        self._set(neighbor, S.EXSTART, event)
        self.process.exchange.start(neighbor)

    def _one_way(self, neighbor: Neighbor, event: E) -> None:
        self.clear(neighbor)
        self._set(neighbor, S.INIT, event)
        self.process.interface_machine.neighbor_change(neighbor.interface)

    def _down(self, neighbor: Neighbor, event: E) -> None:
        interface = neighbor.interface
        was_two_way = neighbor.state >= S.TWO_WAY
        self.clear(neighbor)
        neighbor.inactivity.stop()
        neighbor.poll_timer.stop()
        interface.hello_cache.clear()
        if event is E.TOO_MANY_RETRANSMISSIONS:
            # IOS does not hear the neighbor for a while, which the shows call DOWN.
            neighbor.ignored_until = self.process.now + self.process.config.ignore_time
            neighbor.poll_timer.start(neighbor.ignored_until)
        else:
            interface.neighbors.pop(neighbor.key, None)
        self._set(neighbor, S.DOWN, event)
        self.process.flooding.sweep()
        if event in (E.INACTIVITY, E.RESET) and interface.kind in (
            NetworkType.NON_BROADCAST,
            NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST,
        ):
            self.process.hello.poll(interface, neighbor.address)
        if was_two_way and event not in (E.KILL, E.LINK_DOWN):
            self.process.interface_machine.neighbor_change(interface)

    def clear(self, neighbor: Neighbor) -> None:
        """Forget the lists and stop the timers of an adjacency."""
        neighbor.dd_timer.stop()
        neighbor.request_timer.stop()
        neighbor.retransmit_timer.stop()
        neighbor.summary.clear()
        neighbor.requests.clear()
        neighbor.outstanding.clear()
        neighbor.retransmit.clear()
        neighbor.dd_sent = neighbor.dd_received = None
        neighbor.dd_retransmissions = 0
