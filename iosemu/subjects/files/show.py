"""`show flash:`: all files of the flash with their numbers, in one column of paths."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.filesystem import total_bytes


def show_flash(context: Context) -> Iterator[str]:
    """`show flash:`."""
    device = context.device
    yield "-#- --length-- -----date/time------ path"
    for number, (name, data) in enumerate(list(device.flash.items()), 1):
        when = local_time(device, device.flash.changed[name])
        stamp = f"{when:%b} {when.day} {when:%Y %H:%M:%S} +00:00"
        yield f"{number:<4}{len(data):>10} {stamp} {name}"
    yield ""
    used = device.flash.used
    yield f"{total_bytes(device, 'flash') - used} bytes available ({used} bytes used)"
