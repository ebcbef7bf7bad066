"""The configuration archive in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.archive.config import ArchiveConfig


def archive_lines(device: Device, render: Render) -> list[str]:
    """`archive` and what stands under it."""
    settings = device.config.of(ArchiveConfig)
    rows = []
    if settings.log is not None:
        rows += [" log config", *(f"  {row}" for row in render("config-archive-log-cfg", settings.log))]
    rows += [f" path {settings.path}"] if settings.path else []
    rows += [f" {row}" for row in render("config-archive", settings)]
    rows += [f" time-period {settings.time_period}"] if settings.time_period is not None else []
    return ["archive", *rows] if rows else []
