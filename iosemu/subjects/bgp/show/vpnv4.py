"""`show ip bgp vpnv4`: the tables and neighbors of VRFs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Path
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.table import heading, paths_of, table_rows
from iosemu.subjects.vrf.config import VrfsConfig


def distinguisher(device: Device, instance: Instance) -> str:
    """The line above the routes of a VRF."""
    name = instance.family.vrf
    return f"Route Distinguisher: {device.config.of(VrfsConfig).vrfs[name].rd} (default for vrf {name})"


def tables(
    device: Device, instances: list[Instance], wanted: Callable[[Instance, IPv4Network, Path], bool]
) -> Iterator[str]:
    """The paths that are wanted, VRF by VRF."""
    found = [
        (each, paths_of(each, lambda network, path, at=each: wanted(at, network, path)))  # type: ignore[misc]
        for each in instances
    ]
    if any(rows for _, rows in found):
        yield from heading(instances[0].speaker)
    for instance, rows in found:
        if rows:
            yield distinguisher(device, instance)
            yield from table_rows(rows, instance.router.dotted)


def by_distinguisher(device: Device, value: str) -> str:
    """The name of the VRF that has a route distinguisher; CommandError where there is none."""
    found = (name for name, each in device.config.of(VrfsConfig).vrfs.items() if each.rd == value)
    name = next(found, None)
    if name is None:
        raise CommandError(f"% RD {value} is not configured")
    return name
