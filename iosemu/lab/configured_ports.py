"""The ports that a configuration names, for boxes that are to be made as it wants them."""

from __future__ import annotations

import re

from iosemu.box.interface_types import TYPES, sort_key

_INTERFACE = re.compile(
    r"interface\s+([A-Za-z-]+)\s*(\d+(?:/\d+)*)(?:[.:][\d.:]+)?(?:\s+\S+)?\s*", re.IGNORECASE
)
_LAYER_2 = re.compile(r"^\s*(?:(?:no )?switchport|spanning-tree|vtp|interface Vlan ?\d+)\b", re.MULTILINE)
_LAYER_3 = re.compile(
    r"^\s*(?:no switchport|ip routing|router \S+|switchport trunk encap\S*)(?:\s|$)", re.MULTILINE
)
_ELSEWHERE = re.compile(r"^interface \S+\d/\d+/\d|^interface TenG", re.MULTILINE)
"""Ports of larger switches."""
_FAST_SLOT = re.compile(r"^interface FastEthernet\d/\d", re.MULTILINE)
_GIGABIT = re.compile(r"^interface GigabitEthernet", re.MULTILINE)
_VERSION = re.compile(r"^version (\d+)\.(\d+)", re.MULTILINE)


def ports_of(text: str) -> tuple[str, ...]:
    """Canonical names of the ports behind the `interface` lines of a configuration, in IOS's order."""
    found = set()
    for line in text.splitlines():
        match = _INTERFACE.fullmatch(line)
        if match is None:
            continue
        typed = match[1].lower()
        kinds = [each for each in TYPES.values() if each.name.lower().startswith(typed)]
        exact = [each for each in kinds if each.name.lower() == typed]
        kind = exact or kinds
        if len(kind) == 1 and not kind[0].logical:
            found.add(f"{kind[0].name}{match[2]}")
    return tuple(sorted(found, key=sort_key))


def model_for(text: str) -> str:
    """The model that a configuration is probably for.

    A router when it does not switch; else a switch that routes when it has routed ports or a routing process, and
    one with 24 ports when it has not.
    """
    if not _LAYER_2.search(text):
        slotted = _FAST_SLOT.search(text) and not _GIGABIT.search(text)
        return "c2811" if slotted else "c2911"
    return "catalyst-3560-24ps" if _LAYER_3.search(text) or _ELSEWHERE.search(text) else "catalyst-2960-24tt"


def image_for(text: str) -> str | None:
    """The image that prints as the release which a configuration names; None: it names none that is known."""
    named = _VERSION.search(text)
    if named is None:
        return None
    release = (int(named[1]), int(named[2]))
    return "12.4" if release < (15, 0) else "15.1"
