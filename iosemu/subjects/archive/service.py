"""What the archive has under way: a change that is undone unless it is confirmed in time."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.handling.unattended import Unattended
from iosemu.subjects.archive.config import Rollback


class Archive(Service):
    """`configure … revert timer`, and archives that are made by themselves."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.rollback: Rollback | None = None
        """The last one that was ordered."""
        self.unattended = Unattended(device)

    def stop(self) -> None:
        """Power goes."""
        self.unattended.cancel()
