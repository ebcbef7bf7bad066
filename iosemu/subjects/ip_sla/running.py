"""Operations and schedules in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.ip_sla.config import LIFE, IpSlaConfig


def sla_lines(device: Device, _render: Render) -> Iterator[str]:
    """Each operation, then its schedule."""
    config = device.config.of(IpSlaConfig)
    for number, each in sorted(config.operations.items()):
        yield f"ip sla {number}"
        if each.destination is not None:
            source = f" source-ip {each.source}" if each.source is not None else ""
            source = f" source-interface {each.source_interface}" if each.source_interface else source
            yield f" icmp-echo {each.destination}{source}"
            if each.size != 28:
                yield f" request-data-size {each.size}"
            if each.tag:
                yield f" tag {each.tag}"
            for word, value, usual in (
                ("threshold", each.threshold, 5000),
                ("timeout", each.timeout, 5000),
                ("frequency", each.frequency, 60),
            ):
                if value != usual:
                    yield f" {word} {value}"
        found = config.schedules.get(number)
        if found is not None:
            life = "" if found.life == LIFE else f" life {'forever' if found.life is None else found.life}"
            yield f"ip sla schedule {number}{life}{' start-time now' if found.now else ''}"
