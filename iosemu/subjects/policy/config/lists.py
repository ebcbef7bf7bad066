"""`ip as-path access-list …` and `ip community-list …`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from iosemu.handling.regexp import ios_regexp

INTERNET = 0
"""`internet`: a route belongs to it whatever communities it has."""
WELL_KNOWN = {
    "internet": INTERNET,
    "no-export": 0xFFFFFF01,
    "no-advertise": 0xFFFFFF02,
    "local-AS": 0xFFFFFF03,
}
"""The communities that have names (RFC 1997)."""


def community_number(text: str) -> int:
    """`aa:nn`, a number or a name as the number it is; ValueError for anything else."""
    for name, number in WELL_KNOWN.items():
        if len(text) > 1 and name.lower().startswith(text.lower()):
            return number
    parts = text.split(":")
    limit = 0xFFFFFFFF if len(parts) == 1 else 0xFFFF
    if len(parts) > 2 or not all(
        each.isascii() and each.isdecimal() and int(each) <= limit for each in parts
    ):
        raise ValueError(text)
    return int(parts[0]) if len(parts) == 1 else int(parts[0]) << 16 | int(parts[1])


def community_text(number: int, new_format: bool = False) -> str:
    """A community as IOS writes it; `aa:nn` only with `ip bgp-community new-format`."""
    name = next((name for name, value in WELL_KNOWN.items() if value == number), None)
    if name is not None:
        return name
    return f"{number >> 16}:{number & 0xFFFF}" if new_format else str(number)


@dataclass(frozen=True, slots=True)
class AsPathEntry:
    """`permit|deny EXPRESSION`."""

    permit: bool
    expression: str


@dataclass
class AsPathList:
    """`ip as-path access-list N`: expressions on the AS path, in the order they were typed."""

    entries: list[AsPathEntry] = field(default_factory=list)

    def permits(self, path: str) -> bool:
        """Whether the first expression that fits permits the path; what none fits is denied."""
        for entry in self.entries:
            if ios_regexp(entry.expression).found_in(path):
                return entry.permit
        return False


@dataclass(frozen=True, slots=True)
class CommunityEntry:
    """`permit|deny COMMUNITY …` of a standard list, `permit|deny EXPRESSION` of an expanded one."""

    permit: bool
    communities: tuple[int, ...] = ()
    expression: str = ""

    def matches(self, communities: Iterable[int], exact: bool, new_format: bool) -> bool:
        """Whether a path with these communities fits; `exact`: it has no others."""
        have = sorted(communities)
        if self.expression:
            text = " ".join(community_text(each, new_format) for each in have)
            return ios_regexp(self.expression).found_in(text)
        wanted = {each for each in self.communities if each != INTERNET}
        return set(have) == wanted if exact else wanted <= set(have)

    def words(self, new_format: bool) -> str:
        """What stands behind the name of the list."""
        rest = self.expression or " ".join(community_text(each, new_format) for each in self.communities)
        return f"{'permit' if self.permit else 'deny'} {rest}".rstrip()


EntryT = TypeVar("EntryT")


@dataclass
class NamedList(Generic[EntryT]):
    """A list that is standard or expanded, with a name or a number."""

    name: str
    expanded: bool = False
    entries: list[EntryT] = field(default_factory=list)

    @property
    def numbered(self) -> bool:
        """It has a number for a name: 1 to 99 is standard, 100 to 500 expanded."""
        return self.name.isdecimal()

    @property
    def typed_name(self) -> str:
        """As it is typed: the kind stands before a name, not before a number."""
        return self.name if self.numbered else f"{'expanded' if self.expanded else 'standard'} {self.name}"


ListT = TypeVar("ListT")


def in_order(lists: Mapping[str, ListT]) -> list[ListT]:
    """Lists by name: numbers first."""
    return [
        lists[name] for name in sorted(lists, key=lambda each: (not each.isdecimal(), each.zfill(10), each))
    ]


@dataclass
class CommunityList(NamedList[CommunityEntry]):
    """`ip community-list NAME`."""

    def find(
        self, communities: Iterable[int], exact: bool = False, new_format: bool = False
    ) -> CommunityEntry | None:
        """The first entry that fits; None: the implicit deny at the end."""
        have = tuple(communities)
        return next((each for each in self.entries if each.matches(have, exact, new_format)), None)

    def permits(self, communities: Iterable[int], exact: bool = False, new_format: bool = False) -> bool:
        """Whether a path with these communities is permitted."""
        found = self.find(communities, exact, new_format)
        return found is not None and found.permit
