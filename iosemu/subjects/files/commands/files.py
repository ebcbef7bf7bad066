"""Configurations as files: show, write, copy, erase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iosemu.box import running_config
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Confirm, Steps
from iosemu.handling.filesystem import STARTUP, configuration_lines, running, text_lines, write
from iosemu.subjects.archive.commands import archive
from iosemu.subjects.archive.config import ArchiveConfig


def show_running_config(context: Context, interface: str = "") -> Steps:
    """`show running-config [interface NAME]`."""
    if interface:
        yield from running_config.interface_listing(context.device, context.session.render, interface)
    else:
        yield from running_config.listing((yield from running(context)))


def write_terminal(context: Context) -> Steps:
    """`write terminal`."""
    return show_running_config(context)


def show_startup_config(context: Context) -> Iterator[str]:
    """`show startup-config`."""
    data = context.device.startup
    if data is None:
        yield "startup-config is not present"
        return
    yield f"Using {len(data)} out of {context.device.nvram.capacity} bytes"
    yield from text_lines(data)
    yield ""


def write_memory(context: Context) -> Steps:
    """`write memory`."""
    yield "Building configuration..."
    yield from save(context)


def save(context: Context) -> Steps:
    """Make the running configuration the startup configuration, and archive it if that was asked for."""
    write(context, STARTUP, running_config.text((yield from running(context))))
    yield "[OK]"
    if context.device.config.of(ArchiveConfig).write_memory:
        yield from archive.make(context)


def configure_memory(context: Context) -> Steps:
    """`configure memory`: the startup configuration is typed over the running one."""
    data = context.device.startup
    if data is None:
        raise CommandError("startup-config is not present")
    yield from merge(context, configuration_lines(STARTUP, data))


def merge(context: Context, lines: Sequence[str]) -> Steps:
    """Type lines over the running configuration; what is refused is shown."""
    system = context.device.config.of(SystemConfig)
    for error in (yield from context.session.load(lines)):
        yield error.line
        yield from error.messages
    system.change(context.device.now, context.session.username)


def write_network(context: Context) -> Iterator[str]:
    """`write network`, which later releases only remember."""
    yield "This command has been replaced by the command:"
    yield "         'copy system:/running-config <url>'"


def configure_network(context: Context) -> Iterator[str]:
    """`configure network`, likewise."""
    yield "This command has been replaced by the command:"
    yield "         'copy <url> system:/running-config'"


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
