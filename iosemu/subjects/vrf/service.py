"""VRFs at work: each is one more routing instance of the IP stack."""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.subjects.vrf.config import VrfsConfig


class Vrfs(Service):
    """Makes the instances that are configured, and forgets those that are not."""

    def changed(self) -> None:
        """A VRF came, went, or has another address family."""
        stack = self.device.service(IpStack)
        vrfs = self.device.config.of(VrfsConfig).vrfs
        wanted = {name: vrf.number for name, vrf in vrfs.items() if vrf.has_ipv4}
        if {name: vrf.number for name, vrf in stack.vrfs.items() if name} == wanted:
            return
        for name in [name for name, vrf in stack.vrfs.items() if name and wanted.get(name) != vrf.number]:
            stack.remove_vrf(name)
        for name, number in wanted.items():
            stack.vrf(name).number = number
        stack.place_all()
