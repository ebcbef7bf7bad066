"""`service password-encryption`: every clear password that is configured, wherever, becomes type 7."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

from iosemu.box.config import Configuration
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.model import RandomSource
from iosemu.box.parts import Parts
from iosemu.box.passwords import Password


def hide_passwords(config: Configuration, rng: RandomSource) -> None:
    """Hide all that are clear; what was the same password before is so afterwards."""
    hidden: dict[Password, Password] = {}
    seen: set[int] = set()
    waiting: list[Any] = [config, *config.interfaces.values()]
    while waiting:
        holder = waiting.pop()
        if id(holder) in seen:
            continue
        seen.add(id(holder))
        for value, put in _places(holder):
            if not isinstance(value, Password):
                waiting.append(value)
            elif value.type == 0 and put is not None:
                put(hidden.setdefault(value, value.masked(rng)))


def _places(holder: Any) -> Iterator[tuple[Any, Callable[[Password], None] | None]]:
    """What an object of the configuration holds, and how each is replaced there; None: only by its owner."""
    if isinstance(holder, dict):
        for key in list(holder):
            yield holder[key], partial(holder.__setitem__, key)
    elif isinstance(holder, list):
        for at, value in enumerate(holder):
            yield value, partial(holder.__setitem__, at)
    elif isinstance(holder, tuple | Parts):
        yield from ((each, None) for each in list(holder))
    elif isinstance(holder, InterfaceConfig):
        yield holder.parts, None
    elif is_dataclass(holder) and not isinstance(holder, type):
        fixed = holder.__dataclass_params__.frozen  # type: ignore[attr-defined]  # each dataclass has it
        for name in (field.name for field in fields(holder)):
            put = None if fixed else partial(setattr, holder, name)
            yield getattr(holder, name), put
