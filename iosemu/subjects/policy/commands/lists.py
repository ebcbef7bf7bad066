"""`ip as-path access-list …`, `ip community-list …` and `ip bgp-community new-format`."""

from __future__ import annotations

from typing import Any, TypeVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.handling.regexp import RegexpError, ios_regexp
from iosemu.subjects.policy.config import AsPathList, CommunityList, PolicyConfig
from iosemu.subjects.policy.config.lists import (
    AsPathEntry,
    CommunityEntry,
    NamedList,
    community_number,
)

ListT = TypeVar("ListT", bound=NamedList[Any])


def checked_expression(text: str) -> str:
    """A regular expression; CommandError where it is none."""
    try:
        ios_regexp(text)
    except RegexpError:
        raise CommandError(f"% Invalid regular expression: {text}") from None
    return text


def as_path(context: Context, number: int, action: str = "", expression: str = "") -> None:
    """`[no] ip as-path access-list N permit|deny EXPRESSION`."""
    lists = context.device.config.of(PolicyConfig).as_path_lists
    if context.off and not action:
        lists.pop(number, None)
        return
    entry = AsPathEntry(action == "permit", checked_expression(expression))
    found = lists.get(number) or AsPathList()
    if not context.off:
        if entry not in found.entries:
            found.entries.append(entry)
        lists[number] = found
    elif entry in found.entries:
        found.entries.remove(entry)
        if not found.entries:
            del lists[number]


def new_format(context: Context) -> None:
    """`[no] ip bgp-community new-format`."""
    context.device.config.of(PolicyConfig).new_format = not context.off


def community(
    context: Context, name: str, action: str = "", communities: tuple[str, ...] = (), kind: str = ""
) -> None:
    """`[no] ip community-list [standard] NAME permit|deny COMMUNITY …`."""
    numbers: list[int] = []
    for each in communities:
        try:
            numbers.append(community_number(each))
        except ValueError:
            raise InvalidArgument("communities") from None
    _change(context, name, action, CommunityEntry(action == "permit", tuple(dict.fromkeys(numbers))), False)


def community_number_list(
    context: Context, number: int, action: str = "", communities: tuple[str, ...] = ()
) -> None:
    """`[no] ip community-list 1-99 permit|deny COMMUNITY …`."""
    community(context, str(number), action, communities)


def expanded(context: Context, name: str, action: str = "", expression: str = "") -> None:
    """`[no] ip community-list expanded NAME permit|deny EXPRESSION`."""
    rule = CommunityEntry(action == "permit", expression=checked_expression(expression) if expression else "")
    _change(context, name, action, rule, True)


def expanded_number(context: Context, number: int, action: str = "", expression: str = "") -> None:
    """`[no] ip community-list 100-500 permit|deny EXPRESSION`."""
    expanded(context, str(number), action, expression)


def _change(context: Context, name: str, action: str, entry: CommunityEntry, is_expanded: bool) -> None:
    lists = context.device.config.of(PolicyConfig).community_lists
    change(context, lists, CommunityList(name, is_expanded), action, entry, "Community")


def change(
    context: Context,
    lists: dict[str, ListT],
    fresh: ListT,
    action: str,
    entry: object,
    what: str,
) -> None:
    """Add an entry to a list of this name and kind, which is `fresh` if there is none; or take it, or all, out."""
    found = lists.get(fresh.name)
    if found is not None and found.expanded != fresh.expanded:
        kind = "an expanded" if found.expanded else "a standard"
        raise CommandError(f"% {what} list {fresh.name} is already used as {kind} list")
    if context.off and not action:
        lists.pop(fresh.name, None)
    elif not context.off:
        found = lists.setdefault(fresh.name, fresh)
        if entry not in found.entries:
            found.entries.append(entry)
    elif found is not None and entry in found.entries:
        found.entries.remove(entry)
        if not found.entries:
            del lists[fresh.name]
