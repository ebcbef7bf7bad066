"""What is configured in a lab that is put aside while nobody uses it, so that it comes back as it was left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iosemu.lab.configured import running
from iosemu.server import durable

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

STARTUP = "startup-config"


class Kept(NamedTuple):
    """One device: what was configured, what it would start with, and whether it was on."""

    running: str
    startup: str | None
    powered: bool


def kept(lab: Lab) -> dict[str, Kept]:
    """What the devices of a running lab hold; what they saved is kept by the lab's state already."""
    found = {}
    for name, device in lab.devices.items():
        startup = device.nvram.get(STARTUP)
        found[name] = Kept(
            "".join(f"{line}\n" for line in running(lab, device)),
            None if startup is None else startup.decode("utf-8", "replace"),
            device.powered,
        )
    return found


def write(path: Path, devices: Mapping[str, Kept]) -> None:
    """Keep it in a file. Raises OSError."""
    durable.make_directories(path.parent)
    data = {name: each._asdict() for name, each in devices.items()}
    durable.write_file(path, json.dumps(data).encode())


def read(path: Path) -> dict[str, Kept]:
    """What `write` kept; nothing where there is no such file, or it is damaged: the lab starts from what it saved."""
    try:
        data = json.loads(path.read_bytes())
        return {
            str(name): Kept(
                str(each["running"]),
                None if each["startup"] is None else str(each["startup"]),
                bool(each["powered"]),
            )
            for name, each in data.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
