"""The links of a router."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.ip.serial import SerialLines
from iosemu.ip.stack import IpStack
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing
from iosemu.subjects.ppp.service.bundle import KIND, BundleLine, PppBundles
from iosemu.subjects.ppp.service.line import PppLine

LARGEST_GROUP = 2_147_483_647


class PppLines(Service):
    """Brings the encapsulation `ppp` to serial lines, and Multilink interfaces."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.bundles = PppBundles(device)

    def start(self) -> None:
        """Serial lines may have it."""
        serial = self.device.service(SerialLines)
        serial.encapsulations["ppp"] = self._line
        self.device.service(IpStack).bind_link(KIND, serial.send)

    def _line(self, device: Device, interface: Interface) -> PppLine:
        line = PppLine(device, interface)
        line.bundles = self.bundles
        return line

    def stop(self) -> None:
        """The power goes."""
        for bundle in self.bundles.all.values():
            bundle.members.clear()
            bundle.stop()

    # --- Multilink interfaces ------------------------------------------------------------------------

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """Multilink interfaces."""
        return {KIND: (1, LARGEST_GROUP)}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A Multilink interface is up while a link is in its bundle."""
        if config.kind != KIND:
            return None
        interface = Interface(self.device, config, self.device.base_mac, protocol_delay=1.0)
        interface.protocol_held = True
        interface.counters.framing = Framing.PPP
        bundle = self.bundles.add(interface)
        interface.has_carrier = lambda: bool(bundle.members)
        interface.transmit = bundle.transmit
        interface.state_listeners += (lambda: self._state_changed(bundle),)
        return interface

    def interface_added(self, interface: Interface) -> None:
        """Links that were to join it do so."""
        if interface.kind == KIND:
            bundle = self.bundles.all[interface.name]
            interface.receiver = lambda frame: self._receive(bundle, frame)
            self.device.service(SerialLines).adopt(interface.name, bundle)
            self._look_again(interface.name)

    def _state_changed(self, bundle: BundleLine) -> None:
        if bundle.interface.line_up:
            bundle.start()
        else:
            bundle.stop()
        self._look_again(bundle.interface.name)

    def interface_removed(self, interface: Interface) -> None:
        """Its links are links of their own again."""
        bundle = self.bundles.all.pop(interface.name, None)
        if bundle is not None:
            bundle.stop()
            self.device.service(SerialLines).adopt(interface.name, None)
            self._look_again(interface.name)

    def _look_again(self, bundle: str) -> None:
        """The bundle came, went, or was shut down: its links negotiate anew."""
        for line in self.all():
            if f"{KIND}{line.settings.group}" == bundle:
                line.configured()

    @staticmethod
    def _receive(bundle: BundleLine, frame: bytes) -> None:
        try:
            bundle.receive(frame)
        except MalformedPacket:
            bundle.interface.counters.in_errors += 1

    # --- what is configured --------------------------------------------------------------------------

    def changed(self) -> None:
        """Something that all links depend on may be another: CDP, the name of the box."""
        for line in self.all():
            line.configured()

    def interface_configured(self, interface: Interface) -> None:
        """`ppp …`, an address or the like was typed."""
        line = self.line_of(interface.name)
        if line is not None and interface.line_up:
            line.configured()
        if interface.kind == KIND:
            self._look_again(interface.name)

    def addresses_changed(self, interface: Interface) -> None:
        """Another address is to be told to the other end."""
        self.interface_configured(interface)

    def line_of(self, name: str) -> PppLine | None:
        """The link on an interface."""
        found = self.device.service(SerialLines).protocol_of(name)
        return found if isinstance(found, PppLine) else None

    def all(self) -> Iterator[PppLine]:
        """The links on interfaces that are up, in their order."""
        for name, interface in list(self.device.interfaces.items()):
            line = self.line_of(name)
            if line is not None and interface.line_up:
                yield line
