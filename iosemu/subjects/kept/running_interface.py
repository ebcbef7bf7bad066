"""Lines without behaviour under `interface X`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.kept.config import KeptLines

PLACES = {
    "flow": ("ip accounting",),
    "virtual-reassembly": ("ip virtual-reassembly",),
    "route-cache": ("ip route-cache",),
    "media": ("media-type", "negotiation", "fair-queue"),
    "mop": ("mop", "logging event", "hold-queue", "carrier-delay", "tx-ring-limit"),
}
"""Which lines stand in which section."""


def _section(name: str) -> InterfaceSection:
    return InterfaceSection(name, _lines(PLACES[name]))


def _lines(heads: tuple[str, ...]) -> Callable[[Device, InterfaceConfig], Iterator[str]]:
    def lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
        held = config.held(KeptLines)
        for key, line in held.lines.items() if held is not None else ():
            if key.startswith(heads):
                yield f" {line}"

    return lines


def _others(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    held = config.held(KeptLines)
    placed = tuple(head for heads in PLACES.values() for head in heads)
    for key, line in sorted(held.lines.items()) if held is not None else ():
        if not key.startswith(placed):
            yield f" {line}"


SECTIONS = (*(_section(name) for name in PLACES), InterfaceSection("kept", _others))
