"""The lines of a router that have Frame Relay."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.serial import KIND, SerialLines, has_one_circuit
from iosemu.packets.framing import Framing
from iosemu.subjects.frame_relay.service.line import FrameRelayLine


class FrameRelayLines(Service):
    """Brings the encapsulation `frame-relay` to serial lines, and its subinterfaces to life."""

    def start(self) -> None:
        """Serial lines may have it."""
        self.device.service(SerialLines).encapsulations["frame-relay"] = FrameRelayLine

    def changed(self) -> None:
        """`frame-relay switching`."""
        for line in self.all():
            if line.interface.line_up:
                line.configured()

    def interface_added(self, interface: Interface) -> None:
        """A subinterface has no carrier of its own: it follows its circuits."""
        if interface.kind == KIND and interface.config.parent is not None:
            interface.counters.framing = Framing.FRAME_RELAY
            interface.protocol_held = True
            self._look(interface.config.parent)

    def interface_removed(self, interface: Interface) -> None:
        """Its circuits belong to the line again."""
        if interface.kind == KIND and interface.config.parent is not None:
            self._look(interface.config.parent)

    def interface_configured(self, interface: Interface) -> None:
        """Circuits, maps or addresses may be others."""
        self._look(interface.config.parent or interface.name)
        if interface.kind == KIND:
            line = self.line_of(interface.config.parent or interface.name)
            interface.nonbroadcast = line is not None and not has_one_circuit(interface.config)

    def addresses_changed(self, interface: Interface) -> None:
        """Another address is asked for."""
        self.interface_configured(interface)

    def _look(self, name: str) -> None:
        line = self.line_of(name)
        if line is not None and line.interface.line_up:
            line.configured()
            if (
                line.is_network
            ):  # a circuit leads on where there is a way back: others may have got one, or lost it
                for other in self.all():
                    if other.is_network and other is not line:
                        other.refresh()
        elif line is None:
            for child in self.device.interfaces.children(name):
                if child.kind == KIND and not child.protocol_held:
                    child.protocol_held = True
                    child.refresh()

    def line_of(self, name: str) -> FrameRelayLine | None:
        """Frame Relay on an interface, or on the one that a subinterface is of."""
        found = self.device.service(SerialLines).protocol_of(name.partition(".")[0])
        return found if isinstance(found, FrameRelayLine) else None

    def all(self) -> Iterator[FrameRelayLine]:
        """The lines, in the order of the interfaces."""
        for name, interface in self.device.interfaces.items():
            line = self.line_of(name) if interface.is_physical else None
            if line is not None:
                yield line
