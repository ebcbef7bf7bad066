"""`crypto logging session`: whether tunnels that come up and go down are announced."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.handling.context import Context, Render
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig


def session(context: Context) -> None:
    """`[no] crypto logging session`."""
    router = context.device
    router.config.of(IsakmpConfig).log_sessions = not context.off


def running_config(device: Device, _render: Render) -> list[str]:
    """The line, if it was typed."""
    return ["crypto logging session"] if device.config.of(IsakmpConfig).log_sessions else []
