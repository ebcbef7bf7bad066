"""Serial lines under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.ip.serial import SerialSettings


def _encapsulation(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    settings = config.held(SerialSettings)
    if settings is not None and settings.encapsulation != "hdlc":
        yield f" encapsulation {settings.encapsulation}{' ietf' * settings.ietf}"


def _line(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    settings = config.held(SerialSettings)
    if settings is None:
        return
    if settings.loopback:
        yield " loopback"
    if settings.clock_rate is not None:
        yield f" clock rate {settings.clock_rate}"


SECTIONS = (InterfaceSection("encapsulation", _encapsulation), InterfaceSection("clock", _line))
