"""The lines about the next start, in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.boot.config import BootConfig


def boot_lines(device: Device, _render: Render) -> Iterator[str]:
    """`boot …`."""
    config = device.config.of(BootConfig)
    if config.buffer_size is not None:
        yield f"boot buffersize {config.buffer_size}"
    yield from (f"boot system {each.words}" for each in config.system)
    for word, file in (("network", config.network), ("host", config.host)):
        if file is not None:
            yield f"boot {word} {file.words}"
    if config.config_file:
        word = "config-file" if device.is_switch else "config"
        yield f"boot {word} {config.config_file}{' nvbypass' if config.bypass else ''}"


def service_config_lines(device: Device, _render: Render) -> list[str]:
    """`service config`."""
    return ["service config"] if device.config.of(BootConfig).service_config else []
