"""Frames of each switch port by size and by kind of destination, as its Ethernet controller counts them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.net.link import Direction
from iosemu.packets.addresses import BROADCAST
from iosemu.packets.ethernet import HEADER_LENGTH

if TYPE_CHECKING:
    from iosemu.box.device import Device

FCS = 4
"""Octets behind each frame on the line."""
MINIMUM = 64
UPPER = (64, 127, 255, 511, 1023, 1518)
"""The longest frame of each class, in octets with FCS; what is longer is too large."""


@dataclass(slots=True)
class ControllerCounters:
    """One direction of a port."""

    unicast_frames: int = 0
    multicast_frames: int = 0
    broadcast_frames: int = 0
    unicast_octets: int = 0
    multicast_octets: int = 0
    broadcast_octets: int = 0
    sizes: list[int] = field(default_factory=lambda: [0] * (len(UPPER) + 1))

    @property
    def octets(self) -> int:
        """All of them, with FCS."""
        return self.unicast_octets + self.multicast_octets + self.broadcast_octets

    def count(self, frame: bytes) -> None:
        """Count a frame, which a line pads to 64 octets; one without a whole header is the port's to count."""
        if len(frame) < HEADER_LENGTH:
            return
        size = max(len(frame) + FCS, MINIMUM)
        if not frame[0] & 1:
            self.unicast_frames += 1
            self.unicast_octets += size
        elif frame[:6] == BROADCAST:
            self.broadcast_frames += 1
            self.broadcast_octets += size
        else:
            self.multicast_frames += 1
            self.multicast_octets += size
        for place, upper in enumerate(UPPER):
            if size <= upper:
                self.sizes[place] += 1
                return
        self.sizes[-1] += 1


@dataclass(slots=True)
class Controller:
    """Both directions of a port."""

    transmit: ControllerCounters = field(default_factory=ControllerCounters)
    receive: ControllerCounters = field(default_factory=ControllerCounters)

    def tap(self, direction: Direction, frame: bytes) -> None:
        """A frame passes the port."""
        (self.receive if direction is Direction.IN else self.transmit).count(frame)


class EthernetControllers(Service):
    """Watches the ports of a switch."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.controllers: dict[str, Controller] = {}

    def interface_added(self, interface: Interface) -> None:
        """A port came into being."""
        name = interface.name
        if interface.port is None or name not in self.device.switch_ports:
            return
        controller = self.controllers[name] = Controller()
        interface.port.taps.append(controller.tap)
        interface.cleared.append(partial(self._clear, name))

    def stop(self) -> None:
        """Power went."""
        for name, controller in self.controllers.items():
            taps = self.device.ports[name].taps
            if controller.tap in taps:
                taps.remove(controller.tap)

    def _clear(self, name: str) -> None:
        controller = self.controllers[name]
        controller.transmit, controller.receive = ControllerCounters(), ControllerCounters()
