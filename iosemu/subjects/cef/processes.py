"""The processes of Cisco Express Forwarding."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.ip.stack import IpStack

ROUTE_BYTES = 232


def process_rows(device: Device) -> Iterator[Process]:
    """Packets that went on; where hardware forwards, no process does."""
    if not device.composition.forwards_in_hardware:
        stack = device.service(IpStack)
        routes = sum(len(vrf.routes) for vrf in stack.vrfs.values())
        yield Process("CEF: IPv4 proces", stack.counters.forwarded, 0, 16384 + routes * ROUTE_BYTES)
