"""Prefix lists, route-maps and lists of BGP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.policy.config import PolicyConfig
from iosemu.subjects.policy.config.lists import in_order
from iosemu.subjects.policy.text import continue_words, match_rows, set_rows


def prefix_list_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip prefix-list …`."""
    config = device.config.of(PolicyConfig).prefix_lists
    if not config.numbered:
        yield "no ip prefix-list sequence-number"
    for each in config.ordered():
        yield "!"
        if each.description:
            yield f"ip prefix-list {each.name} description {each.description}"
        for entry in each.ordered():
            number = f"seq {entry.sequence} " if config.numbered else ""
            yield f"ip prefix-list {each.name} {number}{entry.words()}"


def as_path_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip as-path access-list …`."""
    for number, each in sorted(device.config.of(PolicyConfig).as_path_lists.items()):
        for entry in each.entries:
            yield f"ip as-path access-list {number} {'permit' if entry.permit else 'deny'} {entry.expression}"


def community_format_lines(device: Device, _render: Render) -> list[str]:
    """`ip bgp-community new-format`."""
    return ["ip bgp-community new-format"] if device.config.of(PolicyConfig).new_format else []


def community_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip community-list …`."""
    config = device.config.of(PolicyConfig)
    for found in in_order(config.community_lists):
        yield from (
            f"ip community-list {found.typed_name} {entry.words(config.new_format)}"
            for entry in found.entries
        )


def extcommunity_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip extcommunity-list …`."""
    for found in in_order(device.config.of(PolicyConfig).extcommunity_lists):
        yield from (f"ip extcommunity-list {found.typed_name} {entry.words()}" for entry in found.entries)


def local_policy_lines(device: Device, _render: Render) -> list[str]:
    """`ip local policy route-map`."""
    name = device.config.of(PolicyConfig).local_policy
    return [] if name is None else [f"ip local policy route-map {name}"]


def route_map_lines(device: Device, _render: Render) -> Iterator[str]:
    """`route-map …`."""
    config = device.config.of(PolicyConfig)
    for name in config.route_maps:
        for entry in config.entries(name):
            yield f"route-map {name} {'permit' if entry.permit else 'deny'} {entry.sequence}"
            if entry.description:
                yield f" description {entry.description}"
            yield from (f" match {typed}" for typed, _ in match_rows(entry))
            if entry.continue_at is not None:
                yield f" {continue_words(entry)}"
            yield from (f" set {typed}" for typed, _ in set_rows(entry, config.new_format))
            yield "!"
