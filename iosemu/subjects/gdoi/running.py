"""`crypto gdoi group` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.gdoi.config import GdoiConfig, LocalServer


def group_lines(device: Device, render: Render) -> list[str]:
    """All groups, separated by `!`."""
    lines: list[str] = []
    for group in device.config.of(GdoiConfig).groups.values():
        lines.append(f"crypto gdoi group {group.name}")
        lines += [f" {line}" for line in render("config-gdoi-group", group)]
        if group.local is not None:
            lines += _server(group.local, render)
        lines.append("!")
    return lines[:-1]


def _server(local: LocalServer, render: Render) -> Iterator[str]:
    yield " server local"
    last = render("gdoi-local-server", local, only=("address",))
    for line in render("gdoi-local-server", local):
        if line not in last:
            yield f"  {line}"
    for sa in local.sas.values():
        yield f"  sa ipsec {sa.number}"
        yield from (f"   {line}" for line in render("gdoi-sa-ipsec", sa))
    yield from (f"  {line}" for line in last)
    if local.redundancy is not None:
        yield "  redundancy"
        yield from (f"   {line}" for line in render("gdoi-coop-ks-config", local.redundancy))
