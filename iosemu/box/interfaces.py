"""The interfaces of a box, in the order in which IOS lists them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from iosemu.box.interface_types import sort_key

if TYPE_CHECKING:
    from iosemu.box.interface import Interface

ValueT = TypeVar("ValueT")
OtherT = TypeVar("OtherT")


class ByName(MutableMapping[str, ValueT], Generic[ValueT]):
    """Things by the name of their interface; iterating follows the order of interfaces, not of insertion."""

    def __init__(self) -> None:
        self._items: dict[str, ValueT] = {}
        self._order: list[tuple[tuple[int, str, tuple[int, ...]], str]] = []
        self._names: tuple[str, ...] | None = None

    def __getitem__(self, name: str) -> ValueT:
        return self._items[name]

    @overload
    def get(self, name: str, /) -> ValueT | None: ...

    @overload
    def get(self, name: str, /, default: ValueT | OtherT) -> ValueT | OtherT: ...

    def get(self, name: str, /, default: OtherT | None = None) -> ValueT | OtherT | None:
        """The thing of a name, without the detour that a `Mapping` makes."""
        return self._items.get(name, default)

    def __setitem__(self, name: str, value: ValueT) -> None:
        if name not in self._items:
            insort(self._order, (sort_key(name), name))
            self._names = None
        self._items[name] = value

    def __delitem__(self, name: str) -> None:
        del self._items[name]
        self._names = None
        del self._order[bisect_left(self._order, (sort_key(name), name))]

    def __iter__(self) -> Iterator[str]:
        if self._names is None:
            self._names = tuple(name for _key, name in self._order)
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def of_kind(self, kind: str) -> list[ValueT]:
        """Those of one type of interface (`Tunnel`), in order; costs nothing for the others."""
        wanted = sort_key(f"{kind}0")[:2]
        position = bisect_left(self._order, ((*wanted, ()), ""))
        found: list[ValueT] = []
        while position < len(self._order) and self._order[position][0][:2] == wanted:
            found.append(self._items[self._order[position][1]])
            position += 1
        return found

    def __repr__(self) -> str:
        return repr({name: self._items[name] for name in self})


class Interfaces(ByName["Interface"]):
    """`device.interfaces`: the interfaces at work, and the subinterfaces by what they are part of."""

    def __init__(self) -> None:
        super().__init__()
        self._children: dict[str, dict[str, Interface]] = {}
        self.types: dict[str, dict[str, None]] = {}
        """The numbers there are of each type: `FastEthernet` → `0/0`, `0/1` …"""

    def __setitem__(self, name: str, value: Interface) -> None:
        super().__setitem__(name, value)
        self.types.setdefault(value.kind, {})[name.removeprefix(value.kind)] = None
        if value.config.parent is not None:
            self._children.setdefault(value.config.parent, {})[name] = value

    def __delitem__(self, name: str) -> None:
        parent, kind = self[name].config.parent, self[name].kind
        super().__delitem__(name)
        self.types[kind].pop(name.removeprefix(kind), None)
        if not self.types[kind]:
            del self.types[kind]
        if parent is not None:
            del self._children[parent][name]

    def children(self, name: str) -> list[Interface]:
        """The subinterfaces of an interface."""
        return list(self._children.get(name, {}).values())
