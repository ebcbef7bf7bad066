"""Objects in the order of their names: scalars, tables, and the tree of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from iosemu.packets.snmp import NO_SUCH_INSTANCE, NO_SUCH_OBJECT, ErrorStatus, Oid, Value, VarBind

RowT = TypeVar("RowT")


class WriteError(Exception):
    """A value that an object does not take."""

    def __init__(self, status: ErrorStatus) -> None:
        super().__init__(status.name)
        self.status = status


class Node(Protocol):
    """One scalar or table."""

    @property
    def base(self) -> Oid:
        """The name that all its instances begin with."""
        ...

    def get(self, name: Oid) -> Value:
        """The value of an instance, or one of the exceptions of RFC 3416."""
        ...

    def after(self, name: Oid) -> VarBind | None:
        """The first instance behind a name."""
        ...

    def write(self, name: Oid, value: Value) -> Callable[[], None]:
        """What would write the value, after it was looked at. Raises WriteError."""
        ...

    def begin(self) -> None:
        """A new request: what was read for the one before counts no more."""
        ...


@dataclass
class Scalar:
    """One object with the instance 0. `read` gives None where the box has none."""

    base: Oid
    read: Callable[[], Value | None]
    writer: Callable[[Value], Callable[[], None]] | None = None

    def begin(self) -> None:
        """It keeps nothing."""

    def get(self, name: Oid) -> Value:
        """Instance 0 only."""
        value = self.read()
        if value is None:
            return NO_SUCH_OBJECT
        return value if name == (*self.base, 0) else NO_SUCH_INSTANCE

    def after(self, name: Oid) -> VarBind | None:
        """Instance 0, from all names before it."""
        own = (*self.base, 0)
        value = self.read() if name < own else None
        return VarBind(own, value) if value is not None else None

    def write(self, name: Oid, value: Value) -> Callable[[], None]:
        """By its writer."""
        if self.writer is None:
            raise WriteError(ErrorStatus.NOT_WRITABLE)
        if name != (*self.base, 0):
            raise WriteError(ErrorStatus.NO_ACCESS)
        return self.writer(value)


@dataclass
class Table(Generic[RowT]):
    """A conceptual table (RFC 2578 section 7.1.12): `base` is its entry's name, rows bear their index.

    A column gives None where a row has no such object.
    """

    base: Oid
    rows: Callable[[], Iterable[tuple[Oid, RowT]]]
    columns: Mapping[int, Callable[[RowT], Value | None]]
    writers: Mapping[int, Callable[[RowT, Value], Callable[[], None]]] = field(default_factory=dict)
    _held: tuple[list[Oid], list[RowT]] | None = None

    def begin(self) -> None:
        """Rows are read once a request."""
        self._held = None

    def _read(self) -> tuple[list[Oid], list[RowT]]:
        if self._held is None:
            found = sorted(dict(self.rows()).items(), key=lambda each: each[0])
            self._held = [index for index, _row in found], [row for _index, row in found]
        return self._held

    def _find(self, name: Oid) -> tuple[int, RowT] | None:
        rest = name[len(self.base) :]
        if not rest or rest[0] not in self.columns:
            return None
        indexes, rows = self._read()
        place = bisect_left(indexes, rest[1:])
        if place == len(indexes) or indexes[place] != rest[1:]:
            return None
        return rest[0], rows[place]

    def get(self, name: Oid) -> Value:
        """One cell."""
        rest = name[len(self.base) :]
        if not rest or rest[0] not in self.columns:
            return NO_SUCH_OBJECT
        found = self._find(name)
        value = self.columns[found[0]](found[1]) if found is not None else None
        return value if value is not None else NO_SUCH_INSTANCE

    def after(self, name: Oid) -> VarBind | None:
        """The next cell: down the column, then the next column."""
        rest = name[len(self.base) :] if name[: len(self.base)] == self.base else ()
        if not rest and name > self.base:
            return None
        indexes, rows = self._read()
        for column in sorted(self.columns):
            if rest and column < rest[0]:
                continue
            start = bisect_right(indexes, rest[1:]) if rest and column == rest[0] and rest[1:] else 0
            for place in range(start, len(indexes)):
                value = self.columns[column](rows[place])
                if value is not None:
                    return VarBind((*self.base, column, *indexes[place]), value)
        return None

    def write(self, name: Oid, value: Value) -> Callable[[], None]:
        """By the writer of the column."""
        found = self._find(name)
        if found is None:
            raise WriteError(ErrorStatus.NO_ACCESS)
        writer = self.writers.get(found[0])
        if writer is None:
            raise WriteError(ErrorStatus.NOT_WRITABLE)
        return writer(found[1], value)


class MibTree:
    """The objects of a box."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = sorted(nodes, key=lambda node: node.base)
        self._bases = [node.base for node in self._nodes]

    def begin(self) -> None:
        """A new request."""
        for node in self._nodes:
            node.begin()

    def _node(self, name: Oid) -> Node | None:
        place = bisect_right(self._bases, name) - 1
        if place >= 0 and name[: len(self._bases[place])] == self._bases[place]:
            return self._nodes[place]
        return None

    def get(self, name: Oid) -> Value:
        """The value of an instance, or an exception."""
        node = self._node(name)
        return node.get(name) if node is not None else NO_SUCH_OBJECT

    def after(self, name: Oid) -> VarBind | None:
        """The next instance of all; None: the end."""
        for place in range(max(0, bisect_right(self._bases, name) - 1), len(self._nodes)):
            found = self._nodes[place].after(name)
            if found is not None:
                return found
        return None

    def write(self, name: Oid, value: Value) -> Callable[[], None]:
        """What would write a value. Raises WriteError."""
        node = self._node(name)
        if node is None:
            raise WriteError(ErrorStatus.NO_ACCESS)
        return node.write(name, value)
