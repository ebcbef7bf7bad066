"""Which secondary VLANs the interface of a primary one routes for."""

from __future__ import annotations

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.subjects.private_vlan.config import PrivateMapping


class PrivateInterfaces(Service):
    """Tells the bridge what VLAN interfaces are mapped to."""

    def start(self) -> None:
        """Power came."""
        self.device.service(Bridge).mapped = self._mapped

    def _mapped(self, interface: Interface) -> frozenset[int]:
        held = interface.config.held(PrivateMapping)
        return held.vlans if held is not None else frozenset()
