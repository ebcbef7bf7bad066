"""A teacher at the command line sees a student's terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import Iterator

from iosemu.farm.wire import Address, Kind, Stream, begin

END = b"\x1d"
"""Ctrl-]"""


async def watch(address: Address, student: str, terminal: int, *, typing: bool) -> None:
    """Until the terminal ends, or Ctrl-]. Raises LabError and OSError."""
    request = {"do": "watch", "lab": student, "terminal": terminal, "typing": typing, "user": "teacher"}
    stream, _told = await begin(address, request)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.closing(stream), _raw():
        if sys.stdin.isatty():
            loop.add_reader(sys.stdin.fileno(), _typed, stream, ended)
        showing, ending = asyncio.create_task(_show(stream)), asyncio.create_task(ended.wait())
        try:
            await asyncio.wait((showing, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            showing.cancel()
            ending.cancel()
            if sys.stdin.isatty():
                loop.remove_reader(sys.stdin.fileno())


def _typed(stream: Stream, ended: asyncio.Event) -> None:
    data = os.read(sys.stdin.fileno(), 1024)
    if not data or END in data:
        ended.set()
    else:
        stream.put(Kind.DATA, data)


async def _show(stream: Stream) -> None:
    while (frame := await stream.frame()) is not None and frame[0] == Kind.DATA:
        sys.stdout.buffer.write(frame[1])
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Keys come as they are pressed, where there is a terminal."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
