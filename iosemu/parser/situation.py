"""Who types, on what: all that the parser has to know of the device and the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TypeWords:
    """What the parser has to know of a type of interface."""

    help: str
    made: tuple[int, int] | None = None
    """Lowest and highest number of those that come to be by naming them."""
    subinterfaces: bool = False
    """`TYPE NUMBER.N` makes a part of one that exists."""


NO_TYPES: Mapping[str, TypeWords] = {}


def no_candidates(type_name: str) -> Sequence[tuple[str, str]]:
    """The answer of a device that knows no values of any type."""
    return ()


@dataclass(frozen=True, slots=True)
class Situation:
    """The place where a line is typed. Cheap to make for each line."""

    privilege: int = 15
    kind: str = "router"
    subjects: frozenset[str] | None = None
    """What the box has: commands of other folders of the grammar do not exist on it; None: it has all."""
    version: str = "15.1"
    """Of the software, for `since` and `until`."""
    capabilities: frozenset[str] = frozenset()
    """What model and image can do, for `needs`."""
    interfaces: Sequence[str] = ()
    """Canonical names of the device's interfaces that exist now."""
    interface_types: Mapping[str, Mapping[str, None]] | None = None
    """The same by type and number, where whoever asks has it so."""
    candidates: Callable[[str], Sequence[tuple[str, str]]] = no_candidates
    """Known values of a type (named in types.yaml), with help: listed by `?` and completed by Tab."""
    levels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """What `privilege MODE level N WORDS` moved: (mode name, canonical words) → level."""
    loading: bool = False
    """A whole configuration is read: it may speak of interfaces that it defines further down."""
    types: Mapping[str, TypeWords] = field(default_factory=lambda: NO_TYPES)
    """The types of interfaces by name."""

    def made(self, kind: str) -> tuple[int, int] | None:
        """Lowest and highest number of an interface type that is made by naming it; None: it is not."""
        words = self.types.get(kind)
        return words.made if words is not None else None

    def carries(self, kind: str) -> bool:
        """Whether interfaces of a type have subinterfaces."""
        words = self.types.get(kind)
        return words is not None and words.subinterfaces

    @property
    def names(self) -> set[str]:
        """Canonical names of the interfaces that exist now."""
        if self.interface_types is None:
            return set(self.interfaces)
        return {kind + number for kind, numbers in self.interface_types.items() for number in numbers}
