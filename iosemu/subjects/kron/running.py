"""The command scheduler in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.kron.config import KronConfig


def kron_lines(device: Device, _render: Render) -> Iterator[str]:
    """`kron …`."""
    config = device.config.of(KronConfig)
    for each in config.occurrences.values():
        user = f" user {each.user}" if each.user else ""
        yield f"kron occurrence {each.name}{user} {each.moment.text} {each.mode}"
        yield from (f" policy-list {name}" for name in each.policies)
        yield "!"
    for policy in config.policies.values():
        yield f"kron policy-list {policy.name}"
        yield from (f" cli {command}" for command in policy.commands)
        yield "!"
