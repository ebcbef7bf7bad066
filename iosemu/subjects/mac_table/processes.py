"""The processes of the MAC address table."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.bridging.bridge import Bridge

MAC_BYTES = 40


def process_rows(device: Device) -> Iterator[Process]:
    """Addresses that were learned."""
    macs = sum(1 for _ in device.service(Bridge).mac_entries())
    yield Process("HLFM address lea", macs, 150, 8192 + macs * MAC_BYTES)
