"""Link state updates and acknowledgments: flooding, retransmission, ageing out (RFC 2328, 13 and 14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import (
    ALL_D_ROUTERS,
    ALL_SPF_ROUTERS,
    DO_NOT_AGE,
    MAX_AGE,
    MAX_AGE_DIFF,
    MAX_SEQUENCE,
    InterfaceState,
    LsaType,
    NeighborEvent,
    NeighborState,
    NetworkType,
    Option,
    PacketType,
)
from iosemu.routing.ospf.events import PacketFault
from iosemu.routing.ospf.lsa import HEADER_LENGTH, Lsa, compare
from iosemu.routing.ospf.lsdb import Entry, Lsdb
from iosemu.routing.ospf.packets import LinkStateAck, LinkStateUpdate, update_body

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.neighbor import Neighbor

_EXCHANGE = NeighborState.EXCHANGE
_OPAQUE = LsaType.OPAQUE_LINK.value
_O = Option.O.value
_LOADING, _FULL = NeighborState.LOADING, NeighborState.FULL
_DOWN, _BACKUP, _DR = InterfaceState.DOWN, InterfaceState.BACKUP, InterfaceState.DR
_BROADCAST = NetworkType.BROADCAST
_UPDATE, _ACK = PacketType.LINK_STATE_UPDATE, PacketType.LINK_STATE_ACK


class Flooding:
    """Receives, floods, acknowledges, sends again, and takes out what has reached MaxAge."""

    __slots__ = ("_leaving", "process", "sweep_wanted", "to_send", "unsettled")

    def __init__(self, process: Core) -> None:
        self.process = process
        # The interfaces that have something in their queue.
        self.to_send: dict[Interface, None] = {}
        self.unsettled: dict[Neighbor, None] = {}
        # Entries at MaxAge that leave their database when nobody needs them any more (14).
        self._leaving: dict[Entry, Lsdb] = {}
        self.sweep_wanted = False

    @property
    def busy(self) -> bool:
        """Whether something is to be requested or taken out now."""
        return bool(self.unsettled) or self.sweep_wanted

    # --- receiving updates (13) ----------------------------------------------------------------------------

    def receive(self, neighbor: Neighbor, update: LinkStateUpdate) -> None:
        """An update from a neighbor in state Exchange or later."""
        if neighbor.state < _EXCHANGE:
            return
        direct: list[bytes] = []
        back: list[Entry] = []
        for age, lsa in update.lsas:
            self._receive(neighbor, age, lsa, direct, back)
            if neighbor.state < _EXCHANGE:
                break
        if direct:
            self._send_acks(neighbor.interface, direct, neighbor.address)
        if back:
            self.send_update(neighbor.interface, neighbor.address, back)
        if neighbor.requests or neighbor.state is _LOADING:
            self.process.exchange.settle(neighbor)

    def _receive(
        self, neighbor: Neighbor, age: int, lsa: Lsa, direct: list[bytes], back: list[Entry]
    ) -> None:
        process = self.process
        interface = neighbor.interface
        if not lsa.valid:
            process.drop(interface, neighbor.address, PacketFault.LSA_CHECKSUM)
            return
        lsdb = process.lsdb_for(interface, lsa.type)
        if lsdb is None:
            process.drop(interface, neighbor.address, PacketFault.LSA_TYPE)
            return
        if not lsa.sensible or (age > MAX_AGE and age & ~DO_NOT_AGE > MAX_AGE):
            process.drop(interface, neighbor.address, PacketFault.LSA_DATA)
            return
        now = process.now
        entry = lsdb.tables[lsa.type].get(lsa.place)
        if entry is None:
            if age & ~DO_NOT_AGE >= MAX_AGE and not process.exchanging:
                direct.append(lsa.header_bytes(age))
                return
            order = 1
        elif entry.lsa is lsa and age < MAX_AGE_DIFF and entry.age_then + now - entry.since < MAX_AGE_DIFF:
            order = 0  # the usual duplicate
        else:
            held = (entry.lsa.sequence, entry.lsa.checksum, entry.age(now))
            order = compare((lsa.sequence, lsa.checksum, age), held)
        if order > 0:
            self._newer(neighbor, lsdb, entry, lsa, age, direct)
        elif lsa.key in neighbor.requests:
            process.neighbor_machine.event(neighbor, NeighborEvent.BAD_LS_REQUEST)
        elif order == 0:
            implied = neighbor.retransmit.pop(lsa.key, None)
            if implied is None:
                direct.append(lsa.header_bytes(age))
            else:
                if interface.state is _BACKUP and neighbor.address == interface.dr:
                    self._delay_ack(interface, lsa.header_bytes(age))
                if self._leaving:
                    self._acknowledged(implied[0])
        else:
            assert entry is not None
            if entry.at_max_age(now) and entry.lsa.sequence == MAX_SEQUENCE:
                return
            if now - entry.sent_back >= process.config.lsa_arrival:
                entry.sent_back = now
                back.append(entry)

    def _newer(
        self, neighbor: Neighbor, lsdb: Lsdb, old: Entry | None, lsa: Lsa, age: int, direct: list[bytes]
    ) -> None:
        """Step 5: (a) MinLSArrival, (b) flood, (c)(d) install, (e) acknowledge, (f) what is our own."""
        process = self.process
        now = process.now
        if old is not None and not old.own and now - old.installed < process.config.lsa_arrival:
            return
        interface = neighbor.interface
        own = process.originates(lsdb, lsa)
        entry = Entry(lsa, age, now, own)
        # Installing first lets the walk over the neighbors forget the old instance on the way.
        self.install(lsdb, entry)
        flooded_back = self.flood(lsdb, entry, neighbor)
        if not flooded_back and (interface.state is not _BACKUP or neighbor.address == interface.dr):
            self._delay_ack(interface, lsa.header_bytes(age))
        if own:
            process.originator.received(lsdb, entry)

    def install(self, lsdb: Lsdb, entry: Entry) -> None:
        """Put an instance into its database, and have routes follow if its content is new (13.2)."""
        process = self.process
        old = lsdb.install(entry)
        flushed = entry.age_then == MAX_AGE
        if flushed:
            self._leaving[entry] = lsdb
            self.sweep_wanted = True
        if old is None:
            process.routing.lsa_changed(lsdb, entry.lsa, None)
        else:
            if old.flushed != flushed or not old.lsa.same_content(entry.lsa):
                process.routing.lsa_changed(lsdb, entry.lsa, old.lsa)
            self._leaving.pop(old, None)
        process.watch_ages(lsdb, entry)

    # --- flooding (13.3) -----------------------------------------------------------------------------------

    def flood(self, lsdb: Lsdb, entry: Entry, source: Neighbor | None = None) -> bool:
        """Queue an instance on every interface of its scope; whether it goes back where it came from."""
        back = False
        key = entry.key
        lsa = entry.lsa
        now = self.process.now
        opaque = key[0] >= _OPAQUE
        for interface in self.process.scope(lsdb):
            if not interface.neighbors:
                continue
            config = interface.config
            queue = False
            for neighbor in interface.neighbors.values():
                state = neighbor.state
                if state is not _FULL and state < _EXCHANGE:
                    continue
                if state is not _FULL and (wanted := neighbor.requests.get(key)) is not None:
                    new = (lsa.sequence, lsa.checksum, entry.age(now))
                    order = compare(new, (wanted.sequence, wanted.checksum, wanted.age))
                    if order < 0:
                        continue
                    self.process.exchange.satisfied(neighbor, wanted)
                    self.unsettled[neighbor] = None
                    if order == 0:
                        neighbor.retransmit.pop(key, None)
                        continue
                if neighbor is source:
                    neighbor.retransmit.pop(key, None)
                    continue
                if opaque and not neighbor.options & _O:
                    continue
                if config.database_filter_out:
                    continue
                self._add(neighbor, entry, now + config.retransmit_interval)
                queue = True
            if not queue:
                continue
            if source is not None and interface is source.interface:
                if interface.kind.elects and source.address in (interface.dr, interface.bdr):
                    continue
                if interface.state is _BACKUP:
                    continue
                back = True
            interface.flood_queue[key] = entry
            self.to_send[interface] = None
        return back

    def _add(self, neighbor: Neighbor, entry: Entry, due: float) -> None:
        key, retransmit = entry.key, neighbor.retransmit
        retransmit.pop(key, None)
        retransmit[key] = (entry, due)
        if neighbor.retransmit_timer.when is None:
            neighbor.retransmit_timer.start(due)

    def add_retransmission(self, neighbor: Neighbor, entry: Entry) -> None:
        """Have an entry sent to one neighbor until it is acknowledged."""
        self._add(neighbor, entry, self.process.now + neighbor.interface.config.retransmit_interval)

    def flush_queues(self) -> None:
        """Send what is queued; updates on one interface keep IOS's pace of 33 ms."""
        now, pacing = self.process.now, self.process.config.flood_pacing
        for interface in list(self.to_send):
            if not interface.flood_queue:
                continue
            ready = interface.last_flood + pacing
            if ready <= now:
                self.send_queue(interface)
            elif interface.flood_timer.when is None:
                interface.flood_timer.start(ready)
        self.to_send.clear()

    def send_queue(self, interface: Interface) -> None:
        """Send an interface's queue now."""
        if not interface.flood_queue or interface.state is _DOWN:
            return
        entries = list(interface.flood_queue.values())
        interface.flood_queue.clear()
        interface.last_flood = self.process.now
        for destination in self._destinations(interface):
            self.send_update(interface, destination, entries)

    def _destinations(self, interface: Interface) -> Iterable[int]:
        if interface.kind is _BROADCAST:
            designated = interface.state is _DR or interface.state is _BACKUP
            return (ALL_SPF_ROUTERS if designated else ALL_D_ROUTERS,)
        if interface.kind.multicasts:
            return (ALL_SPF_ROUTERS,)
        return [n.address for n in interface.neighbors.values() if n.state >= _EXCHANGE]

    def send_update(self, interface: Interface, destination: int, entries: Sequence[Entry]) -> None:
        """Send LSAs in as many packets as they need, ages moved on by the transmit delay."""
        now = self.process.now
        space = interface.lsa_space - 4
        parts: list[bytes] = []
        used = 0
        delay, virtual = interface.config.transmit_delay, interface.virtual is not None
        for entry in entries:
            lsa = entry.lsa
            if parts and used + lsa.length > space:
                self.process.send(interface, _UPDATE, update_body(parts), destination)
                parts, used = [], 0
            age = entry.age_then
            if not age & DO_NOT_AGE:
                age += int(now - entry.since) + delay
                if age >= MAX_AGE:
                    age = MAX_AGE
                elif virtual:
                    age |= DO_NOT_AGE
            parts += (age.to_bytes(2, "big"), lsa.content)
            used += lsa.length
        if parts:
            self.process.send(interface, _UPDATE, update_body(parts), destination)

    def retransmit(self, neighbor: Neighbor) -> None:
        """The retransmit timer: send what is due to the neighbor alone (13.6)."""
        now = self.process.now
        due = []
        for entry, when in neighbor.retransmit.values():
            if when > now:
                break
            due.append(entry)
        later = now + neighbor.interface.config.retransmit_interval
        for entry in due:
            self._add(neighbor, entry, later)
        if due:
            neighbor.retransmissions += len(due)
            self.send_update(neighbor.interface, neighbor.address, due)
        if neighbor.retransmit:
            neighbor.retransmit_timer.start(next(iter(neighbor.retransmit.values()))[1])

    # --- acknowledgments (13.5, 13.7) ----------------------------------------------------------------------

    def _delay_ack(self, interface: Interface, header: bytes) -> None:
        interface.acks.append(header)
        if interface.ack_timer.when is None:
            interface.ack_timer.start(self.process.now + self.process.config.acknowledge_delay)

    def send_delayed_acks(self, interface: Interface) -> None:
        """The delay has passed."""
        headers, interface.acks = interface.acks, []
        if not headers:
            return
        for destination in self._destinations(interface):
            self._send_acks(interface, headers, destination)

    def _send_acks(self, interface: Interface, headers: Sequence[bytes], destination: int) -> None:
        count = interface.lsa_space // HEADER_LENGTH
        for at in range(0, len(headers), count):
            self.process.send(interface, _ACK, b"".join(headers[at : at + count]), destination)

    def receive_ack(self, neighbor: Neighbor, ack: LinkStateAck) -> None:
        """Acknowledgments from a neighbor in state Exchange or later."""
        retransmit = neighbor.retransmit
        if neighbor.state < _EXCHANGE or not retransmit:
            return
        for _, _, kind, ls_id, router, sequence, checksum, _ in ack.headers:
            key = (kind, ls_id, router)
            waiting = retransmit.get(key)
            if waiting is None:
                continue
            entry = waiting[0]
            if sequence == entry.lsa.sequence and checksum == entry.lsa.checksum:
                del retransmit[key]
                if self._leaving:
                    self._acknowledged(entry)
        if not retransmit:
            neighbor.retransmit_timer.stop()

    def _acknowledged(self, entry: Entry) -> None:
        if entry in self._leaving:
            self.sweep()

    # --- ageing (14) ---------------------------------------------------------------------------------------

    def expire(self, lsdb: Lsdb) -> None:
        """Flood what has reached MaxAge, to take it out of all databases."""
        for entry in lsdb.expired(self.process.now):
            if entry not in self._leaving:
                self._age_out(lsdb, entry)
        self.sweep()

    def _age_out(self, lsdb: Lsdb, entry: Entry) -> None:
        entry.age_then = MAX_AGE
        entry.since = self.process.now
        self._leaving[entry] = lsdb
        self.process.routing.lsa_changed(lsdb, entry.lsa, entry.lsa)
        self.flood(lsdb, entry)

    def flush(self, lsdb: Lsdb, entry: Entry) -> None:
        """Premature ageing of an LSA of our own (14.1)."""
        if entry not in self._leaving:
            self._age_out(lsdb, entry)
            self.sweep()

    def reset(self) -> None:
        """Forget everything; the databases are emptied."""
        self.to_send.clear()
        self.unsettled.clear()
        self._leaving.clear()
        self.sweep_wanted = False

    def sweep(self) -> None:
        """Take out entries at MaxAge that no neighbor has to acknowledge and none is being told of."""
        self.sweep_wanted = False
        if not self._leaving or self.process.exchanging:
            return
        for entry, lsdb in list(self._leaving.items()):
            waited = any(
                entry.key in neighbor.retransmit and neighbor.retransmit[entry.key][0] is entry
                for interface in self.process.scope(lsdb)
                for neighbor in interface.neighbors.values()
            )
            if not waited:
                self._leaving.pop(entry, None)
                lsdb.remove(entry)
                self.process.originator.removed(lsdb, entry)
