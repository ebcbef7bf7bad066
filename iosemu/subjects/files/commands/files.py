"""Configurations as files: show, write, copy, erase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iosemu.box import running_config
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Confirm, Steps
from iosemu.handling.filesystem import STARTUP, text_lines, write
from iosemu.subjects.archive.commands import archive
from iosemu.subjects.archive.config import ArchiveConfig


def show_running_config(context: Context, interface: str = "") -> list[str]:
    """`show running-config [interface NAME]`."""
    if interface:
        return running_config.interface_listing(context.device, context.session.render, interface)
    return running_config.listing(context.device, context.session.render)


def write_terminal(context: Context) -> list[str]:
    """`write terminal`."""
    return show_running_config(context)


def show_startup_config(context: Context) -> Iterator[str]:
    """`show startup-config`."""
    data = context.device.nvram.get(STARTUP)
    if data is None:
        yield "startup-config is not present"
        return
    yield f"Using {len(data)} out of {context.device.nvram.capacity} bytes"
    yield from text_lines(data)
    yield ""


def write_memory(context: Context) -> Iterator[str]:
    """`write memory`."""
    yield "Building configuration..."
    yield from save(context)


def save(context: Context) -> Iterator[str]:
    """Make the running configuration the startup configuration, and archive it if that was asked for."""
    write(context, STARTUP, running_config.text_of(context.device, context.session.render))
    yield "[OK]"
    if context.device.config.of(ArchiveConfig).write_memory:
        archive.make(context)


def configure_memory(context: Context) -> Iterator[str]:
    """`configure memory`: the startup configuration is typed over the running one."""
    data = context.device.nvram.get(STARTUP)
    if data is None:
        raise CommandError("startup-config is not present")
    yield from merge(context, text_lines(data))


def merge(context: Context, lines: Sequence[str]) -> Iterator[str]:
    """Type lines over the running configuration; what is refused is shown."""
    system = context.device.config.of(SystemConfig)
    for error in context.session.load(lines):
        yield error.line
        yield from error.messages
    system.change(context.device.now, context.session.username)


def erase(context: Context) -> Steps:
    """`erase startup-config`."""
    sure = yield Confirm(
        "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    )
    if sure:
        for name in list(context.device.nvram):
            del context.device.nvram[name]
        yield "[OK]"
        yield "Erase of nvram: complete"
        context.device.log("SYS", 7, "NV_BLOCK_INIT", "Initialized the geometry of nvram")
