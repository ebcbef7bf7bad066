"""`show ip vrf` and `show vrf`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.ip.config import IpSettings, VrfForwarding
from iosemu.ip.stack import IpStack
from iosemu.subjects.vrf.config import RouteTargets, VrfDefinition, VrfsConfig, VrfStyle

_ACROSS = 3
"""Names of interfaces in one line of the details."""


def _chosen(context: Context, name: str) -> list[VrfDefinition]:
    vrfs = context.device.config.of(VrfsConfig).vrfs
    if name and name not in vrfs:
        raise CommandError(f"% No VRF named {name}")
    return [vrfs[each] for each in sorted(vrfs) if name in ("", each)]


def _members(device: Device, vrf: VrfDefinition) -> list[Interface]:
    found = []
    for interface in device.interfaces.values():
        settings = interface.config.held(VrfForwarding)
        if settings is not None and settings.name == vrf.name:
            found.append(interface)
    return found


def show_ip_vrf(context: Context, name: str = "") -> Iterator[str]:
    """`show ip vrf [brief] [NAME]`."""
    chosen = _chosen(context, name)
    yield f"  {'Name':33}{'Default RD':20}Interfaces"
    for vrf in chosen:
        names = [short_name(each.name) for each in _members(context.device, vrf)] or [""]
        yield f"  {vrf.name:33}{vrf.rd or '<not set>':20}{names[0]}".rstrip()
        yield from (f"{'':55}{each}" for each in names[1:])


def show_vrf(context: Context, name: str = "") -> Iterator[str]:
    """`show vrf [brief] [NAME]`."""
    chosen = _chosen(context, name)
    if not chosen:
        return
    yield f"  {'Name':33}{'Default RD':20}{'Protocols':12}Interfaces"
    for vrf in chosen:
        families = ",".join(sorted(vrf.families)) if vrf.by_family else "ipv4"
        names = [short_name(each.name) for each in _members(context.device, vrf)] or [""]
        yield f"  {vrf.name:33}{vrf.rd or '<not set>':20}{families:12}{names[0]}".rstrip()
        yield from (f"{'':67}{each}" for each in names[1:])


def show_ip_vrf_interfaces(context: Context, name: str = "") -> Iterator[str]:
    """`show ip vrf interfaces [NAME]`."""
    chosen = _chosen(context, name)
    yield f"{'Interface':23}{'IP-Address':16}{'VRF':33}Protocol"
    for vrf in chosen:
        for each in _members(context.device, vrf):
            address = each.config.of(IpSettings).address
            where = str(address.ip) if address is not None else "unassigned"
            protocol = "up" if each.protocol_up else "down"
            yield f"{short_name(each.name):23}{where:16}{vrf.name:33}{protocol:8}"


def show_ip_vrf_detail(context: Context, name: str = "") -> Iterator[str]:
    """`show ip vrf detail [NAME]`: what concerns IPv4."""
    for vrf in _chosen(context, name):
        if not context.device.image.style(VrfStyle).families:
            yield from _old_detail(context.device, vrf)
            continue
        yield from _head(context.device, vrf)
        yield from _family(context.device, vrf, "ipv4")
        yield ""


def show_vrf_detail(context: Context, name: str = "") -> Iterator[str]:
    """`show vrf detail [NAME]`: all address families."""
    for vrf in _chosen(context, name):
        yield from _head(context.device, vrf)
        yield from _family(context.device, vrf, "ipv4")
        yield from _family(context.device, vrf, "ipv6")
        yield "Address family ipv4 multicast not active"
        yield "Address family ipv6 multicast not active"
        yield ""


def _interfaces(device: Device, vrf: VrfDefinition) -> Iterator[str]:
    names = [short_name(each.name) for each in _members(device, vrf)]
    if not names:
        yield "  No interfaces"
        return
    yield "  Interfaces:"
    for first in range(0, len(names), _ACROSS):
        yield "    " + "".join(f"{each:25}" for each in names[first : first + _ACROSS])[:-1]


def _head(device: Device, vrf: VrfDefinition) -> Iterator[str]:
    yield (
        f"VRF {vrf.name} (VRF Id = {vrf.number}); default RD {vrf.rd or '<not set>'}; default VPNID <not set>"
    )
    if vrf.description:
        yield f"  Description: {vrf.description}"
    supported = "New CLI format, supports multiple address-families"
    yield f"  {supported if vrf.by_family else 'Old CLI format, supports IPv4 only'}"
    flags = 0x8 | (0x4 if vrf.rd is not None else 0) | (0x1800 if vrf.by_family else 0)
    yield f"  Flags: 0x{flags:X}"
    yield from _interfaces(device, vrf)


def _limit(device: Device, vrf: VrfDefinition) -> Iterator[str]:
    maximum, threshold = vrf.limits.maximum, vrf.limits.threshold
    table = device.service(IpStack).find_vrf(vrf.name)
    if maximum is None or table is None:
        return
    count = table.routes.networks
    if threshold is None:
        yield f"  Route warning limit {maximum}, current count {count}"
    else:
        warning = maximum * threshold // 100
        yield f"  Route limit {maximum}, warning limit {threshold}% ({warning}), current count {count}"


def _family(device: Device, vrf: VrfDefinition, family: str) -> Iterator[str]:
    own = vrf.families.get(family)
    if own is None and (vrf.by_family or family != "ipv4"):
        yield f"Address family {family} unicast not active"
        return
    table = vrf.number + (0x1E000000 if family == "ipv6" else 0)
    yield f"Address family {family} unicast (Table ID = 0x{table:X}):"
    yield "  Flags: 0x0"
    exported = [*vrf.common.exported, *(own.targets.exported if own is not None else ())]
    imported = [*vrf.common.imported, *(own.targets.imported if own is not None else ())]
    yield from _communities(RouteTargets(exported, imported))
    yield "  No import route-map"
    yield "  No global export route-map"
    yield "  No export route-map"
    if family == "ipv4":
        yield from _limit(device, vrf)
    yield "  VRF label distribution protocol: not configured"
    yield "  VRF label allocation mode: per-prefix"


def _communities(targets: RouteTargets) -> Iterator[str]:
    for words, known in (("Export", targets.exported), ("Import", targets.imported)):
        if not known:
            yield f"  No {words} VPN route-target communities"
            continue
        yield f"  {words} VPN route-target communities"
        for first in range(0, len(known), _ACROSS):
            row = (f"RT:{each}" for each in known[first : first + _ACROSS])
            yield "    " + "".join(f"{each:25}" for each in row)[:-1]


def _old_detail(device: Device, vrf: VrfDefinition) -> Iterator[str]:
    """As images print it that know no address families."""
    yield f"VRF {vrf.name}; default RD {vrf.rd or '<not set>'}; default VPNID <not set>"
    if vrf.description:
        yield f"  Description: {vrf.description}"
    yield f"VRF Table ID = {vrf.number}"
    yield from _interfaces(device, vrf)
    yield "  Connected addresses are not in global routing table"
    yield from _communities(vrf.common)
    yield "  No import route-map"
    yield "  No export route-map"
    yield from _limit(device, vrf)
