"""Configurations as files: show, write, copy, erase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iosemu.box import running_config
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Confirm, Steps, Wait
from iosemu.handling.filesystem import (
    RUNNING,
    STARTUP,
    locate,
    read,
    short,
    text_lines,
    write,
)
from iosemu.subjects.archive.commands import archive
from iosemu.subjects.archive.config import ArchiveConfig
from iosemu.subjects.files.commands.flash import quiet

COPY_SECONDS = 0.3
"""Time that opening and closing the files of a copy takes."""
COPIED_PER_SECOND = 500_000
"""Bytes that the flash of an access router writes in a second."""


def show_running_config(context: Context, interface: str = "") -> list[str]:
    """`show running-config [interface NAME]`."""
    if interface:
        return running_config.interface_listing(context.device, interface)
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


def copy(context: Context, source: str, destination: str) -> Steps:
    """`copy SOURCE DESTINATION`, with the question for the destination's name."""
    source, destination = short(source), short(destination)
    locate(context, source)
    asks = not quiet(context)
    if destination.endswith(":"):
        named = source.partition(":")[2] or source
        usual = named.rpartition("/")[2] or named
        destination += usual
    else:
        usual = destination.partition(":")[2].lstrip("/") or destination
    if asks:
        answer = yield Ask(f"Destination filename [{usual}]? ")
        if answer.strip():
            scheme = destination.partition(":")[0] if ":" in destination else ""
            destination = f"{scheme}:{answer.strip()}" if scheme else short(answer.strip())
    place = locate(context, destination)
    if place.files is not None and place.path == STARTUP and place.scheme == "nvram":
        yield from _to_startup(context, source)
        return
    started = context.device.now
    data = read(context, source)
    if place.scheme == "null":
        yield Wait(COPY_SECONDS)
    elif place.files is None:
        yield from merge(context, text_lines(data))
        yield Wait(COPY_SECONDS)
    else:
        if asks and place.path in place.files:
            yield "%Warning:There is a file already existing with this name "
            sure = yield Confirm("Do you want to over write? [confirm]")
            if not sure:
                return
        yield Wait(COPY_SECONDS + len(data) / COPIED_PER_SECOND)
        write(context, destination, data)
    seconds = context.device.now - started
    yield f"{len(data)} bytes copied in {seconds:.3f} secs ({int(len(data) / max(seconds, 0.001))} bytes/sec)"


def _to_startup(context: Context, source: str) -> Iterator[str]:
    if source == RUNNING:
        yield from write_memory(context)
        return
    write(context, STARTUP, read(context, source))
    yield "[OK]"
