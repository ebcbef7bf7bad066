"""A lab is killed the moment it says `[OK]`: is what it acknowledged on the disk?"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from iosemu.lab.lab import Lab
from iosemu.lab.storage import DirectoryStorage
from iosemu.shell.session import Session

OFTEN = 1000
DEVICE = "R-A"

Act = Callable[[Lab, str], Iterator[bytes]]
"""Does something that is acknowledged, with a mark that tells one time from the other; yields what is printed."""


def typed(lab: Lab, *lines: str) -> Iterator[bytes]:
    """Type lines in a session of the device; yields its output."""
    session = lab.session(DEVICE)
    assert session is not None
    session.start()
    for line in lines:
        session.receive(line.encode() + b"\r")
        yield from _settle(lab, session)
    session.disconnect()


def _settle(lab: Lab, session: Session) -> Iterator[bytes]:
    yield session.output()
    while session.waiting:
        lab.advance(0.5)
        session.tick()
        yield session.output()


def save(lab: Lab, mark: str) -> Iterator[bytes]:
    """`write memory`."""
    yield from typed(lab, "configure terminal", f"hostname K{mark}", "end", "write memory")


def copy(lab: Lab, mark: str) -> Iterator[bytes]:
    """`copy`, to flash: acknowledged by the octets that were copied."""
    yield from typed(lab, f"copy running-config flash:K{mark}", "")


def keys(lab: Lab, mark: str) -> Iterator[bytes]:
    """`crypto key generate rsa`."""
    yield from typed(lab, "configure terminal", f"crypto key generate rsa label K{mark} modulus 512")


ACTS: tuple[tuple[Act, bytes, str], ...] = (
    (save, b"[OK]", "nvram"),
    (copy, b"bytes copied", "flash"),
    (keys, b"[OK]", "nvram"),
)
"""What is done, what acknowledges it, and the file system where the mark must be found after."""


def killed(lab: Lab, directory: Path, number: int) -> bool:
    """Kill a copy of a booted lab as soon as it has acknowledged; whether the mark is on the disk."""
    act, acknowledgement, kind = ACTS[number % len(ACTS)]
    mark = f"{number}x"
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        try:
            for output in act(lab, mark):
                os.write(theirs, output)
            signal.pause()
        finally:
            os._exit(1)
    os.close(theirs)
    seen = b""
    while acknowledgement not in seen:
        data = os.read(ours, 4096)
        if not data:
            raise RuntimeError(f"it ended before it acknowledged: {seen!r}")
        seen += data
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ours)
    kept = dict(DirectoryStorage(directory / "labs" / lab.name / DEVICE / kind).read())
    needle = f"K{mark}"
    return any(needle in path or needle.encode() in (data or b"") for path, data in kept.items())


def lost(count: int) -> int:
    """How many of `count` kills lost what had been acknowledged."""
    with tempfile.TemporaryDirectory() as name:
        lab = Lab.load("ipsec-vpn", seed=1, keep=True, state_root=Path(name))
        lab.boot()
        try:
            return sum(not killed(lab, Path(name), number) for number in range(count))
        finally:
            lab.close()


def kills(count: int | None = None) -> str:
    """Kill a lab again and again; tells how often something was lost."""
    often = OFTEN if count is None else count
    return f"{lost(often)} of {often} kills right after the acknowledgement lost something"
