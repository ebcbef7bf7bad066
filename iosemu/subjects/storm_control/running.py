"""Storm control under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.net.storm_control import Traffic
from iosemu.subjects.storm_control.config import StormControl, level


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines of a port."""
    settings = config.held(StormControl)
    if settings is None:
        return
    for kind in Traffic:
        threshold = settings.levels.get(kind)
        if threshold is None:
            continue
        words = [f" storm-control {kind.value} level", threshold.unit.value]
        words.append(level(threshold.upper, threshold.unit))
        if threshold.lower != threshold.upper:
            words.append(level(threshold.lower, threshold.unit))
        yield " ".join(filter(None, words))
    if settings.shutdown:
        yield " storm-control action shutdown"
    if settings.trap:
        yield " storm-control action trap"
