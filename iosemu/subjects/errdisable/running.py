"""Error disabled ports in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.errdisable.config import CAUSES, FLAPS, ErrdisableConfig


def errdisable_lines(switch: Device, render: Render) -> list[str]:
    """The `errdisable` lines."""
    config: ErrdisableConfig = switch.config.of(ErrdisableConfig)
    lines = [f"no errdisable detect cause {cause}" for cause in CAUSES if cause in config.undetected]
    lines += [f"errdisable detect cause {cause} shutdown vlan" for cause in CAUSES if cause in config.by_vlan]
    lines += [f"errdisable recovery cause {cause}" for cause in CAUSES if cause in config.causes]
    lines += [
        f"errdisable flap-setting cause {cause} max-flaps {limit.count} time {limit.seconds}"
        for cause, limit in config.flaps.items()
        if limit != FLAPS[cause]
    ]
    return lines + render("config", config, only=("interval",))
