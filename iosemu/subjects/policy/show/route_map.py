"""`show route-map`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.route_map import NEXT
from iosemu.subjects.policy.text import match_rows, set_rows
from iosemu.subjects.routing.tracking import state_word


def show_route_map(context: Context, name: str = "") -> Iterator[str]:
    """`show route-map [NAME]`."""
    device = context.device
    config = device.config.of(PolicyConfig)
    if name and name not in config.route_maps:
        raise CommandError(f"route-map {name} not found")
    for each in [name] if name else list(config.route_maps):
        for entry in config.entries(each):
            yield f"route-map {each}, {'permit' if entry.permit else 'deny'}, sequence {entry.sequence}"
            yield "  Match clauses:"
            yield from (f"    {shown}" for _, shown in match_rows(entry))
            if entry.continue_at is not None:
                where = "next entry" if entry.continue_at == NEXT else f"sequence {entry.continue_at}"
                yield f"  Continue: {where}"
            yield "  Set clauses:"
            rows = set_rows(entry, config.new_format, lambda number: state_word(device, number))
            yield from (f"    {shown}" for _, shown in rows)
            yield f"  Policy routing matches: {entry.packets} packets, {entry.octets} bytes"
