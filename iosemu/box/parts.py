"""Typed parts: what a subject adds to a configuration, found by its class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

PartT = TypeVar("PartT")


class Parts:
    """Objects of which there is one a class, made with their defaults when first asked for.

    `parts.of(NatConfig)` is the `NatConfig` here. A part that was never touched equals a fresh one, so two
    `Parts` are equal when all parts are.
    """

    __slots__ = ("_held", "_offered")

    def __init__(self, offered: Iterable[type] | None = None) -> None:
        self._held: dict[type, Any] = {}
        self._offered = None if offered is None else frozenset(offered)
        """The classes there may be; None: any."""

    def of(self, part: type[PartT]) -> PartT:
        """The part of this class.

        Raises LookupError where there is none (a PC has no crypto maps).
        """
        try:
            found: PartT = self._held[part]
        except KeyError:
            if part not in self:
                raise LookupError(f"there is no {part.__name__} here") from None
            return self.put(part())
        return found

    def find(self, part: type[PartT]) -> PartT | None:
        """The part of this class, None where there can be none."""
        return self.of(part) if part in self else None

    def held(self, part: type[PartT]) -> PartT | None:
        """The part of this class if it was made or put, else None; nothing is made."""
        return self._held.get(part)

    def put(self, part: PartT) -> PartT:
        """Take this object for the part of its class."""
        self._held[type(part)] = part
        return part

    def drop(self, part: type) -> None:
        """Forget the part: back to its defaults."""
        self._held.pop(part, None)

    def __contains__(self, part: type) -> bool:
        """Whether a part of this class may be asked for."""
        return self._offered is None or part in self._offered or part in self._held

    def __iter__(self) -> Iterator[Any]:
        """The parts that were made so far."""
        return iter(list(self._held.values()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parts):
            return NotImplemented
        return all(
            (self._held[part] if part in self._held else part())
            == (other._held[part] if part in other._held else part())
            for part in {*self._held, *other._held}
        )

    __hash__ = None  # type: ignore[assignment]  # what can change has no hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._held.values()))})"
