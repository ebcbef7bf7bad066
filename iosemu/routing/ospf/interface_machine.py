"""The interface state machine (RFC 2328, 9.1 to 9.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import InterfaceState, NeighborEvent, NeighborState, NetworkType
from iosemu.routing.ospf.election import Candidate, elect
from iosemu.routing.ospf.events import Election, ElectionCause, InterfaceChange
from iosemu.routing.ospf.lsdb import Lsdb
from iosemu.routing.ospf.numbers import address

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface

# The state that InterfaceUp leads to, by network type; others wait for the election.
_UP = {
    NetworkType.LOOPBACK: InterfaceState.LOOPBACK,
    NetworkType.POINT_TO_POINT: InterfaceState.POINT_TO_POINT,
    NetworkType.POINT_TO_MULTIPOINT: InterfaceState.POINT_TO_POINT,
    NetworkType.POINT_TO_MULTIPOINT_NONBROADCAST: InterfaceState.POINT_TO_POINT,
    NetworkType.VIRTUAL_LINK: InterfaceState.POINT_TO_POINT,
}


def _id(candidate: Candidate | None) -> IPv4Address | None:
    return address(candidate.router_id) if candidate else None


class InterfaceMachine:
    """Brings interfaces up and down and elects."""

    def __init__(self, process: Core) -> None:
        self.process = process

    def _set(self, interface: Interface, new: InterfaceState) -> None:
        old = interface.state
        if old is new:
            return
        interface.state = new
        process = self.process
        process.emit(InterfaceChange(process.now, interface.name, old, new))
        process.interface_state_changed(interface)

    def up(self, interface: Interface) -> None:
        """InterfaceUp."""
        process = self.process
        if (state := _UP.get(interface.kind)) is not None:
            self._set(interface, state)
        elif interface.config.priority == 0:
            self._set(interface, InterfaceState.DR_OTHER)
        else:
            self._set(interface, InterfaceState.WAITING)
            interface.wait_timer.start(process.now + interface.config.dead)
        process.hello.start(interface)

    def down(self, interface: Interface, event: NeighborEvent = NeighborEvent.KILL) -> None:
        """InterfaceDown: every neighbor goes, with the reason of `event`."""
        process = self.process
        for timer in (
            interface.hello_timer,
            interface.wait_timer,
            interface.flood_timer,
            interface.ack_timer,
        ):
            timer.stop()
        process.hello.stop(interface)
        for neighbor in list(interface.neighbors.values()):
            process.neighbor_machine.event(neighbor, event)
        if interface.kind.elects and interface.state is not InterfaceState.DOWN:
            none = (None, None)
            cause = ElectionCause.INTERFACE_DOWN
            process.emit(Election(process.now, interface.name, cause, (none, none), None, None))
        interface.dr = interface.bdr = 0
        interface.flood_queue.clear()
        interface.acks.clear()
        interface.lsdb = Lsdb(link=interface)
        self._set(interface, InterfaceState.DOWN)

    def wait_over(self, interface: Interface) -> None:
        """WaitTimer."""
        if interface.state is InterfaceState.WAITING:
            self._elect(interface, ElectionCause.WAIT_ENDED)

    def backup_seen(self, interface: Interface) -> None:
        """BackupSeen."""
        if interface.state is InterfaceState.WAITING:
            interface.wait_timer.stop()
            self._elect(interface, ElectionCause.BACKUP_SEEN)

    def neighbor_change(self, interface: Interface) -> None:
        """NeighborChange: an election unless it is still waited for."""
        if interface.state in (InterfaceState.DR_OTHER, InterfaceState.BACKUP, InterfaceState.DR):
            self._elect(interface, ElectionCause.NEIGHBOR_CHANGE)

    def _elect(self, interface: Interface, cause: ElectionCause) -> None:
        process = self.process
        own = Candidate(
            interface.config.priority, process.router_id, interface.address, interface.dr, interface.bdr
        )
        heard = [n.candidate() for n in interface.neighbors.values() if n.state >= NeighborState.TWO_WAY]
        result = elect(own, heard)
        dr = result.dr.address if result.dr else 0
        bdr = result.bdr.address if result.bdr else 0
        rounds = tuple((_id(backup), _id(designated)) for designated, backup in result.rounds)
        # A router that takes both places is the designated one (the round that tells it so needs its next hello).
        shown = result.bdr if bdr != dr else None
        process.emit(Election(process.now, interface.name, cause, rounds, _id(result.dr), _id(shown)))
        changed = (dr, bdr) != (interface.dr, interface.bdr)
        interface.dr, interface.bdr = dr, bdr
        if dr == interface.address:
            state = InterfaceState.DR
        elif bdr == interface.address:
            state = InterfaceState.BACKUP
        else:
            state = InterfaceState.DR_OTHER
        state_changed = state is not interface.state
        self._set(interface, state)
        if changed or state_changed:
            process.designation_changed(interface)
            for neighbor in list(interface.neighbors.values()):
                if neighbor.state >= NeighborState.TWO_WAY:
                    process.neighbor_machine.event(neighbor, NeighborEvent.ADJ_OK)
