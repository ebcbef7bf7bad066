"""Route-maps in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.policy.config import PolicyConfig


def route_map_lines(device: Device, _render: Render) -> Iterator[str]:
    """`route-map …`."""
    config = device.config.of(PolicyConfig)
    for name in config.route_maps:
        for entry in config.entries(name):
            yield f"route-map {name} {'permit' if entry.permit else 'deny'} {entry.sequence}"
            yield from (f" description {text}" for text in (entry.description,) if text)
            if entry.access_lists:
                yield f" match ip address {' '.join(entry.access_lists)}"
            if entry.interfaces:
                yield f" match interface {' '.join(entry.interfaces)}"
            if entry.tags:
                yield f" match tag {' '.join(map(str, entry.tags))}"
            if entry.metric is not None:
                yield f" set metric {entry.metric}"
            if entry.metric_type is not None:
                yield f" set metric-type {entry.metric_type}"
            if entry.tag is not None:
                yield f" set tag {entry.tag}"
            yield "!"
