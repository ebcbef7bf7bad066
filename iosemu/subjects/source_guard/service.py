"""IP source guard at work: a port takes IPv4 packets from the addresses that are bound to it alone.

What it filters is in the software configuration guide of the Catalyst 3560, "Configuring DHCP Features and IP Source
Guard": DHCP passes, so that an address can be had at all; with `port-security` the station is verified, too, and of
frames that are not IP the station alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import stand
from iosemu.packets.ethernet import IPV4, without_tag
from iosemu.subjects.dhcp_snooping.bindings import Binding
from iosemu.subjects.dhcp_snooping.packets import is_dhcp
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping
from iosemu.subjects.source_guard.config import SourceBindings, SourceVerification

if TYPE_CHECKING:
    from iosemu.box.device import Device

STATIC = "static"
ACTIVE, TRUSTED, NO_SNOOPING = "active", "inactive-trust-port", "inactive-no-snooping-vlan"


class SourceGuard(Service):
    """Filters what comes in on ports with `ip verify source`, and keeps the static bindings."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._verified: dict[str, str] = {}
        """The ports that verify, and by what: all others cost a frame nothing."""
        self._by_port: dict[str, list[Binding]] = {}
        self._versions = (-1, -1)
        """Those of the tables that `_by_port` was made of."""

    def changed(self) -> None:
        """Static bindings may be others."""
        static = self.device.service(DhcpSnooping).static
        for each in static:
            static.remove(each)
        for (vlan, station), row in self.device.config.of(SourceBindings).rows.items():
            static.put(Binding(vlan, station, row.address, row.port, kind=STATIC))

    def interface_configured(self, interface: Interface) -> None:
        """`ip verify source` may have been typed."""
        held = interface.config.held(SourceVerification)
        if held is not None and held.by:
            self._verified[interface.name] = held.by
        else:
            self._verified.pop(interface.name, None)
        stand(self.device.service(Bridge).plane.filters, self.refuse, at_work=bool(self._verified))

    def filter_mode(self, port: str) -> str:
        """Whether a port that verifies does it, in the words of the show."""
        snooping = self.device.service(DhcpSnooping)
        if snooping.port(port).trusted:
            return TRUSTED
        return ACTIVE if self.vlans(port) else NO_SNOOPING

    def vlans(self, port: str) -> frozenset[int]:
        """The VLANs of a port where DHCP is snooped: sources are verified there."""
        bridge, snooped = self.device.service(Bridge), self.device.service(DhcpSnooping).operational()
        return bridge.plane.port(port).vlans & snooped if bridge.is_switchport(port) else frozenset()

    def stations_too(self, port: str) -> bool:
        """Whether MAC addresses are verified: they are told, and port security is on."""
        return self._verified.get(port) == "ip-mac" and self._secure(port)

    def _secure(self, port: str) -> bool:
        bridge = self.device.service(Bridge)
        return bridge.is_switchport(port) and bridge.switchport(port).security.enabled

    def bindings(self, port: str) -> list[Binding]:
        """The bindings that let sources in on a port, static ones first."""
        snooping = self.device.service(DhcpSnooping)
        versions = (snooping.static.version, snooping.bindings.version)
        if versions != self._versions:
            self._versions, self._by_port = versions, {}
            for each in (*snooping.static, *snooping.bindings):
                if snooping.known(each.vlan, each.station) == each:
                    self._by_port.setdefault(each.port, []).append(each)
        return self._by_port.get(port, [])

    def refuse(self, port: str, vlan: int, frame: bytes) -> str:
        """Why a frame that came in is not taken, or nothing."""
        if port not in self._verified or vlan not in self.vlans(port):
            return ""
        if self.device.service(DhcpSnooping).port(port).trusted:
            return ""
        plain = without_tag(frame)
        if is_dhcp(plain):
            return ""
        bound = [each for each in self.bindings(port) if each.vlan == vlan]
        if self.stations_too(port):
            bound = [each for each in bound if each.station == plain[6:12]]
            if not bound:
                return "IP source guard: no binding has the source's MAC address"
        if plain[12:14] != IPV4 or any(each.address.packed == plain[26:30] for each in bound):
            return ""
        return "IP source guard: no binding has the source address"
