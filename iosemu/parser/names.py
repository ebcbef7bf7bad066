"""The names of a device's interfaces, by type, as the parser looks them up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

_NUMBERED = re.compile(r"([A-Za-z][A-Za-z-]*?)(\d.*)?")


def split_name(name: str) -> tuple[str, str]:
    """`FastEthernet0/1` → (`FastEthernet`, `0/1`)."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], found[2] or "") if found else (name, "")


class InterfaceNames(Collection[str]):
    """Canonical names, kept by type; adding and removing one costs the same however many there are."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_type: dict[str, dict[str, None]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Take up a name; its type, when it is new, comes behind those that are there."""
        kind, number = split_name(name)
        self._by_type.setdefault(kind, {})[number] = None

    def discard(self, name: str) -> None:
        """Forget a name, and its type with the last one."""
        kind, number = split_name(name)
        numbers = self._by_type.get(kind, {})
        numbers.pop(number, None)
        if not numbers:
            self._by_type.pop(kind, None)

    @property
    def by_type(self) -> Mapping[str, Collection[str]]:
        """The numbers of each type."""
        return self._by_type

    def __iter__(self) -> Iterator[str]:
        return iter([kind + number for kind, numbers in self._by_type.items() for number in numbers])

    def __len__(self) -> int:
        return sum(len(numbers) for numbers in self._by_type.values())

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        kind, number = split_name(name)
        return number in self._by_type.get(kind, {})
