"""The processes of system messages."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process

MESSAGE_BYTES = 160


def process_rows(device: Device) -> Iterator[Process]:
    """Messages, and those that are kept."""
    yield Process("Logger", device.syslog.count, 40, len(device.syslog.messages) * MESSAGE_BYTES)
