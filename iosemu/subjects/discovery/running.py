"""CDP and LLDP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
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


def cdp_interface_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`no cdp enable`."""
    return [] if config.cdp_enabled else [" no cdp enable"]


def lldp_interface_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`no lldp transmit` and `no lldp receive`."""
    if not config.lldp_transmit:
        yield " no lldp transmit"
    if not config.lldp_receive:
        yield " no lldp receive"
