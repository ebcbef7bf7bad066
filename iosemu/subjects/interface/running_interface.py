"""What every interface has, under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.bridging.bridge import Bridge


def _description(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.description:
        yield f" description {config.description}"


def _bandwidth(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.mtu != config.type.mtu:
        yield f" mtu {config.mtu}"
    if config.bandwidth is not None:
        yield f" bandwidth {config.bandwidth}"
    if config.delay is not None:
        yield f" delay {config.delay}"


def _state(device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.load_interval != 300:
        yield f" load-interval {config.load_interval}"
    if config.shutdown:
        yield " shutdown"
    if config.name not in device.ports or not config.type.autonegotiates:
        return
    always = device.find(Bridge) is None  # a switch leaves out what is negotiated
    if always or config.duplex != "auto":
        yield f" duplex {config.duplex}"
    if always or config.speed != "auto":
        yield f" speed {config.speed}"


def _keepalive(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    if config.keepalive != 10:
        yield " no keepalive" if config.keepalive is None else f" keepalive {config.keepalive}"


SECTIONS = (
    InterfaceSection("description", _description),
    InterfaceSection("bandwidth", _bandwidth),
    InterfaceSection("state", _state),
    InterfaceSection("keepalive", _keepalive),
)
