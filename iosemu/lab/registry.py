"""Which labs run on this machine now, and where their consoles and devices are reached."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from iosemu.lab.errors import LabError
from iosemu.server import durable

LOOPBACK = "127.0.0.1"
BASE_PORT = 2200
"""TCP port of a lab's console; `port:` of a node is given for this base."""
PASSWORD = "admin"  # noqa: S105 - the same in every lab
"""Opens the console of a lab that another user or machine runs."""


def state_directory() -> Path:
    """`$IOSEMU_STATE`, or the user's state directory as the platform has it."""
    given = os.environ.get("IOSEMU_STATE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_state_dir("iosemu", appauthor=False))


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
    host: str = LOOPBACK
    """Where it listens."""


def announce(lab: Running) -> Path:
    """Tell other processes about a running lab; returns the file to remove at its end."""
    directory = state_directory() / "running"
    durable.make_directories(directory)
    path = directory / f"{lab.name}-{lab.pid}.json"
    durable.write_file(path, json.dumps(asdict(lab)).encode())
    return path


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def running() -> list[Running]:
    """The labs that run now, by name; notes of processes that are gone are removed."""
    found = []
    for path in sorted((state_directory() / "running").glob("*.json")):
        try:
            lab = Running(**json.loads(path.read_text()))
            alive = lab.pid > 0 and _lives(lab.pid)
        except (ValueError, TypeError, OverflowError):
            alive = False
        except OSError:  # not ours to read
            continue
        if alive:
            found.append(lab)
        else:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return found


def choose(name: str | None) -> Running:
    """The running lab of that name, or the only one.

    Raises LabError when there is none, or more than one to choose from.
    """
    labs = running()
    if name is not None:
        labs = [lab for lab in labs if lab.name == name]
    if not labs:
        which = f"lab {name!r}" if name else "no lab"
        raise LabError(f"{which} {'is not running' if name else 'is running'}; start one with: iosemu up LAB")
    if len(labs) > 1:
        raise LabError(f"several labs are running: {', '.join(lab.name for lab in labs)}; choose with --lab")
    return labs[0]


def find_device(device: str, lab: str | None) -> tuple[Running, int]:
    """The running lab that has a device, and the device's port; case does not matter.

    Raises LabError when no running lab has it.
    """
    candidates = [choose(lab)] if lab is not None else running()
    if not candidates:
        choose(None)
    for candidate in candidates:
        for name, port in candidate.devices.items():
            if name.lower() == device.lower():
                return candidate, port
    known = ", ".join(name for candidate in candidates for name in candidate.devices)
    raise LabError(f"there is no device {device!r}; running: {known}")


def locate(lab: str | None, host: str | None = None, port: int | None = None) -> Running:
    """A running lab of this user, or the one whose console answers at `host` and `port`.

    Raises LabError when none of this user's labs fits.
    """
    if host is None and port is None:
        return choose(lab)
    place = Running(lab or "", 0, port or BASE_PORT, PASSWORD)
    place.host = host or LOOPBACK
    return place
