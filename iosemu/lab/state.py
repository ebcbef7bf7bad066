"""What outlives a run: saved configurations, flash files, host keys, and which labs run now."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from iosemu.box.device import Device


def state_directory() -> Path:
    """`$IOSEMU_STATE`, or the user's state directory as the platform has it."""
    given = os.environ.get("IOSEMU_STATE")
    return Path(given) if given else Path(platformdirs.user_state_dir("iosemu", appauthor=False))


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
        """What a device holds now need not be written."""
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


@dataclass
class Running:
    """A lab that runs now."""

    name: str
    pid: int
    console: int
    """TCP port of its console."""
    key: str
    """Password that opens the console; readable for this user alone."""
    devices: dict[str, int] = field(default_factory=dict)
    """Name to TCP port."""
    models: dict[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    """Where it listens."""


def announce(lab: Running) -> Path:
    """Tell other processes about a running lab; returns the file to remove at its end."""
    directory = state_directory() / "running"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{lab.name}-{lab.pid}.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(lab), file)
    return path


def running() -> list[Running]:
    """The labs that run now, by name; notes of processes that are gone are removed."""
    found = []
    for path in sorted((state_directory() / "running").glob("*.json")):
        try:
            lab = Running(**json.loads(path.read_text()))
            os.kill(lab.pid, 0)
        except (ValueError, TypeError, ProcessLookupError):
            path.unlink(missing_ok=True)
            continue
        except PermissionError:
            pass
        found.append(lab)
    return found
