"""VLAN maps at work: they judge what is switched in a VLAN, or routed into it or out of it.

The rules are those of the software configuration guide of the Catalyst 3560, "Configuring VLAN Maps": a packet is
looked at by lists of its type, IP or MAC; what meets no list is dropped where the map has one of its type, else
forwarded.
"""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.inspection import Passage, stand
from iosemu.net.tracing import Line
from iosemu.packets.ethernet import IPV4
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.port_acl.service import permits_packet
from iosemu.subjects.vlan_map.config import MapEntry, VlanMaps


class VlanFilters(Service):
    """`vlan filter`."""

    def changed(self) -> None:
        """Be in the way of frames only while a VLAN is filtered."""
        at_work = bool(self.device.config.of(VlanMaps).filters)
        stand(self.device.service(Bridge).plane.inspectors, self.inspect, at_work=at_work)

    def inspect(self, port: str | None, vlan: int, frame: bytes) -> Passage | None:
        """Judge an untagged frame of a VLAN."""
        config = self.device.config.of(VlanMaps)
        name = config.filters.get(vlan)
        entries = config.maps.get(name) if name is not None else None
        if not entries:
            return Passage(frame)
        entry = self._met(list(entries.values()), frame)
        drops = entry.drop if entry is not None else self._drops_rest(list(entries.values()), frame)
        if not drops:
            return Passage(frame)
        context = self.device.scheduler.context
        if context is not None:
            number = f" {entry.sequence}" if entry is not None else ""
            where = f"line{number}" if entry is not None else "its end"
            line = Line("", (f"vlan access-map {name}{number}",))
            context.drop(self.device.name, "VLAN map", f"VLAN {vlan}: {name} drops it at {where}", line)
        return None

    def _met(self, entries: list[MapEntry], frame: bytes) -> MapEntry | None:
        return next((entry for entry in entries if self._meets(entry, frame)), None)

    def _meets(self, entry: MapEntry, frame: bytes) -> bool:
        if not entry.ip and not entry.mac:
            return True
        if frame[12:14] == IPV4:
            return any(permits_packet(self.device, name, frame) for name in entry.ip)
        lists = self.device.config.of(AclsConfig).mac
        return any(name not in lists or lists[name].permits(frame, 0) for name in entry.mac)

    def _drops_rest(self, entries: list[MapEntry], frame: bytes) -> bool:
        return any(entry.ip if frame[12:14] == IPV4 else entry.mac for entry in entries)
