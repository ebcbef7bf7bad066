"""`show ip as-path-access-list` and `show ip community-list`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.extcommunity import STEP
from iosemu.subjects.policy.config.lists import in_order


def show_as_path(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip as-path-access-list [N]`."""
    for each, found in sorted(context.device.config.of(PolicyConfig).as_path_lists.items()):
        if number in (None, each):
            yield f"AS path access list {each}"
            for entry in found.entries:
                yield f"    {'permit' if entry.permit else 'deny'} {entry.expression}"


def show_extcommunity_list(context: Context, name: str = "") -> Iterator[str]:
    """`show ip extcommunity-list [NAME]`."""
    lists = context.device.config.of(PolicyConfig).extcommunity_lists
    for found in in_order(lists):
        if name not in ("", found.name):
            continue
        kind = "Expanded" if found.expanded else "Standard"
        named = "" if found.numbered else "Named "
        yield f"{named}{kind} extended community-list {found.name}"
        for number, entry in enumerate(found.entries, 1):
            yield f"{number * STEP:6} {entry.shown()}"


def show_community_list(context: Context, name: str = "") -> Iterator[str]:
    """`show ip community-list [NAME]`."""
    config = context.device.config.of(PolicyConfig)
    for found in in_order(config.community_lists):
        if name not in ("", found.name):
            continue
        kind = "expanded" if found.expanded else "standard"
        yield f"{'' if found.numbered else 'Named '}Community {kind} list {found.name}"
        yield from (f"    {entry.words(config.new_format)}" for entry in found.entries)
