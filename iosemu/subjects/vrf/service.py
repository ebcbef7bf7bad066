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
        wanted = {name for name, vrf in self.device.config.of(VrfsConfig).vrfs.items() if vrf.has_ipv4}
        if wanted | {""} == stack.vrfs.keys():
            return
        for name in sorted(wanted):
            stack.vrf(name)
        stack.place_all()
        for name in [each for each in stack.vrfs if each and each not in wanted]:
            stack.remove_vrf(name)
