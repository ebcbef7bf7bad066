"""Interfaces in the running configuration: the subjects' lines in the order of the kind of box."""

from __future__ import annotations

from collections.abc import Generator

from iosemu.box.device import Device
from iosemu.box.interface_types import SortKey, sort_key, type_of
from iosemu.box.render import Render


def interface_section(device: Device, render: Render, name: str) -> list[str]:
    """`interface NAME` and its lines."""
    config, composition = device.config.interfaces[name], device.composition
    lines = (
        line for section in composition.interface_sections for line in section.text(device, config, render)
    )
    return [f"interface {name}{config.suffix}", *lines]


Building = Generator[None, None, list[str]]
"""Lines that are made in steps: others may have their turn at each yield."""


def finished(building: Building) -> list[str]:
    """The lines, without a pause."""
    while True:
        try:
            next(building)
        except StopIteration as stop:
            lines: list[str] = stop.value
            return lines


def interface_sections(device: Device, render: Render) -> Building:
    """All interfaces, separated by `!`."""
    lines: list[str] = []
    for name in sorted(device.config.interfaces, key=_order):
        if name not in device.config.interfaces or device.config.interfaces[name].cloned:
            continue  # it was removed meanwhile, or was made for a peer
        section = interface_section(device, render, name)
        if type_of(name).name == "Null" and len(section) == 1:
            continue
        if lines:
            lines.append("!")
        lines += section
        yield
    return lines


def _order(name: str) -> tuple[int, SortKey]:
    """Logical interfaces come before the ports, VLAN interfaces after them."""
    key = sort_key(name)
    return (0 if 0 < key[0] <= 40 else 2 if key[0] else 1, key)
