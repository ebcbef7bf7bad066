"""`show boot` and `show bootvar`: what the next start reads."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.boot.config import BootConfig


def show_bootvar(context: Context) -> Iterator[str]:
    """`show bootvar`: what the configuration's `boot` lines make of the loader's variables."""
    device = context.device
    images = [each.url for each in device.config.of(BootConfig).system if each.url]
    if images:
        yield f"BOOT variable = {';'.join(f'{image},1' for image in images)};"
    else:
        yield "BOOT variable does not exist"
    file = device.config_file
    yield f"CONFIG_FILE variable = {file}" if file else "CONFIG_FILE variable does not exist"
    yield "BOOTLDR variable does not exist"
    yield f"Configuration register is {device.register_text}"


def show_boot(context: Context) -> Iterator[str]:
    """`show boot` of a switch."""
    device, facts = context.device, context.device.model.facts
    config = device.config.of(BootConfig)
    images = [each.url for each in config.system]
    yield f"BOOT path-list      : {images[-1] if images else facts['image_file']}"
    yield f"Config file         : {device.config_file or 'flash:/config.text'}"
    yield "Private Config file : flash:/private-config.text"
    yield "Enable Break        : no"
    yield "Manual Boot         : no"
    yield "HELPER path-list    : "
    yield "Auto upgrade        : yes"
    yield "Auto upgrade path   : "
    yield "NVRAM/Config file"
    yield f"      buffer size:   {config.buffer_size or int(facts['nvram_kilobytes']) * 1024}"
