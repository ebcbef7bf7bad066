"""How much memory the objects of one lab take, of those that share a process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from iosemu.lab import resources

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

STEP = 2000
"""Objects that are looked at before others have their turn: two milliseconds."""
_NOBODYS = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType)
"""Parts of the program, through which everything would be reached."""


def measured(lab: Lab) -> Iterator[int]:
    """Octets of what only this lab reaches, as far as it was looked; the last is all of it.

    What all labs share, the grammar for one, belongs to none; small numbers and single signs count where they stand.
    """
    shared = [lab.grammar, resources.grammar(), lab.topology]
    seen = {id(each) for each in shared}
    for device in lab.devices.values():
        seen.update((id(device.model), id(device.image), id(device.composition)))
        seen.update(id(content) for content in device.flash.shipped.values())
    left: list[object] = [lab]
    total = looked = 0
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, _NOBODYS):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        left.extend(gc.get_referents(each))
        looked += 1
        if looked % STEP == 0:
            yield total
    yield total
