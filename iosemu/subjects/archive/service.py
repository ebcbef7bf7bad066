"""What the archive has under way: a change that is undone unless it is confirmed in time."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.handling.context import Context
from iosemu.handling.effects import Effect, Steps
from iosemu.handling.unattended import Unattended
from iosemu.subjects.archive.config import Rollback


class Remote(Protocol):
    """Files on servers, as whoever copies them has it."""

    def get(self, context: Context, url: str) -> Generator[str | Effect, Any, bytes]:
        """Read one; raises CommandError when that fails."""
        ...

    def put(self, context: Context, url: str, data: bytes) -> Steps:
        """Write one; raises CommandError when that fails."""
        ...


class Archive(Service):
    """`configure … revert timer`, and archives that are made by themselves."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.rollback: Rollback | None = None
        """The last one that was ordered."""
        self.remote: Remote | None = None
        """None: no files on servers."""
        self.unattended = Unattended(device)

    def stop(self) -> None:
        """Power goes."""
        self.unattended.cancel()
