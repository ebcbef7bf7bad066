"""What runs on a box while it is powered: the services of its subjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.interface import Interface
    from iosemu.box.interface_config import InterfaceConfig


class Service:
    """One running part of a box, found by its class: `device.service(Nat)`.

    A service is made at power on, before any of them is started; it reads the configuration instead of keeping
    copies of it, and is told by the calls below that something else is to be read. They are made in the order in
    which the kind lists its subjects. What a service holds in its attributes is its state; a snapshot of the lab
    takes it along by itself.
    """

    __slots__ = ("device",)

    subinterfaces = False
    """It makes subinterfaces of ports."""
    permanent: ClassVar[frozenset[str]] = frozenset()
    """Interfaces that it makes at power on and that nobody can remove."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def start(self) -> None:
        """Power came; all services exist and the ports are there."""

    def stop(self) -> None:
        """Power goes: cancel every timer."""

    def changed(self) -> None:
        """A configuration command of the subject, or of one that it follows, was taken."""

    def interface_configured(self, interface: Interface) -> None:
        """A command of the subject was taken under this interface."""

    def interface_added(self, interface: Interface) -> None:
        """An interface came into being."""

    def interface_removed(self, interface: Interface) -> None:
        """An interface is gone."""

    def protocol_changed(self, interface: Interface) -> None:
        """The line protocol of an interface came up or went down."""

    def addresses_changed(self, interface: Interface) -> None:
        """The addresses of an interface are others than before."""

    def routes_changed(self) -> None:
        """The routing table has other routes than before."""

    def creatable(self) -> Mapping[str, tuple[int, int]]:
        """The types of interfaces that it makes when they are named, with their lowest and highest number."""
        return {}

    def make_interface(self, config: InterfaceConfig) -> Interface | None:
        """A new interface, None when making one of this type is not this service's business.

        Raises ValueError when the box can have none of this name.
        """
        return None
