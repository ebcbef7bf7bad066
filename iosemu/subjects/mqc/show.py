"""`show class-map`, and what other kinds of maps have of it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.subjects.mqc.config import CLASS_DEFAULT, PLAIN, ClassMap, MqcConfig
from iosemu.subjects.mqc.criteria import Anything
from iosemu.subjects.mqc.running import type_words


def show_class_map(context: Context, name: str = "", kind: str = PLAIN) -> Iterator[str]:
    """`show class-map [type KIND] [NAME]`."""
    for each in _class_maps(context.device, kind):
        if name in ("", each.name):
            yield f" Class Map {type_words(kind)}{each.how} {each.name} (id {each.number})"
            if each.description:
                yield f"  Description: {each.description}"
            if not each.criteria:
                yield "   Match none "
            for criterion in each.criteria:
                text = criterion.text
                yield f"   Match {' ' if text.startswith(' ') else ''}{text}"
            yield ""


def _class_maps(device: Device, kind: str) -> Iterator[ClassMap]:
    if kind == PLAIN:
        yield ClassMap(CLASS_DEFAULT, match_any=True, criteria=[Anything()])
    yield from (each for each in device.config.of(MqcConfig).class_maps.values() if each.kind == kind)
