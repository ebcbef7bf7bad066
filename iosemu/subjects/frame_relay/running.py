"""Frame Relay in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.frame_relay.config import FrameRelayConfig


def switching_lines(device: Device, _render: Render) -> Iterator[str]:
    """`frame-relay switching`."""
    if device.config.of(FrameRelayConfig).switching:
        yield "frame-relay switching"
