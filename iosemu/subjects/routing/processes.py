"""The processes of the routing table."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.ip.stack import IpStack

ROUTE_BYTES = 232


def process_rows(device: Device) -> Iterator[Process]:
    """A route, an update."""
    routes = sum(len(vrf.routes) for vrf in device.service(IpStack).vrfs.values())
    yield Process("IP RIB Update", routes, 20, 16384 + routes * ROUTE_BYTES)
