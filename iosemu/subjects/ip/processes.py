"""The processes of IPv4."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process
from iosemu.ip.stack import IpStack


def process_rows(device: Device) -> Iterator[Process]:
    """Packets that the box took for itself."""
    yield Process("IP Input", device.service(IpStack).counters.delivered, 80, 24576)
