"""What a received packet must be before its protocol sees it (RFC 2328, 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.ospf.authentication import AuthenticationFault, check
from iosemu.routing.ospf.constants import (
    ALL_D_ROUTERS,
    BACKBONE,
    AuthenticationType,
    InterfaceState,
    NeighborState,
    NetworkType,
    PacketType,
)
from iosemu.routing.ospf.events import AreaMismatch, AuthenticationMismatch, DuplicateRouterId, PacketFault
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.packets import (
    DatabaseDescription,
    Header,
    Hello,
    LinkStateAck,
    LinkStateRequest,
    LinkStateUpdate,
    parse_body,
)

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.neighbor import Neighbor


_WAITING = InterfaceState.WAITING
_TWO_WAY = NeighborState.TWO_WAY
_LOOPBACK = NetworkType.LOOPBACK
_SIGNED = AuthenticationType.CRYPTOGRAPHIC
_HELLO = PacketType.HELLO.value


class Reception:
    """Checks packets and hands them on."""

    __slots__ = ("process",)

    def __init__(self, process: Core) -> None:
        self.process = process

    def heard_again(self, interface: Interface, source: int, data: bytes) -> bool:
        """Whether it is word for word the hello that was taken last, which says that the neighbor is alive."""
        cached = interface.hello_cache.get(source)
        if cached is None or cached[0] != data or cached[1].state < _TWO_WAY or interface.state is _WAITING:
            return False
        self._count(interface, _HELLO, len(data))
        cached[1].inactivity.start(self.process.now + interface.dead_interval)
        return True

    def receive(self, interface: Interface, source: int, data: bytes, destination: int | None) -> None:
        """A packet on an interface that is up."""
        process = self.process
        try:
            header = Header.parse(data)
        except MalformedPacket as error:
            fault = PacketFault.VERSION if "version" in str(error) else PacketFault.LENGTH
            process.drop(interface, source, fault, str(error))
            return
        if not header.checksum_valid(data):
            process.drop(interface, source, PacketFault.CHECKSUM)
            return
        if interface.config.passive or interface.kind is _LOOPBACK:
            return
        found = self._interface(interface, header, source)
        if found is None or not self._authentic(found, header, data, source):
            return
        interface = found
        if destination == ALL_D_ROUTERS and interface.state not in (InterfaceState.DR, InterfaceState.BACKUP):
            process.drop(interface, source, PacketFault.DESTINATION)
            return
        try:
            body = parse_body(header, data)
        except MalformedPacket as error:
            process.drop(interface, source, PacketFault.LENGTH, str(error))
            return
        self._count(interface, header.type, len(data))
        self._dispatch(interface, header, body, source, data)

    @staticmethod
    def _count(interface: Interface, kind: int, octets: int) -> None:
        statistics = interface.statistics
        statistics.received[kind] += 1
        statistics.received_octets[kind] += octets

    def _interface(self, interface: Interface, header: Header, source: int) -> Interface | None:
        """The interface that the packet belongs to: a virtual link's if it is of the backbone from elsewhere."""
        process = self.process
        if header.router_id == process.router_id:
            if source == interface.address:
                process.drop(interface, source, PacketFault.SELF_ORIGINATED)
            else:
                event = DuplicateRouterId(
                    process.now, interface.name, address(source), address(header.router_id)
                )
                process.fault(interface, PacketFault.DUPLICATE_ID, event)
            return None
        if header.area_id == interface.area.id:
            if not interface.by_router_id and source & interface.mask != interface.network:
                process.drop(interface, source, PacketFault.BAD_SOURCE)
                return None
            return interface
        if header.area_id == BACKBONE:
            virtual = process.virtual_links.find(interface.area, header.router_id)
            if virtual is not None:
                return virtual
        event_area = AreaMismatch(
            process.now, interface.name, address(source), header.area_id, interface.area.id
        )
        process.fault(interface, PacketFault.AREA_MISMATCH, event_area)
        return None

    def _authentic(self, interface: Interface, header: Header, data: bytes, source: int) -> bool:
        authentication = interface.config.authentication
        fault = check(header, data, authentication)
        if fault is None and authentication.type is _SIGNED:
            neighbor = interface.neighbors.get(header.router_id if interface.by_router_id else source)
            if neighbor is not None:
                if header.sequence < neighbor.crypto_sequence:
                    fault = AuthenticationFault.SEQUENCE
                else:
                    neighbor.crypto_sequence = header.sequence
                    self._note_key(neighbor, header)
        if fault is None:
            return True
        event = AuthenticationMismatch(
            self.process.now,
            interface.name,
            address(source),
            fault,
            (header.authentication_type, authentication.type),
            header.key_id if header.authentication_type == _SIGNED else None,
        )
        kind = (
            PacketFault.AUTHENTICATION_TYPE
            if fault is AuthenticationFault.TYPE
            else PacketFault.AUTHENTICATION
        )
        self.process.fault(interface, kind, event)
        return False

    def _note_key(self, neighbor: Neighbor, header: Header) -> None:
        """Of the copies of one packet under several keys the youngest key that we know counts."""
        keys = [key.id for key in neighbor.interface.authentication.keys]
        now = self.process.now
        known = neighbor.key_heard == now and neighbor.key_id in keys and header.key_id in keys
        if known and keys.index(header.key_id) < keys.index(neighbor.key_id or 0):
            return
        neighbor.key_id = header.key_id
        neighbor.key_heard = now

    def _dispatch(self, interface: Interface, header: Header, body: object, source: int, data: bytes) -> None:
        process = self.process
        if isinstance(body, Hello):
            neighbor = process.hello.receive(interface, header, body, source)
            plain = header.authentication_type != _SIGNED
            if neighbor is not None and plain and not process.hello.suppressed(neighbor):
                interface.hello_cache[source] = (data, neighbor)
            return
        neighbor = interface.neighbors.get(header.router_id if interface.by_router_id else source)
        if neighbor is None or neighbor.router_id != header.router_id:
            process.drop(interface, source, PacketFault.UNKNOWN_NEIGHBOR)
        elif neighbor.ignored_until is not None:
            process.drop(interface, source, PacketFault.NEIGHBOR_IGNORED)
        elif isinstance(body, LinkStateUpdate):
            process.flooding.receive(neighbor, body)
        elif isinstance(body, LinkStateAck):
            process.flooding.receive_ack(neighbor, body)
        elif isinstance(body, DatabaseDescription):
            process.exchange.receive(neighbor, body)
        elif isinstance(body, LinkStateRequest):
            process.exchange.receive_request(neighbor, body)
