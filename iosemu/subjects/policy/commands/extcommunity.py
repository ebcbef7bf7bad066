"""`ip extcommunity-list …`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.routing.bgp import extended
from iosemu.subjects.policy.commands.lists import change, checked_expression
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.extcommunity import ExtcommunityEntry, ExtcommunityList


def standard(context: Context, name: str, action: str = "", values: tuple[str, ...] = ()) -> None:
    """`[no] ip extcommunity-list standard NAME permit|deny rt|soo N:N …`."""
    subtype, made = 0, list[int]()
    for each in values:
        if each in extended.SUBTYPES:
            subtype = extended.SUBTYPES[each]
            continue
        try:
            if not subtype:
                raise ValueError(each)
            made.append(extended.community(subtype, each))
        except ValueError:
            raise InvalidArgument("values") from None
    _change(context, name, action, ExtcommunityEntry(action == "permit", tuple(dict.fromkeys(made))), False)


def standard_number(context: Context, number: int, action: str = "", values: tuple[str, ...] = ()) -> None:
    """`[no] ip extcommunity-list 1-99 permit|deny rt|soo N:N …`."""
    standard(context, str(number), action, values)


def expanded(context: Context, name: str, action: str = "", expression: str = "") -> None:
    """`[no] ip extcommunity-list expanded NAME permit|deny EXPRESSION`."""
    checked = checked_expression(expression) if expression else ""
    _change(context, name, action, ExtcommunityEntry(action == "permit", expression=checked), True)


def expanded_number(context: Context, number: int, action: str = "", expression: str = "") -> None:
    """`[no] ip extcommunity-list 100-500 permit|deny EXPRESSION`."""
    expanded(context, str(number), action, expression)


def _change(context: Context, name: str, action: str, entry: ExtcommunityEntry, is_expanded: bool) -> None:
    lists = context.device.config.of(PolicyConfig).extcommunity_lists
    change(context, lists, ExtcommunityList(name, is_expanded), action, entry, "Extended community")
