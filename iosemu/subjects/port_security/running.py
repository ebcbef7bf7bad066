"""Port security in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import Switchport, Violation


def port_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """The lines of one port."""
    port = config.held(Switchport)
    if port is None:
        return []
    settings = port.security
    lead = " switchport port-security"
    lines = []
    if settings.maximum != 1:
        lines.append(f"{lead} maximum {settings.maximum}")
    if settings.enabled:
        lines.append(lead)
    if settings.aging_minutes:
        lines.append(f"{lead} aging time {settings.aging_minutes}")
    if settings.violation is not Violation.SHUTDOWN:
        lines.append(f"{lead} violation {settings.violation.value}")
    if settings.sticky:
        lines.append(f"{lead} mac-address sticky")
    for text, kept in settings.addresses.items():
        lines.append(f"{lead} mac-address {'sticky ' if kept else ''}{text}")
    return lines
