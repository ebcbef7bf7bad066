"""`show ip bgp vpnv4`: the tables and neighbors of VRFs."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.neighbors import neighbors, summary
from iosemu.subjects.bgp.show.table import active, detail, heading, neighbor_routes, paths_of, table_rows
from iosemu.subjects.vrf.config import VrfsConfig


def _meant(device: Device, vrf: str) -> list[Instance]:
    """The instance of a VRF, or those of all; CommandError where there is no such VRF or no BGP."""
    if device.service(Bgp).router is None:
        active(device)
    if vrf and vrf not in device.config.of(VrfsConfig).vrfs:
        raise CommandError(f"%VRF {vrf} does not exist")
    instances = device.service(Bgp).instances
    return [instances[each] for each in sorted(instances) if each and vrf in ("", each)]


def show_table(
    context: Context, vrf: str = "", network: IPv4Address | None = None, mask: IPv4Address | None = None
) -> Iterator[str]:
    """`show ip bgp vpnv4 all | vrf V [A [M]]`."""
    device = context.device
    instances = _meant(device, vrf)
    if network is None:
        return _tables(device, instances)
    return (line for each in instances for line in detail(device, each, network, mask))


def _tables(device: Device, instances: list[Instance]) -> Iterator[str]:
    vrfs = device.config.of(VrfsConfig).vrfs
    tables = [(each, paths_of(each)) for each in instances]
    if any(rows for _, rows in tables):
        yield from heading(instances[0].speaker)
    for instance, rows in tables:
        if rows:
            name = instance.family.vrf
            yield f"Route Distinguisher: {vrfs[name].rd} (default for vrf {name})"
            yield from table_rows(rows, instance.router.dotted)


def show_summary(context: Context, vrf: str = "") -> Iterator[str]:
    """`show ip bgp vpnv4 all | vrf V summary`."""
    instances = _meant(context.device, vrf)
    return summary(context.device, instances) if instances else iter(())


def show_neighbors(context: Context, vrf: str = "", address: IPv4Address | None = None) -> Iterator[str]:
    """`show ip bgp vpnv4 all | vrf V neighbors [A]`."""
    return neighbors(context.device, _meant(context.device, vrf), address)


def show_neighbor_routes(context: Context, vrf: str, address: IPv4Address, what: str) -> Iterator[str]:
    """`show ip bgp vpnv4 vrf V neighbors A advertised-routes | received-routes | routes`."""
    instances = _meant(context.device, vrf)
    if not instances:
        raise CommandError(f"% No such neighbor {address}")
    return neighbor_routes(instances[0], address, what)
