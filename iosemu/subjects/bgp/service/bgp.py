"""The BGP of a box: one instance for each table that it runs in, and what they import from each other."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.routing.bgp import Speaker
from iosemu.routing.bgp.rib import Versions
from iosemu.subjects.bgp.config import BgpConfig, Family, Router
from iosemu.subjects.bgp.protocol import IMPORTED
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.vrf.config import VrfsConfig

NEXT_HOP_DELAY = 5.0
"""Seconds between a change of the routing table and the look at next hops and networks."""
BOOT_DELAY = 3.0
"""Seconds after power on until a router ID is chosen: ports have come up."""


class Bgp(Service):
    """`router bgp`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.router: Router | None = None
        """The one that the instances are of."""
        self.instances: dict[str, Instance] = {}
        """By the VRF's name, the default one's is empty."""
        self._stack = device.service(IpStack)
        self._look: Timer | None = None
        self._boot: Timer | None = None
        self._vpn_versions = Versions()

    @property
    def speaker(self) -> Speaker | None:
        """The engine of the default instance."""
        found = self.instances.get("")
        return found.speaker if found is not None else None

    def stop(self) -> None:
        """Power goes."""
        for timer in (self._look, self._boot):
            if timer is not None:
                timer.cancel()
        for instance in self.instances.values():
            instance.stop()

    # --- what is told --------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something of BGP, or of what its filters ask, was typed."""
        if self.router is not None or self.device.config.of(BgpConfig).router is not None:
            self.device.soon(self._refresh)

    def protocol_changed(self, interface: Interface) -> None:
        """An interface came up, and BGP may wait for an address; or its external peers are gone."""
        if interface.protocol_up:
            self.changed()
            return
        for instance in list(self.instances.values()):
            instance.interface_lost(interface)

    def routes_changed(self) -> None:
        """A routing table is another one: next hops and networks are looked at soon, ways to some peers at once."""
        for instance in list(self.instances.values()):
            if any(peer.config.falls_over for peer in instance.speaker.peers.values()):
                instance.ways_lost()
        if self.instances and self._look is None:
            self._look = self.device.scheduler.after(NEXT_HOP_DELAY, self._look_again)

    def _look_again(self) -> None:
        self._look = None
        for instance in list(self.instances.values()):
            instance.look_again()

    # --- configuration -------------------------------------------------------------------------------

    def _refresh(self) -> None:
        wanted = self.device.config.of(BgpConfig).router
        if wanted is not self.router:
            for name in list(self.instances):
                self._end(name)
            self.router = wanted
        if wanted is None:
            return
        definitions = self.device.config.of(VrfsConfig).vrfs
        for name in list(wanted.vrfs):
            known = definitions.get(name)
            if known is None or known.rd is None or not known.has_ipv4:
                del wanted.vrfs[name]  # with what it stood on
        families = {"": wanted, **wanted.vrfs}
        for name, instance in list(self.instances.items()):
            same = families.get(name) is instance.family and self._stack.find_vrf(name) is instance.table
            if not same or self._other_id(instance):
                self._end(name)
        for name, family in families.items():
            found = self.instances.get(name) or self._begin(wanted, family)
            if found is not None:
                found.configure()
        self._import_all()

    def _other_id(self, instance: Instance) -> bool:
        """Whether another router ID is configured than the one that an instance runs with."""
        wanted = instance.family.router_id or instance.router.router_id
        return wanted is not None and wanted != instance.speaker.config.router_id

    def _begin(self, router: Router, family: Family) -> Instance | None:
        """Start if there is a router ID: a VRF's own, or that of the box."""
        if self._stack.find_vrf(family.vrf) is None:
            return None
        early = self.device.booted_at + BOOT_DELAY
        configured = family.router_id or router.router_id
        default = self.instances.get("")
        kept = default.speaker.config.router_id if default is not None else None
        router_id = configured or kept or self._highest_address()
        if router_id is None or (self.device.now < early and configured is None):
            if self._boot is None and self.device.now < early:
                self._boot = self.device.scheduler.at(early, self._refresh)
            return None
        versions = self._vpn_versions if family.vrf else Versions()
        made = self.instances[family.vrf] = Instance(
            self.device, router, family, router_id, versions, self._best_changed
        )
        return made

    def _end(self, name: str) -> None:
        self.instances[name].end()
        del self.instances[name]

    def _highest_address(self) -> IPv4Address | None:
        loopbacks: list[IPv4Address] = []
        others: list[IPv4Address] = []
        for interface in self._stack.default.interfaces.values():
            if interface.protocol_up:
                found = [address.ip for address in interface.config.of(IpSettings).addresses]
                (loopbacks if interface.kind == "Loopback" else others).extend(found)
        return max(loopbacks or others, default=None)

    # --- routes between VRFs (RFC 4364 4.3) ----------------------------------------------------------

    def _best_changed(self, source: Instance, networks: Iterable[IPv4Network]) -> None:
        """Tell the instances that import from this one."""
        if not source.family.vrf:
            return
        touched = [each for each in self.instances.values() if self._takes(each, source)]
        for instance in touched:
            for network in networks:
                instance.take_over(network, source.exported(network), source)
            instance.run()

    def _takes(self, instance: Instance, source: Instance) -> bool:
        """Whether an instance imports what another one exports."""
        if instance is source or not instance.family.vrf or not source.family.vrf:
            return False
        vrfs = self.device.config.of(VrfsConfig).vrfs
        into, out_of = vrfs.get(instance.family.vrf), vrfs.get(source.family.vrf)
        if into is None or out_of is None:
            return False
        return not into.targets("imported").isdisjoint(out_of.targets("exported"))

    def _import_all(self) -> None:
        """Route targets may be others than before."""
        for instance in list(self.instances.values()):
            if not instance.family.vrf:
                continue
            wanted = {
                f"{IMPORTED}{each.family.vrf}": each
                for each in self.instances.values()
                if self._takes(instance, each)
            }
            for network, kind in instance.imports():
                if kind not in wanted:
                    instance.speaker.take_over(network, None, self.device.now, kind)
            for source in wanted.values():
                for network in list(source.speaker.table):
                    instance.take_over(network, source.exported(network), source)
            instance.run()
