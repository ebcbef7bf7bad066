"""Who may see what: views, groups and communities (RFC 3415, RFC 3584)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from iosemu.net.snmp.usm import Level, UsmUser
from iosemu.packets.snmp import Oid


@dataclass(frozen=True)
class Subtree:
    """One line of a view; a `None` in `family` matches any number (the wildcard of a mask)."""

    family: tuple[int | None, ...]
    included: bool

    def covers(self, name: Oid) -> bool:
        """Whether the name is in the family (RFC 3415 section 4, vacmViewTreeFamilyMask)."""
        if len(name) < len(self.family):
            return False
        return all(mine is None or mine == other for mine, other in zip(self.family, name, strict=False))


class View:
    """A set of subtrees: of those that cover a name the longest decides, then the greatest."""

    def __init__(self, subtrees: Iterable[Subtree]) -> None:
        self._subtrees = sorted(
            subtrees,
            key=lambda each: (len(each.family), tuple(-1 if n is None else n for n in each.family)),
            reverse=True,
        )

    def __contains__(self, name: Oid) -> bool:
        for subtree in self._subtrees:
            if subtree.covers(name):
                return subtree.included
        return False


@dataclass(frozen=True)
class Access:
    """What somebody may do; None: there is no such view, so nothing."""

    read: View | None = None
    write: View | None = None


@dataclass(frozen=True)
class Group:
    """`snmp-server group NAME v3 LEVEL`: those who come with at least that level."""

    level: Level
    access: Access
    access_list: str = ""


@dataclass(frozen=True)
class Community:
    """A community string and what it opens."""

    access: Access
    access_list: str = ""


@dataclass(frozen=True)
class Member:
    """A user, and the groups that it may come as: all of one name."""

    user: UsmUser
    groups: tuple[Group, ...] = ()
    access_list: str = ""

    def group(self, level: Level) -> Group | None:
        """The group for messages of this level: of those that ask for no more the one that asks for most."""
        fitting = [each for each in self.groups if each.level <= level]
        return max(fitting, key=lambda each: each.level, default=None)


@dataclass(frozen=True)
class Policy:
    """All that decides about a message."""

    engine: bytes
    communities: dict[str, Community] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
