"""`show ip policy`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name, sort_key
from iosemu.handling.context import Context
from iosemu.subjects.policy.config import PolicyConfig, PolicyPort
from iosemu.subjects.policy.show.route_map import show_route_map


def show_local_policy(context: Context) -> Iterator[str]:
    """`show ip local policy`: the route-map for packets that are made here, with what it has met."""
    name = context.device.config.of(PolicyConfig).local_policy
    if name is None:
        yield "Local policy routing is disabled"
        return
    yield f"Local policy routing is enabled, using route map {name}"
    if name in context.device.config.of(PolicyConfig).route_maps:
        yield from show_route_map(context, name)


def show_ip_policy(context: Context) -> Iterator[str]:
    """`show ip policy`: where packets are routed by which route-map."""
    device = context.device
    local = device.config.of(PolicyConfig).local_policy
    rows = [("local", local)] if local is not None else []
    for name in sorted(device.config.interfaces, key=sort_key):
        used = device.config.interfaces[name].of(PolicyPort).route_map
        if used is not None:
            rows.append((short_name(name), used))
    yield "Interface      Route map"
    for where, used in rows:
        yield f"{where:15}{used}"
