"""The state of a lab at one moment, to be put back later.

A lab's objects are tied together by callbacks and closures, so that copies of them would go on working for the
originals. A snapshot therefore copies no object: it walks the graph, notes what every changeable object holds,
and puts just that back. Whoever holds a device, an interface or a port holds the right one afterwards.
"""

from __future__ import annotations

import functools
import random
import types
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from iosemu.box.model import Image, Model

_ROOMS = ("box", "bridging", "handling", "ike", "ip", "ipsec", "kinds", "net", "packets", "subjects")
"""Where the classes live whose instances belong to the state; all others are left alone."""
_MISSING = object()

Visit = Callable[[Any], None]
Walker = Callable[["Snapshot", Any], Iterable[Any]]


class Snapshot:
    """What all objects reachable from `roots` hold now; `restore` puts it back, as often as wanted."""

    def __init__(self, *roots: Any) -> None:
        self._kept: list[Any] = []
        """Objects whose identity was noted: they must live as long as the snapshot."""
        self._lists: list[tuple[list[Any], list[Any]]] = []
        self._deques: list[tuple[deque[Any], list[Any]]] = []
        self._sets: list[tuple[set[Any], set[Any]]] = []
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self._arrays: list[tuple[bytearray, bytes]] = []
        self._slots: list[tuple[Any, str, Any]] = []
        self._cells: list[tuple[types.CellType, Any]] = []
        self._randoms: list[tuple[random.Random, Any]] = []
        self._walk(roots)

    def __len__(self) -> int:
        """How many objects it knows."""
        return len(self._kept)

    def _walk(self, roots: Iterable[Any]) -> None:
        seen: set[int] = set()
        stack: list[Any] = [roots]
        kept = self._kept
        while stack:
            value = stack.pop()
            walker = _walker(type(value))  # type: ignore[arg-type]  # a class is hashable
            if walker is None or id(value) in seen:
                continue
            seen.add(id(value))
            kept.append(value)
            stack.extend(walker(self, value))

    def restore(self) -> None:
        """Put everything back."""
        for items, held in self._lists:
            items[:] = held
        for queue, held in self._deques:
            queue.clear()
            queue.extend(held)
        for members, elements in self._sets:
            members.clear()
            members.update(elements)
        for mapping, entries in self._dicts:
            mapping.clear()
            mapping.update(entries)
        for array, content in self._arrays:
            array[:] = content
        for owner, name, value in self._slots:
            if value is not _MISSING:
                object.__setattr__(owner, name, value)
            elif hasattr(owner, name):
                object.__delattr__(owner, name)
        for cell, content in self._cells:
            cell.cell_contents = content
        for source, state in self._randoms:
            source.setstate(state)

    def _list(self, value: list[Any]) -> Iterable[Any]:
        held = list(value)
        self._lists.append((value, held))
        return held

    def _deque(self, value: deque[Any]) -> Iterable[Any]:
        held = list(value)
        self._deques.append((value, held))
        return held

    def _set(self, value: set[Any]) -> Iterable[Any]:
        held = set(value)
        self._sets.append((value, held))
        return held

    def _dict(self, value: dict[Any, Any]) -> Iterable[Any]:
        held = dict(value)
        self._dicts.append((value, held))
        return (*held, *held.values())

    def _array(self, value: bytearray) -> Iterable[Any]:
        self._arrays.append((value, bytes(value)))
        return ()

    def _members(self, value: Iterable[Any]) -> Iterable[Any]:
        return value

    def _function(self, value: types.FunctionType) -> Iterable[Any]:
        return (*(value.__closure__ or ()), *(value.__defaults__ or ()))

    def _method(self, value: types.MethodType) -> Iterable[Any]:
        return (value.__self__, value.__func__)

    def _partial(self, value: functools.partial[Any]) -> Iterable[Any]:
        return (value.func, *value.args, *value.keywords.values())

    def _cell(self, value: types.CellType) -> Iterable[Any]:
        try:
            content = value.cell_contents
        except ValueError:  # the name was never bound
            return ()
        self._cells.append((value, content))
        return (content,)

    def _generator(self, value: types.GeneratorType[Any, Any, Any]) -> Iterable[Any]:
        raise TypeError(
            f"{value!r} is under way: a generator cannot be put back, so none may be a device's state"
        )

    def _random(self, value: random.Random) -> Iterable[Any]:
        if not isinstance(value, random.SystemRandom):
            self._randoms.append((value, value.getstate()))
        return ()


_BUILT_IN: dict[type, Walker] = {
    list: Snapshot._list,
    deque: Snapshot._deque,
    set: Snapshot._set,
    dict: Snapshot._dict,
    bytearray: Snapshot._array,
    tuple: Snapshot._members,
    frozenset: Snapshot._members,
    types.FunctionType: Snapshot._function,
    types.MethodType: Snapshot._method,
    functools.partial: Snapshot._partial,
    types.CellType: Snapshot._cell,
    random.Random: Snapshot._random,
    types.GeneratorType: Snapshot._generator,
}


@functools.cache
def _walker(kind: type) -> Walker | None:
    """How to note instances of a class; None when they hold nothing that changes."""
    built_in = next((walker for base, walker in _BUILT_IN.items() if issubclass(kind, base)), None)
    if issubclass(kind, Enum | Model | Image) or not _belongs(kind):
        return built_in
    names = tuple(
        name
        for base in kind.__mro__
        for name in _names(base.__dict__.get("__slots__", ()))
        if name not in ("__dict__", "__weakref__")
    )
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return _object_walker(names, frozen, built_in)


def _belongs(kind: type) -> bool:
    package, _, rest = kind.__module__.partition(".")
    return package == "iosemu" and rest.partition(".")[0] in _ROOMS


def _names(slots: str | Iterable[str]) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _object_walker(names: tuple[str, ...], frozen: bool, built_in: Walker | None) -> Walker:
    def walk(snapshot: Snapshot, value: Any) -> Iterable[Any]:
        inside: list[Any] = [] if built_in is None else list(built_in(snapshot, value))
        for name in names:
            held = getattr(value, name, _MISSING)
            inside.append(held)
            if not frozen:
                snapshot._slots.append((value, name, held))
        attributes = getattr(value, "__dict__", None)
        if attributes is not None:
            inside.extend(attributes.values())
            if not frozen:
                snapshot._dicts.append((attributes, dict(attributes)))
        return inside

    return walk
