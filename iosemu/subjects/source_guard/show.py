"""`show ip verify source` and `show ip source binding` (outputs/show_ip_verify_source, show_ip_source_binding)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.interface_types import short_name
from iosemu.bridging.vlans import format_vlan_list
from iosemu.handling.context import Context
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.dhcp_snooping.service import DhcpSnooping
from iosemu.subjects.dhcp_snooping.show import binding_rows, chosen
from iosemu.subjects.source_guard.config import SourceVerification
from iosemu.subjects.source_guard.service import ACTIVE, STATIC, SourceGuard


def show_verify(context: Context, port: str | None = None) -> Iterator[str]:
    """`show ip verify source [interface X]`."""
    guard = context.device.service(SourceGuard)
    yield "Interface  Filter-type  Filter-mode  IP-address       Mac-address        Vlan"
    yield "---------  -----------  -----------  ---------------  -----------------  ----"
    for name, interface in list(context.device.interfaces.items()):
        held = interface.config.held(SourceVerification)
        if held is None or not held.by or port not in (None, name):
            continue
        mode = guard.filter_mode(name)
        head = f"{short_name(name):<9}  {held.by:<11}  {mode:<11}"
        if mode != ACTIVE:
            yield head
            continue
        vlans, stations = guard.vlans(name), guard.stations_too(name)
        bound = sorted(
            (each for each in guard.bindings(name) if each.vlan in vlans),
            key=lambda each: (each.vlan, each.address),
        )
        for each in bound:
            station = each.station.colons.upper() if stations else _any_station(held)
            yield f"{head}  {each.address!s:<15}  {station:<17}  {each.vlan}"
        rest = vlans - {each.vlan for each in bound}
        if rest:
            station = "deny-all" if stations else _any_station(held)
            yield f"{head}  {'deny-all':<15}  {station:<17}  {format_vlan_list(rest)}"


def _any_station(held: SourceVerification) -> str:
    """What stands for MAC addresses that are not verified."""
    return "permit-all" if held.by == "ip-mac" else ""


def bindings(
    context: Context,
    address: IPv4Address | None = None,
    hwaddr: str | None = None,
    kind: str = "",
    port: str | None = None,
    vlan: int | None = None,
) -> Iterator[str]:
    """`show ip source binding [A.B.C.D] [MAC] [dhcp-snooping|static] [interface X] [vlan V]`."""
    snooping = context.device.service(DhcpSnooping)
    station = MacAddress.from_string(hwaddr) if hwaddr is not None else None
    rows = [
        *(snooping.bindings if kind != STATIC else ()),
        *(snooping.static if kind != "dhcp-snooping" else ()),
    ]
    yield from binding_rows(chosen(rows, address, station, port, vlan), context.device.now)
