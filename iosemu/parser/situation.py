"""Who types, on what: all that the parser has to know of the device and the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


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
    creatable: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Interface types that can be made by naming them, with their lowest and highest number."""
    subinterfaces: bool = False
    """`FastEthernet0/0.10` can be made, too."""

    @property
    def names(self) -> set[str]:
        """Canonical names of the interfaces that exist now."""
        if self.interface_types is None:
            return set(self.interfaces)
        return {kind + number for kind, numbers in self.interface_types.items() for number in numbers}
