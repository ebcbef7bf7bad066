"""The links of a router."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.serial import SerialLines
from iosemu.subjects.ppp.service.line import PppLine


class PppLines(Service):
    """Brings the encapsulation `ppp` to serial lines."""

    def start(self) -> None:
        """Serial lines may have it."""
        self.device.service(SerialLines).encapsulations["ppp"] = PppLine

    def changed(self) -> None:
        """Something that all links depend on may be another: CDP, the name of the box."""
        for line in self.all():
            line.configured()

    def interface_configured(self, interface: Interface) -> None:
        """`ppp …`, an address or the like was typed."""
        line = self.line_of(interface.name)
        if line is not None and interface.line_up:
            line.configured()

    def addresses_changed(self, interface: Interface) -> None:
        """Another address is to be told to the other end."""
        self.interface_configured(interface)

    def line_of(self, name: str) -> PppLine | None:
        """The link on an interface."""
        found = self.device.service(SerialLines).protocol_of(name)
        return found if isinstance(found, PppLine) else None

    def all(self) -> Iterator[PppLine]:
        """The links on interfaces that are up, in their order."""
        for name, interface in self.device.interfaces.items():
            line = self.line_of(name)
            if line is not None and interface.line_up:
                yield line
