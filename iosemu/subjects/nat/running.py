"""Network address translation in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.nat.config import TIMEOUTS, NatConfig, mask_of


def nat_lines(device: Device, _render: Render) -> list[str]:
    """The global lines, in IOS order."""
    config: NatConfig = device.config.of(NatConfig)
    lines = [
        f"ip nat translation {kind} {'never' if value is None else value}"
        for kind, value in config.timeouts.items()
        if value != TIMEOUTS[kind]
    ]
    if config.max_entries is not None:
        lines.append(f"ip nat translation max-entries {config.max_entries}")
    for each in config.pools.values():
        size = f"prefix-length {each.length}" if each.as_length else f"netmask {mask_of(each.length)}"
        lines.append(f"ip nat pool {each.name} {each.start} {each.end} {size}")
    lines += [f"ip nat inside source {rule}" for rule in config.rules]
    lines += [f"ip nat inside source {static}" for static in config.statics]
    lines += [f"ip nat outside source {rule}" for rule in config.outside_rules]
    lines += [f"ip nat outside source {static}" for static in config.outside_statics]
    return lines
