"""NBAR in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.mqc.config import MqcConfig
from iosemu.subjects.nbar.config import DiscoveryPort


def port_map_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip nbar port-map …`."""
    for (name, protocol), ports in device.config.of(MqcConfig).port_maps.items():
        yield f"ip nbar port-map {name} {protocol} {' '.join(map(str, ports))}"


def _port(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(DiscoveryPort)
    if port is not None and port.discovery:
        yield " ip nbar protocol-discovery"


SECTIONS = (InterfaceSection("nbar", _port),)
