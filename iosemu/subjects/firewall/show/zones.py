"""`show zone security`, `show zone-pair security`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.firewall.config.zones import SELF, ZoneMember, ZonesConfig


def members(device: Device, zone: str) -> list[str]:
    """The interfaces in a zone."""
    found = []
    for name, config in device.config.interfaces.items():
        member = config.held(ZoneMember)
        if member is not None and member.zone == zone:
            found.append(name)
    return found


def show_zone(context: Context, name: str = "") -> Iterator[str]:
    """`show zone security [NAME]`."""
    zones = context.device.config.of(ZonesConfig).zones
    if name and name not in (SELF, *zones):
        raise CommandError(f"% Zone {name} does not exist")
    if name in ("", SELF):
        yield f"zone {SELF}"
        yield "  Description: System defined zone"
        yield ""
    for each in zones.values():
        if name not in ("", each.name):
            continue
        yield f"zone {each.name}"
        if each.description:
            yield f"  Description: {each.description}"
        inside = members(context.device, each.name)
        if inside:
            yield "  Member Interfaces:"
            yield from (f"    {interface}" for interface in inside)
        yield ""


def show_zone_pair(context: Context, source: str = "", destination: str = "") -> Iterator[str]:
    """`show zone-pair security [source A destination B]`."""
    for each in context.device.config.of(ZonesConfig).pairs.values():
        if source and (each.source, each.destination) != (source, destination):
            continue
        yield f"Zone-pair name {each.name}"
        if each.description:
            yield f"    Description: {each.description}"
        yield f"    Source-Zone {each.source}  Destination-Zone {each.destination}"
        yield f"    service-policy {each.policy or 'not configured'}"
