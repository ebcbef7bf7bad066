"""Port security under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.bridging.switchport import Switchport, Violation


def _port_security(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    layer2 = config.held(Switchport)
    if layer2 is None:
        return
    settings = layer2.security
    lead = " switchport port-security"
    if settings.maximum != 1:
        yield f"{lead} maximum {settings.maximum}"
    if settings.enabled:
        yield lead
    if settings.aging_minutes:
        yield f"{lead} aging time {settings.aging_minutes}"
    if settings.aging_static:
        yield f"{lead} aging static"
    if settings.violation is not Violation.SHUTDOWN:
        yield f"{lead} violation {settings.violation.value}"
    if settings.aging_idle:
        yield f"{lead} aging type inactivity"
    if settings.sticky:
        yield f"{lead} mac-address sticky"
    for text, kept in settings.addresses.items():
        yield f"{lead} mac-address {'sticky ' if kept else ''}{text}"


SECTIONS = (InterfaceSection("port-security", _port_security),)
