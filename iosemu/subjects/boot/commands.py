"""What is typed about the next start."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.boot.config import SERVED, BootConfig, BootFile

MOST_IMAGES = 32
"""Lines of `boot system`."""
NOWHERE = "{}: no valid file name or URL"


def _file(context: Context, leading: int) -> BootFile:
    """The words of the command behind its literal beginning."""
    file = BootFile(" ".join(context.words[leading:]))
    scheme = file.url.partition(":")[0]
    if file.url and scheme not in (*SERVED, "flash", "flash0", "nvram"):
        raise CommandError(f"%Error parsing {file.words} (No such device)")
    return file


def system(context: Context, file: str = "", name: str = "", server: IPv4Address | None = None) -> None:
    """`boot system FILE`: one more image to try; `no boot system` forgets all."""
    config = context.device.config.of(BootConfig)
    if context.off and len(context.words) == 2:
        config.system.clear()
        return
    each = _file(context, 2)
    if context.off:
        if each in config.system:
            config.system.remove(each)
        return
    if each in config.system:
        return
    if context.device.is_switch:  # the loader has one list, which is told whole
        config.system.clear()
    elif len(config.system) >= MOST_IMAGES:
        raise CommandError("% Too many boot system commands")
    config.system.append(each)


def host(context: Context, file: str = "", name: str = "", server: IPv4Address | None = None) -> None:
    """`boot host FILE`: a configuration for this box."""
    context.device.config.of(BootConfig).host = None if context.off else _file(context, 2)


def network(context: Context, file: str = "", name: str = "", server: IPv4Address | None = None) -> None:
    """`boot network FILE`: a configuration for all boxes."""
    context.device.config.of(BootConfig).network = None if context.off else _file(context, 2)


def config(context: Context, file: str = "", nvbypass: bool = False) -> None:
    """`boot config FILE`: where the startup configuration is read from and written to."""
    settings = context.device.config.of(BootConfig)
    if not context.off and file.partition(":")[0] not in ("flash", "flash0", "nvram"):
        raise CommandError(f"%Error parsing {file} (No such device)")
    settings.config_file = "" if context.off else file
    settings.bypass = nvbypass and not context.off
    context.device.config_file = settings.config_file


def buffer_size(context: Context, size: int | None = None) -> None:
    """`boot buffersize N`."""
    context.device.config.of(BootConfig).buffer_size = None if context.off else size


def service_config(context: Context) -> None:
    """`service config`: configurations are read from servers at the next start."""
    context.device.config.of(BootConfig).service_config = not context.off
