"""What `copy` was last answered, and files for others by TFTP."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.tftp import TftpListener
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.files.config import FilesConfig, ServedFile


class Copies(Service):
    """The last server and file, which the next questions offer."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.host = ""
        self.file = ""


class TftpFiles(Service):
    """`tftp-server`: UDP port 69 while there is a file to give; nothing can be written."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._listener: TftpListener | None = None

    def changed(self) -> None:
        """Files were named."""
        wanted = bool(self.device.config.of(FilesConfig).served)
        if wanted and self._listener is None:
            self._listener = TftpListener(self.device, self, limit=0)
        elif not wanted and self._listener is not None:
            self._listener.stop()
            self._listener = None

    def admits(self, name: str, client: IPv4Address) -> bool:
        """Whether a client may have a file."""
        found, lists = self._found(name), self.device.find(AccessLists)
        if found is None or not found.access_list or lists is None:
            return True
        return lists.permits_address(found.access_list, client)

    def _found(self, name: str) -> ServedFile | None:
        for each in self.device.config.of(FilesConfig).served:
            path = each.url.partition(":")[2].lstrip("/") or each.url
            if name in (each.alias, path, each.url):
                return each
        return None

    def read(self, name: str) -> bytes | None:
        """One of the files that were named."""
        found = self._found(name)
        if found is None:
            return None
        scheme, _, path = found.url.rpartition(":")
        files = self.device.nvram if scheme == "nvram" else self.device.flash
        return files.get(path.lstrip("/"))

    def writable(self, name: str) -> bool:
        """No."""
        return False

    def write(self, name: str, data: bytes) -> str:
        """Never."""
        return "Access violation"
