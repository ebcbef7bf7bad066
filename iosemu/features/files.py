"""Configurations and files: show, write, copy, erase, dir, more, delete, reload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iosemu.features import running_config
from iosemu.features.context import Context
from iosemu.features.effects import Ask, CommandError, Confirm, Steps

NVRAM_BYTES = {"router": 245752, "switch": 32768}
FLASH_BYTES = 64016384
STARTUP = "startup-config"


def _nvram_size(device: Any) -> int:
    return int(device.model.facts.get("nvram_bytes", NVRAM_BYTES.get(device.kind, 65536)))


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
    yield f"Using {len(data)} out of {_nvram_size(context.device)} bytes"
    yield from data.decode("utf-8", "replace").splitlines()
    yield ""


def write_memory(context: Context) -> list[str]:
    """`write memory`."""
    _save(context)
    return ["Building configuration...", "[OK]"]


def _save(context: Context) -> None:
    context.device.nvram[STARTUP] = running_config.text_of(context.device, context.session.render)
    context.device.config.system.changed_at = None


def configure_memory(context: Context) -> Iterator[str]:
    """`configure memory`: the startup configuration is typed over the running one."""
    data = context.device.nvram.get(STARTUP)
    if data is None:
        raise CommandError("startup-config is not present")
    yield from _type(context, data)


def _type(context: Context, data: bytes) -> Iterator[str]:
    for error in context.session.load(data.decode("utf-8", "replace").splitlines()):
        yield error.line
        yield from error.messages


def erase(context: Context) -> Steps:
    """`erase startup-config`."""
    sure = yield Confirm(
        "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"
    )
    if sure:
        context.device.nvram.pop(STARTUP, None)
        yield "[OK]"
        yield "Erase of nvram: complete"
        context.device.log("SYS", 7, "NV_BLOCK_INIT", "Initialized the geometry of nvram")


def _open(context: Context, url: str) -> tuple[dict[str, bytes], str]:
    """The file system and the file name that a URL names; CommandError for one that is not here."""
    scheme, colon, path = url.partition(":")
    if not colon:
        scheme, path = "flash", url
    files = {"flash": context.device.flash, "nvram": context.device.nvram}.get(scheme.lower())
    if files is None:
        raise CommandError(f"%Error opening {url} (No such device)")
    return files, path.lstrip("/")


def _short(word: str) -> str:
    for name in ("running-config", STARTUP):
        if len(word) >= 1 and name.startswith(word.lower()):
            return name
    return word


def copy(context: Context, source: str, destination: str) -> Steps:
    """`copy SOURCE DESTINATION`, with the question for the destination's name."""
    source, destination = _short(source), _short(destination)
    usual = destination.partition(":")[2].lstrip("/") or destination.rstrip(":")
    if destination.endswith(":"):
        usual = source.rpartition(":")[2] if ":" in source else source
    answer = yield Ask(f"Destination filename [{usual}]? ")
    name = answer.strip() or usual
    if source == "running-config":
        data = running_config.text_of(context.device, context.session.render)
        yield "Building configuration..."
    elif source == STARTUP:
        data = context.device.nvram.get(STARTUP, b"")
        if not data:
            raise CommandError("%% Non-volatile configuration memory is not present")
    else:
        files, path = _open(context, source)
        if path not in files:
            raise CommandError(f"%Error opening {source} (No such file or directory)")
        data = files[path]
    if destination == "running-config":
        yield from _type(context, data)
        yield f"{len(data)} bytes copied in 0.100 secs ({len(data) * 10} bytes/sec)"
    elif destination == STARTUP:
        context.device.nvram[STARTUP] = data
        context.device.config.system.changed_at = None
        yield "[OK]"
    else:
        scheme = destination.partition(":")[0] if ":" in destination else "flash"
        files, path = _open(context, f"{scheme}:{name}")
        files[path] = data
        yield f"{len(data)} bytes copied in 0.100 secs ({len(data) * 10} bytes/sec)"


def directory(context: Context, url: str = "flash:") -> Iterator[str]:
    """`dir [flash: | nvram:]`."""
    scheme = url.partition(":")[0].rstrip("/") or "flash"
    files, _ = _open(context, f"{scheme}:")
    size = FLASH_BYTES if scheme == "flash" else _nvram_size(context.device)
    yield f"Directory of {scheme}:/"
    yield ""
    if not files:
        yield "No files in directory"
    for number, (name, data) in enumerate(files.items(), 1):
        yield f"{number:>5}  -rw-  {len(data):>10}                    <no date>  {name}"
    yield ""
    yield f"{size} bytes total ({max(size - sum(map(len, files.values())), 0)} bytes free)"


def more(context: Context, url: str) -> Iterator[str]:
    """`more URL`."""
    files, path = _open(context, url)
    if path not in files:
        raise CommandError(f"%Error opening {url} (No such file or directory)")
    yield from files[path].decode("utf-8", "replace").splitlines()


def delete(context: Context, url: str) -> Steps:
    """`delete URL`, which asks twice."""
    files, path = _open(context, url)
    answer = yield Ask(f"Delete filename [{path}]? ")
    path = answer.strip() or path
    sure = yield Confirm(f"Delete {url.partition(':')[0] if ':' in url else 'flash'}:{path}? [confirm]")
    if sure and files.pop(path, None) is None:
        raise CommandError(f"%Error deleting {url} (No such file or directory)")


def delete_force(context: Context, url: str) -> None:
    """`delete /force URL`."""
    files, path = _open(context, url)
    if files.pop(path, None) is None:
        raise CommandError(f"%Error deleting {url} (No such file or directory)")


def reload(context: Context) -> Steps:
    """`reload`: the save question, then the restart, which the lab carries out."""
    device = context.device
    if device.config.system.changed_at is not None:
        while True:
            answer = yield Ask("System configuration has been modified. Save? [yes/no]: ")
            word = answer.strip().lower()
            if word and ("yes".startswith(word) or "no".startswith(word)):
                break
            yield "% Please answer 'yes' or 'no'."
        if "yes".startswith(word):
            yield "Building configuration..."
            _save(context)
            yield "[OK]"
    sure = yield Confirm("Proceed with reload? [confirm]")
    if sure:
        by = context.session.username or "console"
        text = f"Reload requested by {by}. Reload Reason: Reload Command."
        device.log("SYS", 5, "RELOAD", text)
        device.reload_requested = True
