"""`power inline …` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.subjects.power_inline.config import MOST, InlinePower


def power_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """The line of a port that differs from `power inline auto`."""
    power = config.of(InlinePower)
    limit = f" max {power.maximum}" if power.maximum != MOST else ""
    if power.mode != "auto" or limit:
        yield f" power inline {power.mode}{limit}"
