"""The state of a lab at one moment, to be put back later.

A lab's objects are tied together by callbacks and closures, so that copies of them would go on working for the
originals. A snapshot therefore copies no object: it walks the graph, notes what every changeable object holds,
and puts just that back. Whoever holds a device, an interface or a port holds the right one afterwards.

A note is a tuple of what the object refers to; objects of one class in the same state share one, and what cannot
change has none. `restore` writes only to what is not as noted.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import random
import types
from abc import ABC, abstractmethod
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from enum import Enum
from operator import attrgetter, is_
from typing import Any

from iosemu.box.model import Image, Model
from iosemu.net.signal import Signal

_ROOMS = (
    "box", "bridging", "firsthop", "gdoi", "handling", "ike", "ikev2", "ip", "ipsec", "kinds", "net", "nhrp", "packets",
    "pki", "routing", "subjects", "tcp", "web",
)  # fmt: skip
"""Where the classes live whose instances belong to the state; all others are left alone."""
_MISSING = object()
_LEAVES: set[type] = {int, float, str, bytes, bool, type(None)}
"""Classes whose instances hold nothing that changes; more are found on the way."""


class Snapshot:
    """What all objects reachable from `roots` hold now; `restore` puts it back, as often as wanted."""

    def __init__(self, *roots: Any) -> None:
        self._stack: list[Any] = []
        self._notes: dict[type, list[_Notes]] = {}
        with _without_garbage_collection():
            self._count = self._walk(roots)

    def __len__(self) -> int:
        """How many objects it knows."""
        return self._count

    def _walk(self, roots: Iterable[Any]) -> int:
        seen: set[int] = set()
        visits: dict[type, Callable[[Any], None] | None] = {}
        stack = self._stack
        stack.extend(roots)
        while stack:
            value = stack.pop()
            if id(value) in seen:
                continue
            kind = type(value)
            try:
                visit = visits[kind]
            except KeyError:
                visit = visits[kind] = self._visit(kind)
            if visit is not None:
                seen.add(id(value))
                visit(value)
        return len(seen)

    def _visit(self, kind: type) -> Callable[[Any], None] | None:
        """What to do with an instance of a class; None when it holds nothing that changes."""
        makers = _makers(kind)
        if not makers:
            _LEAVES.add(kind)
            return None
        notes = self._notes[kind] = [make(kind, self._stack) for make in makers]
        if len(notes) == 1:
            return notes[0].visit

        def each(value: Any) -> None:
            for note in notes:
                note.visit(value)

        return each

    def restore(self) -> None:
        """Put everything back."""
        for notes in self._notes.values():
            for note in notes:
                note.restore()


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Nothing that a walk makes is garbage: looking for some takes a third of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Notes(ABC):
    """What the instances of one class hold: the instances, and a note for each."""

    def __init__(self, kind: type, stack: list[Any]) -> None:
        self._stack = stack
        self._owners: list[Any] = []
        self._contents: list[Any] = []

    @abstractmethod
    def visit(self, value: Any) -> None:
        """Note what a value holds, and have that looked at."""

    def _look_into(self, held: Iterable[Any]) -> None:
        self._stack += [each for each in held if type(each) not in _LEAVES]

    def _note(self, owner: Any, content: Any) -> None:
        self._owners.append(owner)
        self._contents.append(content)

    def restore(self) -> None:
        """Put the instances back."""
        for owner, content in zip(self._owners, self._contents, strict=True):
            self._put_back(owner, content)

    def _put_back(self, owner: Any, content: Any) -> None:  # noqa: B027 - what cannot change needs none
        """Put one instance back."""


class _Containers(_Notes):
    def restore(self) -> None:
        for owner, content in zip(self._owners, self._contents, strict=True):
            if content or owner:  # most are empty, then and now
                self._put_back(owner, content)


class _Lists(_Containers):
    def visit(self, value: list[Any]) -> None:
        held = tuple(value)
        self._note(value, held)
        if held:
            self._look_into(held)

    def _put_back(self, owner: list[Any], content: tuple[Any, ...]) -> None:
        if len(owner) != len(content) or not all(map(is_, owner, content)):
            owner[:] = content


class _Deques(_Lists):
    def _put_back(self, owner: Any, content: tuple[Any, ...]) -> None:
        if len(owner) != len(content) or not all(map(is_, owner, content)):
            owner.clear()
            owner.extend(content)


class _Sets(_Containers):
    def visit(self, value: set[Any]) -> None:
        held = tuple(value)
        self._note(value, held)
        if held:
            self._look_into(held)

    def _put_back(self, owner: set[Any], content: tuple[Any, ...]) -> None:
        if len(owner) != len(content) or not all(map(is_, owner, content)):
            owner.clear()
            owner.update(content)


class _Dicts(_Containers):
    """A note has the keys, then the values: a copy of a small dictionary takes four times as much memory."""

    def visit(self, value: dict[Any, Any]) -> None:
        held = (*value, *value.values()) if value else ()
        self._note(value, held)
        if held:
            self._look_into(held)

    def _put_back(self, owner: dict[Any, Any], content: tuple[Any, ...]) -> None:
        half = len(content) // 2
        if len(owner) == half:
            values = content[half:]
            if all(map(is_, owner, content)) and all(map(is_, owner.values(), values)):
                return
        owner.clear()
        pairs = zip(content[:half], content[half:], strict=True)
        if type(owner) is dict:
            owner.update(pairs)
            return
        for key, value in pairs:
            owner[key] = value  # noqa: PERF403  # `update` of a Counter counts


class _Arrays(_Notes):
    def visit(self, value: bytearray) -> None:
        self._note(value, bytes(value))

    def _put_back(self, owner: bytearray, content: bytes) -> None:
        owner[:] = content


class _Cells(_Notes):
    def visit(self, value: types.CellType) -> None:
        with contextlib.suppress(ValueError):  # the name was never bound
            self._note(value, value.cell_contents)
            self._look_into((value.cell_contents,))

    def _put_back(self, owner: types.CellType, content: Any) -> None:
        owner.cell_contents = content


class _Randoms(_Notes):
    def visit(self, value: random.Random) -> None:
        if not isinstance(value, random.SystemRandom):
            version, words, following = value.getstate()
            self._note(value, (version, array("I", words), following))

    def _put_back(self, owner: random.Random, content: tuple[int, array[int], float | None]) -> None:
        version, words, following = content
        owner.setstate((version, tuple(words), following))


class _Members(_Notes):
    """Tuples and frozen sets: they do not change, what they hold may."""

    def visit(self, value: Iterable[Any]) -> None:
        self._look_into(value)


class _Functions(_Notes):
    def visit(self, value: types.FunctionType) -> None:
        self._look_into((*(value.__closure__ or ()), *(value.__defaults__ or ())))


class _Methods(_Notes):
    def visit(self, value: types.MethodType) -> None:
        self._look_into((value.__self__, value.__func__))


class _Partials(_Notes):
    def visit(self, value: functools.partial[Any]) -> None:
        self._look_into((value.func, *value.args, *value.keywords.values()))


class _Generators(_Notes):
    def visit(self, value: types.GeneratorType[Any, Any, Any]) -> None:
        raise TypeError(
            f"{value!r} is under way: a generator cannot be put back, so none may be a device's state"
        )


class _Slots(_Notes):
    """The attributes of instances that are in slots; those of frozen data classes are looked into only."""

    def __init__(self, kind: type, stack: list[Any]) -> None:
        super().__init__(kind, stack)
        self._names = _slots(kind)
        getter = attrgetter(*self._names)
        self._get: Callable[[Any], tuple[Any, ...]] = (
            getter if len(self._names) > 1 else lambda value: (getter(value),)
        )
        self._frozen = _frozen(kind)
        self._last: tuple[Any, ...] = ()

    def _held(self, value: Any) -> tuple[Any, ...]:
        try:
            return self._get(value)
        except AttributeError:  # a slot that was never filled
            return tuple(getattr(value, name, _MISSING) for name in self._names)

    def visit(self, value: Any) -> None:
        held = self._held(value)
        if not self._frozen:
            if self._last and all(map(is_, held, self._last)):
                held = self._last
            self._last = held
            self._note(value, held)
        self._look_into(held)

    def _put_back(self, owner: Any, content: tuple[Any, ...]) -> None:
        now = self._held(owner)
        if all(map(is_, now, content)):
            return
        for name, has, had in zip(self._names, now, content, strict=True):
            if had is _MISSING and has is not _MISSING:
                object.__delattr__(owner, name)
            elif has is not had:
                object.__setattr__(owner, name, had)


class _Attributes(_Notes):
    """The attributes of instances that are in `__dict__`; those of frozen data classes are looked into only."""

    def __init__(self, kind: type, stack: list[Any]) -> None:
        super().__init__(kind, stack)
        self._frozen = _frozen(kind)
        self._last: tuple[Any, ...] = ()
        self._last_names: tuple[str, ...] = ()
        self._names: list[tuple[str, ...]] = []
        """The names of each instance's attributes, most often the same tuple."""

    def visit(self, value: Any) -> None:
        attributes = value.__dict__
        held = tuple(attributes.values())
        if not self._frozen:
            names = tuple(attributes)
            if names == self._last_names:
                names = self._last_names
                if all(map(is_, held, self._last)):
                    held = self._last
            self._last, self._last_names = held, names
            self._names.append(names)
            self._note(value, held)
        self._look_into(held)

    def restore(self) -> None:
        for owner, names, held in zip(self._owners, self._names, self._contents, strict=True):
            attributes = owner.__dict__
            if tuple(attributes) != names:
                attributes.clear()
                attributes.update(zip(names, held, strict=True))
            elif not all(map(is_, attributes.values(), held)):
                for name, had in zip(names, held, strict=True):
                    attributes[name] = had


_BUILT_IN: dict[type, type[_Notes]] = {
    list: _Lists,
    deque: _Deques,
    set: _Sets,
    dict: _Dicts,
    bytearray: _Arrays,
    tuple: _Members,
    frozenset: _Members,
    types.FunctionType: _Functions,
    types.MethodType: _Methods,
    functools.partial: _Partials,
    types.CellType: _Cells,
    random.Random: _Randoms,
    types.GeneratorType: _Generators,
}
"""The notes that instances of built-in classes need."""


@functools.cache
def _makers(kind: type) -> tuple[type[_Notes], ...]:
    """The notes that instances of a class need; none when they hold nothing that changes."""
    found = [notes for base, notes in _BUILT_IN.items() if issubclass(kind, base)][:1]
    # Who listens to a signal is no state of the lab: sessions come and go meanwhile.
    if issubclass(kind, Enum | Model | Image | Signal) or not _belongs(kind):
        return tuple(found)
    if _slots(kind):
        found.append(_Slots)
    if kind.__dictoffset__:
        found.append(_Attributes)
    return tuple(found)


def _belongs(kind: type) -> bool:
    package, _, rest = kind.__module__.partition(".")
    return package == "iosemu" and rest.partition(".")[0] in _ROOMS


def _frozen(kind: type) -> bool:
    return is_dataclass(kind) and bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def _slots(kind: type) -> tuple[str, ...]:
    return tuple(
        name
        for base in kind.__mro__
        for name in _names(base.__dict__.get("__slots__", ()))
        if name not in ("__dict__", "__weakref__")
    )


def _names(slots: str | Iterable[str]) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)
