"""TFTP on a server."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.tftp import TftpListener
from iosemu.subjects.server.config import ServerConfig

LARGEST = 64 << 20
"""Octets of a file that is written to a server."""


class TftpService(Service):
    """UDP port 69."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._listener: TftpListener | None = None

    def changed(self) -> None:
        """The services were chosen."""
        config = self.device.config.of(ServerConfig)
        if self._listener is not None:
            self._listener.stop()
            self._listener = None
        if config.tftp and config.files is not None:
            self._listener = TftpListener(self.device, config.files, LARGEST)
