"""The hello protocol (RFC 2328, 9.5 and 10.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import (
    ALL_SPF_ROUTERS,
    InterfaceState,
    NeighborEvent,
    NeighborState,
    NetworkType,
    Option,
    PacketType,
)
from iosemu.routing.ospf.events import AreaOptionMismatch, HelloMismatch, NetworkTypeMismatch, PacketFault
from iosemu.routing.ospf.neighbor import Neighbor
from iosemu.routing.ospf.numbers import address
from iosemu.routing.ospf.packets import Header, Hello

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.timers import Timer

_INIT = NeighborState.INIT
_L, _DC = Option.L.value, Option.DC.value
_UNMASKED = (NetworkType.POINT_TO_POINT, NetworkType.VIRTUAL_LINK)


class HelloProtocol:
    """Sends hellos, and makes neighbors of those it hears."""

    def __init__(self, process: Core) -> None:
        self.process = process
        # Neighbors named by configuration that do not answer: (interface, address).
        self._polls: dict[tuple[str, int], Timer] = {}

    # --- sending -------------------------------------------------------------------------------------------

    def start(self, interface: Interface) -> None:
        """Say hello at once and from then on, unless the interface is passive."""
        if interface.config.passive or interface.kind is NetworkType.LOOPBACK:
            return
        if interface.kind in (NetworkType.NON_BROADCAST, NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST):
            for configured in interface.config.neighbors:
                self._attempt(interface, int(configured.address), configured.priority)
        self.send(interface)

    def stop(self, interface: Interface) -> None:
        """Forget the polls of an interface."""
        for key in [key for key in self._polls if key[0] == interface.name]:
            self._polls.pop(key).stop()

    def _attempt(self, interface: Interface, target: int, priority: int) -> None:
        if target not in interface.neighbors:
            neighbor = self.process.new_neighbor(interface, 0, target)
            neighbor.priority = priority
            self.process.neighbor_machine.event(neighbor, NeighborEvent.START)

    def poll(self, interface: Interface, target: int) -> None:
        """Say hello at the poll interval to a configured neighbor that is down."""
        configured = interface.neighbor_config(target)
        if configured is None or interface.state is InterfaceState.DOWN:
            return
        key = (interface.name, target)
        if key not in self._polls:
            self._polls[key] = self.process.timers.timer(lambda: self._poll(interface, target))
        self._polls[key].start(self.process.now + configured.poll_interval)

    def _poll(self, interface: Interface, target: int) -> None:
        if target not in interface.neighbors:
            self._send(interface, target)
            self.poll(interface, target)

    def send(self, interface: Interface) -> None:
        """The periodic hello; IOS spaces it at 0.90 to 0.99 of the interval."""
        process = self.process
        interval = interface.config.hello_spacing
        interface.hello_timer.start(process.now + interval * (0.9 + 0.09 * process.random()))
        if interface.kind is NetworkType.VIRTUAL_LINK:
            if not any(self.suppressed(neighbor) for neighbor in interface.neighbors.values()):
                self._send(interface, interface.peer_address)
        elif interface.kind.multicasts:
            self._send(interface, ALL_SPF_ROUTERS)
        else:
            for neighbor in interface.neighbors.values():
                if neighbor.state is not NeighborState.DOWN:
                    self._send(interface, neighbor.address)

    def send_to(self, neighbor: Neighbor) -> None:
        """A hello to one neighbor at once."""
        self._send(neighbor.interface, neighbor.address)

    def suppressed(self, neighbor: Neighbor) -> bool:
        """Whether the demand circuit is silent: a full neighbor on a virtual link that agreed (RFC 1793, 3.2.2)."""
        if neighbor.interface.kind is not NetworkType.VIRTUAL_LINK:
            return False
        return neighbor.state is NeighborState.FULL and bool(neighbor.options & Option.DC.value)

    def _send(self, interface: Interface, destination: int) -> None:
        options = interface.area.hello_options
        if self.process.config.lls:
            options |= _L
        if interface.kind is NetworkType.VIRTUAL_LINK:
            options |= _DC
        unmasked = interface.kind is NetworkType.VIRTUAL_LINK or interface.config.unnumbered is not None
        wanted = (
            0 if unmasked else interface.mask,
            interface.hello_interval,
            options,
            interface.config.priority if interface.kind.elects else 1,
            interface.dead_interval,
            interface.dr,
            interface.bdr,
            tuple([n.router_id for n in interface.neighbors.values() if n.router_id and n.state >= _INIT]),
        )
        said = interface.hello_said
        if said is None or said[0] != wanted:
            said = interface.hello_said = (wanted, Hello(*wanted).to_bytes())
        self.process.send(interface, PacketType.HELLO, said[1], destination)

    # --- receiving -----------------------------------------------------------------------------------------

    def _mismatch(self, interface: Interface, hello: Hello, source: int) -> bool:
        process = self.process
        config = interface.config
        masked = interface.kind not in _UNMASKED
        if (
            (hello.hello_interval != config.hello and config.hello_multiplier is None)
            or hello.dead_interval != config.dead
            or (masked and hello.mask != interface.mask)
        ):
            masks = (address(hello.mask), address(interface.mask)) if masked else None
            hellos = (hello.hello_interval, config.hello)
            deads = (hello.dead_interval, config.dead)
            event = HelloMismatch(process.now, interface.name, address(source), hellos, deads, masks)
            process.fault(interface, PacketFault.HELLO, event)
            return True
        different = (hello.options ^ interface.area.hello_options) & (Option.E.value | Option.NP.value)
        if different:
            nssa = bool(different & Option.NP.value)
            process.fault(
                interface,
                PacketFault.HELLO,
                AreaOptionMismatch(process.now, interface.name, address(source), nssa),
            )
            return True
        return False

    def receive(self, interface: Interface, header: Header, hello: Hello, source: int) -> Neighbor | None:
        """Take a hello that passed the checks of the header; the neighbor if it has two-way communication."""
        process = self.process
        if interface.config.passive or self._mismatch(interface, hello, source):
            return None
        neighbor = self._neighbor(interface, header, hello, source)
        if neighbor.ignored_until is not None:
            if process.now < neighbor.ignored_until:
                process.drop(interface, source, PacketFault.NEIGHBOR_IGNORED)
                return None
            process.neighbor_machine.event(neighbor, NeighborEvent.IGNORE_ENDED)
            neighbor = self._neighbor(interface, header, hello, source)
        was = neighbor.state
        neighbor.hello_options = hello.options
        neighbor.options = hello.options & ~Option.L.value | neighbor.options & Option.O.value
        machine = process.neighbor_machine
        machine.event(neighbor, NeighborEvent.HELLO_RECEIVED)
        if interface.kind is NetworkType.POINT_TO_POINT and hello.dr and not neighbor.dr:
            process.emit(NetworkTypeMismatch(process.now, interface.name, address(header.router_id)))
        before = (neighbor.priority, neighbor.dr == neighbor.address, neighbor.bdr == neighbor.address)
        neighbor.priority, neighbor.dr, neighbor.bdr = hello.priority, hello.dr, hello.bdr
        if process.router_id not in hello.neighbors:
            if was < NeighborState.INIT:
                self._immediate(neighbor)
            machine.event(neighbor, NeighborEvent.ONE_WAY)
            return None
        after = (neighbor.priority, neighbor.dr == neighbor.address, neighbor.bdr == neighbor.address)
        if was < NeighborState.TWO_WAY:
            self.two_way(neighbor)
            self._immediate(neighbor)
        elif interface.state is InterfaceState.WAITING:
            self._backup_seen(neighbor)
        elif before != after:
            process.interface_machine.neighbor_change(interface)
            machine.event(neighbor, NeighborEvent.ADJ_OK)
        if self.suppressed(neighbor):
            neighbor.inactivity.stop()
        return neighbor

    def two_way(self, neighbor: Neighbor) -> None:
        """Communication is bidirectional: elect, then see whether an adjacency is wanted."""
        process = self.process
        interface = neighbor.interface
        process.neighbor_machine.event(neighbor, NeighborEvent.TWO_WAY_RECEIVED)
        if interface.state is InterfaceState.WAITING:
            self._backup_seen(neighbor)
        else:
            process.interface_machine.neighbor_change(interface)
        process.neighbor_machine.event(neighbor, NeighborEvent.ADJ_OK)

    def _backup_seen(self, neighbor: Neighbor) -> None:
        alone = neighbor.dr == neighbor.address and neighbor.bdr == 0
        if neighbor.bdr == neighbor.address or alone:
            self.process.interface_machine.backup_seen(neighbor.interface)

    def _immediate(self, neighbor: Neighbor) -> None:
        """IOS answers a new neighbor at once, to its own address."""
        interface = neighbor.interface
        if interface.kind is not NetworkType.VIRTUAL_LINK:
            self._send(interface, neighbor.address)

    def _neighbor(self, interface: Interface, header: Header, hello: Hello, source: int) -> Neighbor:
        process = self.process
        key = header.router_id if interface.by_router_id else source
        neighbor = interface.neighbors.get(key)
        if neighbor is not None and neighbor.router_id not in (0, header.router_id):
            # Another router has taken the address.
            process.neighbor_machine.event(neighbor, NeighborEvent.KILL)
            neighbor = None
        if neighbor is None:
            neighbor = process.new_neighbor(interface, header.router_id, source)
        neighbor.router_id = header.router_id
        neighbor.address = source
        if header.digest_length and neighbor.key_id is None:
            neighbor.key_id = header.key_id
            neighbor.crypto_sequence = header.sequence
        return neighbor
