"""The supplicant among the lines that make a host what it is."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.supplicant.config import SupplicantConfig


def supplicant_lines(device: Device, _render: Render) -> Iterator[str]:
    """One line, or none."""
    config: SupplicantConfig = device.config.of(SupplicantConfig)
    if config.identity:
        yield f"dot1x identity {config.identity} password {config.password}"
