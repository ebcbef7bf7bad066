"""How much memory the objects of one lab take, of those that share a process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

from iosemu.lab import resources
from iosemu.server.clock import LabClock

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

STEP = 2000
"""Objects that are looked at before others have their turn: two milliseconds."""
_NOBODYS = (
    type, ModuleType, FunctionType, BuiltinFunctionType, CodeType, FrameType, CoroutineType, AsyncGeneratorType
)  # fmt: skip
"""Parts of the program, through which everything would be reached."""
_SURROUNDINGS = frozenset({
    "asyncio", "_asyncio", "asyncssh", "concurrent", "contextvars", "_contextvars", "logging", "prometheus_client",
    "selectors", "select", "socket", "_socket", "ssl", "_ssl", "starlette", "threading", "_thread", "uvicorn", "uvloop",
    "websockets",
})  # fmt: skip
"""Packages whose objects carry the lab: the event loop knows all tasks, and by them all labs of the process."""
_farm = __name__.rpartition(".")[0]


@lru_cache(maxsize=4096)
def _around(kind: Any) -> bool:
    """Whether objects of a class are not a lab's own: parts of the program, and those who carry labs."""
    module = kind.__module__
    return (
        issubclass(kind, _NOBODYS)
        or module.partition(".")[0] in _SURROUNDINGS
        or (
            module.startswith((f"{_farm}.", "iosemu.server.", "iosemu.web."))
            and not issubclass(kind, LabClock)
        )
    )


def measured(lab: Lab, sessions: Iterable[object] = ()) -> Iterator[int]:
    """Octets of what only this lab and its open sessions reach, as far as it was looked; the last is all of it.

    What all labs share, the grammar for one, belongs to none; small numbers and single signs count where they stand.
    Neither do those who serve a terminal or a page: through them the labs of all others would be reached.
    """
    shared = [lab.grammar, resources.grammar(), lab.answers, lab.topology]
    seen = {id(each) for each in shared}
    for device in lab.devices.values():
        seen.update((id(device.model), id(device.image), id(device.composition)))
        seen.update(id(content) for content in device.flash.shipped.values())
    left: list[object] = [lab, *sessions]
    total = looked = 0
    while left:
        each = left.pop()
        kind: Any = type(each)
        if id(each) in seen or _around(kind):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each)
        left.extend(gc.get_referents(each))
        looked += 1
        if looked % STEP == 0:
            yield total
    yield total
