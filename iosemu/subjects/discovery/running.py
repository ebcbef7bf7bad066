"""LLDP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.subjects.discovery.config import LldpConfig, LldpPort


def tlv_lines(device: Device, _render: Render) -> Iterator[str]:
    """`no lldp tlv-select …`."""
    yield from (f"no lldp tlv-select {name}" for name in sorted(device.config.of(LldpConfig).without))


def med_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`no lldp med-tlv-select …` under an interface."""
    port = config.held(LldpPort)
    if port is not None:
        yield from (f" no lldp med-tlv-select {name}" for name in sorted(port.without_med))
