"""What `copy` was last answered."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service


class Copies(Service):
    """The last server and file, which the next questions offer."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.host = ""
        self.file = ""
