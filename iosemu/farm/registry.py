"""Which farms run on this machine now, and where what they keep is."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from iosemu.lab.errors import LabError
from iosemu.lab.registry import state_directory

LOGS = "logs"
"""The folder of what a farm's processes log."""
NOTE = "running.json"
"""The file that tells where a farm is while it runs."""
ACCOUNTS = "accounts.json"
HOST_KEYS = "hostkeys"


def farm_directory(name: str) -> Path:
    """Where what a class keeps is."""
    return state_directory() / "farms" / name


def running_farms() -> dict[str, dict[str, Any]]:
    """The farms of this user that run now, by name: process, control socket, ports."""
    found: dict[str, dict[str, Any]] = {}
    for note in sorted((state_directory() / "farms").glob(f"*/{NOTE}")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(note.read_bytes())
            os.kill(int(data["pid"]), 0)
            found[note.parent.name] = data
    return found


def locate(name: str | None) -> dict[str, Any]:
    """The running farm of that name, or the only one. Raises LabError."""
    farms = running_farms()
    if name is not None:
        farms = {key: value for key, value in farms.items() if key == name}
    if not farms:
        raise LabError(
            f"{'no farm' if name is None else f'farm {name!r}'} is running; iosemu farm up CLASS starts one"
        )
    if len(farms) > 1:
        raise LabError(f"several farms are running: {', '.join(farms)}; choose with --class")
    return next(iter(farms.values()))
