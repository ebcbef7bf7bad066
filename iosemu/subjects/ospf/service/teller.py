"""What others want to know of a process: changes of state that RFC 1850 section 4 has notifications for."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.facts import OspfInterfaceState, OspfNeighborState
from iosemu.ip.config import primary_address
from iosemu.routing.ospf import NeighborState, Process
from iosemu.routing.ospf.constants import InterfaceState
from iosemu.routing.ospf.events import Event, InterfaceChange, NeighborChange

_TERMINAL = (
    InterfaceState.POINT_TO_POINT,
    InterfaceState.DR_OTHER,
    InterfaceState.BACKUP,
    InterfaceState.DR,
    InterfaceState.LOOPBACK,
)
_SETTLED = (NeighborState.TWO_WAY, NeighborState.FULL)
_INTERFACE_STATES = {
    InterfaceState.DOWN: 1,
    InterfaceState.LOOPBACK: 2,
    InterfaceState.WAITING: 3,
    InterfaceState.POINT_TO_POINT: 4,
    InterfaceState.DR: 5,
    InterfaceState.BACKUP: 6,
    InterfaceState.DR_OTHER: 7,
}
"""Values of ospfIfState."""


class FactTeller:
    """Tells of interfaces and neighbors that got worse, or are where they stay."""

    def __init__(self, device: Device, engine: Process) -> None:
        self.device = device
        self.engine = engine
        self._states: dict[str, InterfaceState] = {}
        self._virtual: dict[str, tuple[int, IPv4Address]] = {}

    def event(self, event: Event) -> None:
        """Look at what happened."""
        match event:
            case InterfaceChange():
                self._states[event.interface] = event.new
                if event.new < event.old or event.new in _TERMINAL:
                    self._interface(event)
            case NeighborChange():
                if event.new < event.old or event.new in _SETTLED:
                    self._neighbor(event)
            case _:
                pass

    def _link(self, name: str) -> tuple[int, IPv4Address] | None:
        """The area and the far router of a virtual link, also when it has just gone; None: it is an interface."""
        interface = self.engine.interfaces.get(name)
        if interface is not None and interface.virtual is not None and interface.transit_area is not None:
            self._virtual[name] = (interface.transit_area.id, interface.virtual.router_id)
        return self._virtual.get(name)

    def _interface(self, event: InterfaceChange) -> None:
        link = self._link(event.interface)
        address = primary_address(self.device.config.interfaces.get(event.interface))
        self.device.tell(
            OspfInterfaceState(
                IPv4Address(self.engine.router_id),
                event.interface,
                address,
                _INTERFACE_STATES[event.new],
                link,
            )
        )

    def _neighbor(self, event: NeighborChange) -> None:
        link = self._link(event.interface)
        interface = self.engine.interfaces.get(event.interface)
        state = self._states.get(event.interface, InterfaceState.DOWN)
        # where there is a designated router, it is the one that tells of FULL
        elects = interface is not None and interface.kind.elects
        full = NeighborState.FULL in (event.old, event.new)
        if link is None and elects and full and state is not InterfaceState.DR:
            return
        self.device.tell(
            OspfNeighborState(
                IPv4Address(self.engine.router_id),
                event.interface,
                event.address,
                event.router_id,
                event.new + 1,
                link,
            )
        )
