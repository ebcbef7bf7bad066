"""Database description and link state request packets (RFC 2328, 10.6 to 10.9; RFC 5243)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import (
    AuthenticationType,
    DdFlag,
    InterfaceState,
    LsaType,
    NeighborEvent,
    NeighborState,
    NetworkType,
    Option,
    PacketType,
)
from iosemu.routing.ospf.events import Exchange, ExchangeStep, MtuMismatch, PacketFault
from iosemu.routing.ospf.lsa import HEADER_LENGTH as LSA_HEADER
from iosemu.routing.ospf.lsa import LsaHeader, compare
from iosemu.routing.ospf.lsdb import Entry, Lsdb
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.packets import HEADER_LENGTH, DatabaseDescription, LinkStateRequest

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.neighbor import Neighbor

_FIRST = DdFlag.I.value | DdFlag.M.value | DdFlag.MS.value
_LLS_LENGTH = 12
_SIGNED_LLS_LENGTH = 36


class DatabaseExchange:
    """Brings the database of a neighbor here and tells it ours."""

    def __init__(self, process: Core) -> None:
        self.process = process

    def _emit(self, neighbor: Neighbor, step: ExchangeStep, count: int = 0) -> None:
        now, name = self.process.now, neighbor.interface.name
        self.process.emit(Exchange(now, name, address(neighbor.router_id), step, neighbor.state, count=count))

    def _emit_dd(
        self, neighbor: Neighbor, step: ExchangeStep, dd: DatabaseDescription, state: NeighborState
    ) -> None:
        length = HEADER_LENGTH + 8 + LSA_HEADER * len(dd.headers)
        self.process.emit(
            Exchange(
                self.process.now, neighbor.interface.name, address(neighbor.router_id), step, state,
                dd.sequence, dd.options, dd.flags, length, dd.mtu,
            )
        )  # fmt: skip

    def _retransmit_at(self, neighbor: Neighbor) -> float:
        # IOS's interval varies between 0.88 and 1 of what is configured.
        interval = neighbor.interface.config.retransmit_interval
        return self.process.now + interval * (0.88 + 0.12 * self.process.random())

    # --- sending -------------------------------------------------------------------------------------------

    def start(self, neighbor: Neighbor) -> None:
        """Enter ExStart: claim to be master with an empty packet (10.8)."""
        if neighbor.dd_sequence is None:
            neighbor.dd_sequence = 1 + int(self.process.random() * 0x2FFF)
        else:
            neighbor.dd_sequence = neighbor.dd_sequence + 1 & 0xFFFFFFFF
        neighbor.master = True
        self._emit(neighbor, ExchangeStep.PREPARE)
        self._send(neighbor, _FIRST, ())

    def _send(self, neighbor: Neighbor, flags: int, headers: tuple[LsaHeader, ...]) -> None:
        interface = neighbor.interface
        config = self.process.config
        options = interface.area.hello_options
        options |= Option.L.value if config.lls else 0
        options |= Option.O.value if config.opaque else 0
        options |= Option.DC.value if interface.kind is NetworkType.VIRTUAL_LINK else 0
        mtu = 0 if interface.virtual else interface.config.mtu
        assert neighbor.dd_sequence is not None
        neighbor.dd_sent = DatabaseDescription(mtu, options, flags, neighbor.dd_sequence, headers)
        self._transmit(neighbor)

    def _transmit(self, neighbor: Neighbor) -> None:
        dd = neighbor.dd_sent
        assert dd is not None
        self._emit_dd(neighbor, ExchangeStep.SEND_DD, dd, neighbor.state)
        self.process.send_to_neighbor(neighbor, PacketType.DATABASE_DESCRIPTION, dd.to_bytes())
        if neighbor.master:
            neighbor.dd_timer.start(self._retransmit_at(neighbor))
        else:
            neighbor.dd_timer.stop()

    def retransmit(self, neighbor: Neighbor) -> None:
        """The last packet again; IOS gives up after 25 times."""
        neighbor.dd_retransmissions += 1
        if neighbor.dd_retransmissions >= self.process.config.excessive_retransmissions:
            self._emit(neighbor, ExchangeStep.EXCESSIVE, neighbor.dd_retransmissions)
            self.process.neighbor_machine.event(neighbor, NeighborEvent.TOO_MANY_RETRANSMISSIONS)
            return
        self._transmit(neighbor)
        if neighbor.master:
            self._emit(neighbor, ExchangeStep.RETRANSMIT_DD, neighbor.dd_retransmissions)

    def build_summary(self, neighbor: Neighbor) -> None:
        """List what the neighbor is told of; LSAs at MaxAge are flooded to it instead (10.3)."""
        process = self.process
        interface = neighbor.interface
        opaque = bool(neighbor.options & Option.O.value) and process.config.opaque
        lsdbs: list[Lsdb] = [interface.area.lsdb]
        if interface.area.normal and interface.virtual is None:
            lsdbs.append(process.external_lsdb)
        if opaque:
            lsdbs.append(interface.lsdb)
        for lsdb in lsdbs:
            for entry in lsdb:
                if entry.key[0] >= LsaType.OPAQUE_LINK and not opaque:
                    continue
                if entry.at_max_age(process.now):
                    process.flooding.add_retransmission(neighbor, entry)
                else:
                    neighbor.summary[entry.key] = entry
        self._emit(neighbor, ExchangeStep.SUMMARY_BUILT, len(neighbor.summary))

    def _next_headers(self, neighbor: Neighbor) -> tuple[LsaHeader, ...]:
        signed = neighbor.interface.authentication.type is AuthenticationType.CRYPTOGRAPHIC
        lls = _SIGNED_LLS_LENGTH if signed else _LLS_LENGTH
        count = (neighbor.interface.lsa_space - 8 - lls) // LSA_HEADER
        keys = list(islice(neighbor.summary, count))
        now = self.process.now
        return tuple(neighbor.summary.pop(key).header(now) for key in keys)

    def _send_next(self, neighbor: Neighbor, force_more: bool = False) -> None:
        headers = self._next_headers(neighbor)
        flags = DdFlag.M.value if neighbor.summary or force_more else 0
        self._send(neighbor, flags | (DdFlag.MS.value if neighbor.master else 0), headers)

    # --- receiving -----------------------------------------------------------------------------------------

    def receive(self, neighbor: Neighbor, dd: DatabaseDescription) -> None:
        """A database description (10.6)."""
        process = self.process
        self._emit_dd(neighbor, ExchangeStep.RECEIVE_DD, dd, neighbor.state)
        if neighbor.state is NeighborState.INIT:
            process.hello.two_way(neighbor)
        if neighbor.state < NeighborState.EXSTART or self._mtu_refused(neighbor, dd):
            return
        if neighbor.state is NeighborState.EXSTART:
            self._negotiate(neighbor, dd)
        else:
            self._exchange(neighbor, dd)

    def _mtu_refused(self, neighbor: Neighbor, dd: DatabaseDescription) -> bool:
        """The end with the smaller MTU refuses (10.6), and `ip ospf mtu-ignore` is its to set."""
        interface = neighbor.interface
        if interface.config.mtu_ignore or interface.virtual or dd.mtu in (0, interface.config.mtu):
            return False
        refused = dd.mtu > interface.config.mtu
        event = MtuMismatch(
            self.process.now,
            interface.name,
            address(neighbor.router_id),
            dd.mtu,
            interface.config.mtu,
            refused,
        )
        if refused:
            self.process.fault(interface, PacketFault.MTU_MISMATCH, event)
        else:
            self.process.emit(event)
        return refused

    def _negotiate(self, neighbor: Neighbor, dd: DatabaseDescription) -> None:
        own = self.process.router_id
        machine = self.process.neighbor_machine
        if dd.flags & _FIRST == _FIRST and not dd.headers and neighbor.router_id > own:
            self._note(neighbor, dd)
            neighbor.master = False
            neighbor.dd_sequence = dd.sequence
            neighbor.dd_timer.stop()
            neighbor.dd_retransmissions = 0
            self._emit(neighbor, ExchangeStep.SLAVE)
            machine.event(neighbor, NeighborEvent.NEGOTIATION_DONE)
            # IOS's slave always has more to say at first.
            self._send_next(neighbor, force_more=True)
        elif (
            not dd.init and not dd.master and dd.sequence == neighbor.dd_sequence and neighbor.router_id < own
        ):
            self._note(neighbor, dd)
            neighbor.dd_retransmissions = 0
            self._emit(neighbor, ExchangeStep.MASTER)
            machine.event(neighbor, NeighborEvent.NEGOTIATION_DONE)
            self._accept(neighbor, dd)
        elif dd.init:
            self._emit(neighbor, ExchangeStep.NOT_SLAVE)

    def _note(self, neighbor: Neighbor, dd: DatabaseDescription) -> None:
        neighbor.dd_received = (dd.flags, dd.options, dd.sequence)
        neighbor.dd_options = dd.options
        neighbor.options = dd.options & ~Option.L.value

    def _exchange(self, neighbor: Neighbor, dd: DatabaseDescription) -> None:
        machine = self.process.neighbor_machine
        if (dd.flags, dd.options, dd.sequence) == neighbor.dd_received:
            if not neighbor.master:
                self.retransmit(neighbor)
            return
        sequence = neighbor.dd_sequence
        assert sequence is not None
        expected = sequence if neighbor.master else sequence + 1 & 0xFFFFFFFF
        last = neighbor.dd_received
        if (
            neighbor.state is not NeighborState.EXCHANGE
            or dd.master == neighbor.master
            or dd.init
            or (last is not None and dd.options != last[1])
            or dd.sequence != expected
        ):
            machine.event(neighbor, NeighborEvent.SEQUENCE_MISMATCH)
            return
        neighbor.dd_retransmissions = 0
        self._note(neighbor, dd)
        self._accept(neighbor, dd)

    def _accept(self, neighbor: Neighbor, dd: DatabaseDescription) -> None:
        machine = self.process.neighbor_machine
        for header in dd.headers:
            if not self._take(neighbor, header):
                machine.event(neighbor, NeighborEvent.SEQUENCE_MISMATCH)
                return
        sent = neighbor.dd_sent
        assert sent is not None
        assert neighbor.dd_sequence is not None
        if neighbor.master:
            neighbor.dd_sequence = neighbor.dd_sequence + 1 & 0xFFFFFFFF
            if not dd.more and not sent.more:
                neighbor.dd_timer.stop()
                self._done(neighbor)
            else:
                self._send_next(neighbor)
        else:
            neighbor.dd_sequence = dd.sequence
            self._send_next(neighbor)
            if not dd.more and not neighbor.dd_sent.more:  # type: ignore[union-attr]
                self._done(neighbor)
        if neighbor.state is NeighborState.EXCHANGE and neighbor.requests and not neighbor.outstanding:
            self.request(neighbor)

    def _done(self, neighbor: Neighbor) -> None:
        self._emit(neighbor, ExchangeStep.EXCHANGE_DONE)
        self.process.neighbor_machine.event(neighbor, NeighborEvent.EXCHANGE_DONE)

    def _take(self, neighbor: Neighbor, header: LsaHeader) -> bool:
        """Ask for an LSA if it is newer here; False if such an LSA must not be offered."""
        process = self.process
        lsdb = process.lsdb_for(neighbor.interface, header.type)
        if lsdb is None:
            return False
        entry = lsdb.get(header.key)
        if entry is None or compare(_instance(header), _instance(entry.header(process.now))) > 0:
            neighbor.requests[header.key] = header
        if entry is not None and compare(_instance(header), _instance(entry.header(process.now))) >= 0:
            neighbor.summary.pop(header.key, None)  # it has it (RFC 5243)
        return True

    # --- requests ------------------------------------------------------------------------------------------

    def request(self, neighbor: Neighbor) -> None:
        """Ask for the first of what is wanted, a packet at a time (10.9)."""
        if neighbor.outstanding:
            return
        keys = tuple(islice(neighbor.requests, neighbor.interface.lsa_space // 12))
        neighbor.outstanding = set(keys)
        self._send_request(neighbor)

    def _send_request(self, neighbor: Neighbor) -> None:
        keys = tuple(key for key in neighbor.requests if key in neighbor.outstanding)
        if not keys:
            return
        self._emit(neighbor, ExchangeStep.SEND_REQUEST, len(keys))
        body = LinkStateRequest(keys).to_bytes()
        self.process.send_to_neighbor(neighbor, PacketType.LINK_STATE_REQUEST, body)
        neighbor.request_timer.start(self._retransmit_at(neighbor))

    def request_again(self, neighbor: Neighbor) -> None:
        """The retransmit interval passed without all of them."""
        if neighbor.state in (NeighborState.EXCHANGE, NeighborState.LOADING):
            self._send_request(neighbor)

    def satisfied(self, neighbor: Neighbor, header: LsaHeader) -> None:
        """An LSA that was asked for has come."""
        neighbor.requests.pop(header.key, None)
        neighbor.outstanding.discard(header.key)

    def settle(self, neighbor: Neighbor) -> None:
        """After an update: ask for the next ones, or be done."""
        if neighbor.state < NeighborState.EXCHANGE or neighbor.outstanding & neighbor.requests.keys():
            return
        neighbor.outstanding.clear()
        neighbor.request_timer.stop()
        if neighbor.requests:
            self.request(neighbor)
        elif neighbor.state is NeighborState.LOADING:
            self.loaded(neighbor)

    def loaded(self, neighbor: Neighbor) -> None:
        """LoadingDone."""
        self._emit(neighbor, ExchangeStep.SYNCHRONIZED)
        self.process.neighbor_machine.event(neighbor, NeighborEvent.LOADING_DONE)

    def receive_request(self, neighbor: Neighbor, request: LinkStateRequest) -> None:
        """A link state request (10.7): answered to the neighbor alone."""
        if neighbor.state < NeighborState.EXCHANGE or neighbor.interface.state is InterfaceState.DOWN:
            return
        self._emit(neighbor, ExchangeStep.RECEIVE_REQUEST, len(request.keys))
        entries: list[Entry] = []
        for key in request.keys:
            lsdb = self.process.lsdb_for(neighbor.interface, key[0])
            entry = lsdb.get(key) if lsdb else None
            if entry is None:
                self.process.neighbor_machine.event(neighbor, NeighborEvent.BAD_LS_REQUEST)
                return
            entries.append(entry)
        self.process.flooding.send_update(neighbor.interface, neighbor.address, entries)


def _instance(header: LsaHeader) -> tuple[int, int, int]:
    return (header.sequence, header.checksum, header.age)
