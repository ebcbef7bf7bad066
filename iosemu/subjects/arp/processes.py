"""The processes of ARP."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.ip.stack import IpStack

NEIGHBOUR_BYTES = 112


def process_rows(device: Device) -> Iterator[Process]:
    """Messages that came in, and the neighbours that are known."""
    tables = [vrf.arp.table for vrf in device.service(IpStack).vrfs.values()]
    heard = sum(arp.requests_received + arp.replies_received for arp in tables)
    yield Process("ARP Input", heard, 60, 12288 + sum(map(len, tables)) * NEIGHBOUR_BYTES)
