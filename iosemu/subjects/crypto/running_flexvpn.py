"""FlexVPN in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.crypto.config.flexvpn import FlexConfig, LocalPools


def mangler_lines(device: Device, render: Render) -> list[str]:
    """All name manglers."""
    lines: list[str] = []
    for each in device.config.of(FlexConfig).manglers.values():
        inner = (f" {line}" for line in render("config-ikev2-mangler", each))
        lines += [*(["!"] if lines else []), f"crypto ikev2 name-mangler {each.name}", *inner]
    return lines


def authorization_lines(device: Device, render: Render) -> list[str]:
    """All authorization policies."""
    lines: list[str] = []
    for each in device.config.of(FlexConfig).policies.values():
        inner = (f" {line}" for line in render("config-ikev2-author-policy", each))
        lines += [*(["!"] if lines else []), f"crypto ikev2 authorization policy {each.name} ", *inner]
    return lines


def client_lines(device: Device, render: Render) -> list[str]:
    """All client profiles."""
    lines: list[str] = []
    for each in device.config.of(FlexConfig).clients.values():
        inner = (f"  {line}" for line in render("config-ikev2-flexvpn", each))
        lines += [*(["!"] if lines else []), f"crypto ikev2 client flexvpn {each.name}", *inner]
    return lines


def pool_lines(device: Device, _render: Render) -> Iterator[str]:
    """All ranges of all pools."""
    for name, ranges in device.config.of(LocalPools).pools.items():
        for low, high in ranges:
            yield f"ip local pool {name} {low}{f' {high}' if high != low else ''}"
