"""What every interface has, under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Fields, InterfaceSection


def _state(device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.shutdown:
        yield " shutdown"
    if config.name not in device.ports or not config.type.autonegotiates:
        return
    always = config.name not in device.switch_ports  # a switch leaves out what is negotiated
    if always or config.duplex != "auto":
        yield f" duplex {config.duplex}"
    if always or config.speed != "auto":
        yield f" speed {config.speed}"


def _keepalive(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.keepalive != 10:
        yield " no keepalive" if config.keepalive is None else f" keepalive {config.keepalive}"


SECTIONS = (
    InterfaceSection("description", Fields(InterfaceConfig, ("description",))),
    InterfaceSection("bandwidth", Fields(InterfaceConfig, ("mtu", "bandwidth"))),
    InterfaceSection("delay", Fields(InterfaceConfig, ("delay",))),
    InterfaceSection("state", (Fields(InterfaceConfig, ("load_interval",)), _state)),
    InterfaceSection("keepalive", _keepalive),
)
