"""CDP and LLDP in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.discovery.config import CdpConfig, LldpConfig


def cdp_lines(device: Device, _render: Render) -> list[str]:
    """The global `cdp` lines; what is default is not shown."""
    config: CdpConfig = device.config.of(CdpConfig)
    default = CdpConfig()
    lines = [] if config.advertise_v2 else ["no cdp advertise-v2"]
    if config.timer != default.timer:
        lines.append(f"cdp timer {config.timer}")
    if config.holdtime != default.holdtime:
        lines.append(f"cdp holdtime {config.holdtime}")
    if not config.log_duplex:
        lines.append("no cdp log mismatch duplex")
    if not config.enabled:
        lines.append("no cdp run")
    return lines


def lldp_lines(device: Device, _render: Render) -> list[str]:
    """The global `lldp` lines."""
    config: LldpConfig = device.config.of(LldpConfig)
    default = LldpConfig()
    lines = []
    if config.timer != default.timer:
        lines.append(f"lldp timer {config.timer}")
    if config.holdtime != default.holdtime:
        lines.append(f"lldp holdtime {config.holdtime}")
    if config.reinit != default.reinit:
        lines.append(f"lldp reinit {config.reinit}")
    if config.enabled:
        lines.append("lldp run")
    return lines
