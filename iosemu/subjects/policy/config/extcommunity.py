"""`ip extcommunity-list …`: lists of extended communities (RFC 4360)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.handling.regexp import ios_regexp
from iosemu.routing.bgp import extended
from iosemu.subjects.policy.config.lists import NamedList

STEP = 10
"""Entries are numbered in tens."""


@dataclass(frozen=True, slots=True)
class ExtcommunityEntry:
    """`permit|deny rt N:N …` of a standard list, `permit|deny EXPRESSION` of an expanded one."""

    permit: bool
    values: tuple[int, ...] = ()
    expression: str = ""

    def matches(self, values: Iterable[int]) -> bool:
        """Whether a path with these extended communities fits: it has all of the entry's."""
        have = sorted(values)
        if self.expression:
            return ios_regexp(self.expression).found_in(" ".join(map(extended.community_text, have)))
        return set(self.values) <= set(have)

    def words(self) -> str:
        """What stands behind the name of the list."""
        told = [extended.community_text(each).split(":", 1) for each in self.values]
        rest = self.expression or " ".join(f"{name.lower()} {value}" for name, value in told)
        return f"{'permit' if self.permit else 'deny'} {rest}".rstrip()

    def shown(self) -> str:
        """As `show ip extcommunity-list` has it."""
        rest = self.expression or " ".join(map(extended.community_text, self.values))
        return f"{'permit' if self.permit else 'deny'} {rest}".rstrip()


@dataclass
class ExtcommunityList(NamedList[ExtcommunityEntry]):
    """`ip extcommunity-list NAME`."""

    def permits(self, values: Iterable[int]) -> bool:
        """Whether a path with these extended communities is permitted; at the end is a deny."""
        have = tuple(values)
        found = next((each for each in self.entries if each.matches(have)), None)
        return found is not None and found.permit
