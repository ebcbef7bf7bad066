"""What a lab keeps between its runs: saved configurations and the files on flash."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.lab.registry import state_directory

if TYPE_CHECKING:
    from iosemu.box.device import Device


class LabState:
    """The memory of one lab's devices: `<state>/labs/<lab>/<device>/{nvram,flash}/<file>`."""

    def __init__(self, lab: str, root: Path | None = None) -> None:
        self.directory = (root or state_directory()) / "labs" / lab
        self._written: dict[Path, dict[str, bytes]] = {}

    def restore(self, device: Device) -> None:
        """Give a device the files it had."""
        for kind, files in (("nvram", device.nvram), ("flash", device.flash)):
            directory = self.directory / device.name / kind
            if directory.is_dir():
                for file in sorted(directory.rglob("*")):
                    if file.is_file():
                        files[_decode(file.relative_to(directory).as_posix())] = file.read_bytes()

    def note(self, device: Device) -> None:
        """Take the files that a device holds now as written already."""
        for kind, files in (("nvram", device.nvram), ("flash", device.flash)):
            self._written[self.directory / device.name / kind] = dict(files)

    def keep(self, device: Device) -> None:
        """Write the files of a device that changed since the last call.

        Raises OSError when the state directory cannot be written.
        """
        for kind, files in (("nvram", device.nvram), ("flash", device.flash)):
            directory = self.directory / device.name / kind
            written = self._written.setdefault(directory, {})
            if written == files:
                continue
            for name in written.keys() - files.keys():
                (directory / _encode(name)).unlink(missing_ok=True)
            for name, content in files.items():
                if written.get(name) != content:
                    directory.mkdir(parents=True, exist_ok=True)
                    temporary = directory / f".{os.getpid()}.new"
                    temporary.write_bytes(content)
                    temporary.replace(directory / _encode(name))
            self._written[directory] = dict(files)

    def forget(self) -> bool:
        """Remove everything kept; tells whether there was anything."""
        if not self.directory.exists():
            return False
        shutil.rmtree(self.directory)
        return True


def _encode(name: str) -> str:
    """A file name from a name on flash: nothing in it can lead out of the directory."""
    return "".join(
        letter if letter.isalnum() or letter in "-_" or (letter == "." and place) else f"%{ord(letter):04x}"
        for place, letter in enumerate(name)
    )


def _decode(name: str) -> str:
    head, *rest = name.split("%")
    return head + "".join(chr(int(part[:4], 16)) + part[4:] for part in rest)
