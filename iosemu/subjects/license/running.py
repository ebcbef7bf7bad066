"""Licenses in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig


def boot_lines(device: Device, _render: Render) -> Iterator[str]:
    """`license boot module …`."""
    terms = device.model.facts.get("license")
    for package in device.config.of(SystemConfig).license_boot.values():
        yield f"license boot module {terms['module']} technology-package {package}"
