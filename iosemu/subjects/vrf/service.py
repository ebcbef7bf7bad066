"""VRFs at work: each is one more routing instance of the IP stack."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.subjects.vrf.config import VrfsConfig
from iosemu.subjects.vrf.limits import RouteLimit, fitted


class Vrfs(Service):
    """Makes the instances that are configured, and forgets those that are not."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._limits: dict[str, RouteLimit] = {}
        """Those that are configured, by the names of the VRFs."""

    def changed(self) -> None:
        """A VRF came, went, has another address family, or another limit."""
        self._fit_tables()
        self._fit_limits()

    def _fit_limits(self) -> None:
        stack, vrfs = self.device.service(IpStack), self.device.config.of(VrfsConfig).vrfs
        limits = {}
        for name, vrf in vrfs.items():
            table = stack.find_vrf(name)
            if table is not None:
                limit = fitted(self.device, table, vrf.limits, self._limits.get(name))
                if limit is not None:
                    limits[name] = limit
        self._limits = limits

    def _fit_tables(self) -> None:
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
