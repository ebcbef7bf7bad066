"""The ports that a configuration names, for boxes that are to be made as it wants them."""

from __future__ import annotations

import re

from iosemu.box.interface_types import TYPES, sort_key

_INTERFACE = re.compile(
    r"interface\s+([A-Za-z-]+)\s*(\d+(?:/\d+)*)(?:[.:][\d.:]+)?(?:\s+\S+)?\s*", re.IGNORECASE
)
_LAYER_2 = re.compile(r"^\s*(?:switchport|spanning-tree|vtp)\b", re.MULTILINE)


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
    """The model that a configuration is probably for: a multilayer switch when it switches, else a router."""
    return "catalyst-3560-24ps" if _LAYER_2.search(text) else "c2911"
