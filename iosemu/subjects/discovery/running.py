"""LLDP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.subjects.discovery.config import LldpConfig, LldpPort


def lldp_lines(device: Device, render: Render) -> Iterator[str]:
    """`lldp …`."""
    config = device.config.of(LldpConfig)
    yield from render("config", config, only=("timer", "holdtime", "reinit"))
    yield from (f"no lldp tlv-select {name}" for name in sorted(config.without))
    yield from render("config", config, only=("enabled",))


def med_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`no lldp med-tlv-select …` under an interface."""
    port = config.held(LldpPort)
    if port is not None:
        yield from (f" no lldp med-tlv-select {name}" for name in sorted(port.without_med))
