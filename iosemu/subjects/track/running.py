"""`track N …` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.track.config import Kind, TrackConfig, TrackedObject


def track_lines(device: Device, _render: Render) -> Iterator[str]:
    """The objects, each with what is under it."""
    config = device.config.of(TrackConfig)
    if config.timers or config.resolutions:
        yield "!"
    for kind, seconds in sorted(config.timers.items()):
        text = f"{seconds:g}" if seconds == int(seconds) else f"msec {seconds * 1000:g}"
        yield f"track timer {kind} {text}"
    for protocol, units in sorted(config.resolutions.items()):
        yield f"track resolution ip route {protocol} {units}"
    for number, each in sorted(config.objects.items()):
        yield "!"
        yield f"track {number} {each.words()}"
        yield from _lines(each)


def _lines(each: TrackedObject) -> Iterator[str]:
    for _, member in sorted(each.members.items()):
        tail = " not" if member.negated else f" weight {member.weight}" if member.weight is not None else ""
        yield f" object {member.number}{tail}"
    if each.default_up:
        yield " default-state up"
    if each.threshold_up is not None or each.threshold_down is not None:
        word = "metric" if each.kind is Kind.METRIC else each.kind.value.split()[-1]
        up = f" up {each.threshold_up}" if each.threshold_up is not None else ""
        down = f" down {each.threshold_down}" if each.threshold_down is not None else ""
        yield f" threshold {word}{up}{down}"
    if each.delay_up or each.delay_down:
        up = f" up {each.delay_up}" if each.delay_up else ""
        yield f" delay{up}" + (f" down {each.delay_down}" if each.delay_down else "")
