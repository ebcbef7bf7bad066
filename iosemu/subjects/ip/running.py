"""ICMP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.ip.config import IcmpConfig


def icmp_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip icmp rate-limit unreachable`, where it is not as on a fresh box."""
    config, usual = device.config.of(IcmpConfig), IcmpConfig()
    for word, limit, default in (
        ("", config.unreachable, usual.unreachable),
        (" df", config.fragmentation_needed, usual.fragmentation_needed),
    ):
        if limit != default:
            yield (
                f"no ip icmp rate-limit unreachable{word}"
                if limit is None
                else f"ip icmp rate-limit unreachable{word} {limit}"
            )
