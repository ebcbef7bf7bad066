"""A capture stream cut into files of limited size, of which only the newest may be kept."""

from __future__ import annotations

import re
import struct
from collections import deque
from pathlib import Path
from typing import BinaryIO

_SECTION, _INTERFACE = 0x0A0D0D0A, 1
_SIZES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def size(text: str) -> int:
    """Octets from `500k`, `10M` or a plain number; raises ValueError for anything else."""
    found = re.fullmatch(r"(\d+)([kmg]?)b?", text.strip().lower())
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is not a size; write for example 500k or 10M")
    return int(found[1]) * _SIZES[found[2]]


class RotatingWriter:
    """Takes a pcapng stream in pieces and cuts it into files, each of which is whole.

    `lab.pcapng` becomes `lab-00001.pcapng`, `lab-00002.pcapng` … of about `limit` octets; with `ring` only the
    newest that many are kept.
    """

    def __init__(self, path: Path, limit: int, ring: int | None = None) -> None:
        self.path = path
        self.limit = limit
        self.ring = ring
        self.files: deque[Path] = deque()
        """The files that are there, oldest first."""
        self._pending = b""
        self._head = b""
        """The section and interfaces, which every file begins with."""
        self._stream: BinaryIO | None = None
        self._number = 0
        self._full = 0
        self._content = False

    def write(self, data: bytes) -> None:
        """Take a piece of the stream; raises OSError when it cannot be written."""
        self._pending += data
        while len(self._pending) >= 12:
            kind, length = struct.unpack_from("<II", self._pending)
            if len(self._pending) < length:
                return
            block, self._pending = self._pending[:length], self._pending[length:]
            self._put(kind, block)

    def _put(self, kind: int, block: bytes) -> None:
        stream = self._stream
        if stream is None or (self._content and self._full + len(block) > self.limit):
            stream = self._next()
        if kind in (_SECTION, _INTERFACE):
            self._head += block
        else:
            self._content = True
        stream.write(block)
        self._full += len(block)

    def _next(self) -> BinaryIO:
        self.close()
        self._number += 1
        path = self.path.with_name(f"{self.path.stem}-{self._number:05}{self.path.suffix}")
        self._stream = stream = path.open("wb")
        stream.write(self._head)
        self._full, self._content = len(self._head), False
        self.files.append(path)
        while self.ring is not None and len(self.files) > self.ring:
            self.files.popleft().unlink(missing_ok=True)
        return stream

    def flush(self) -> None:
        """Write to disk what was taken so far."""
        if self._stream is not None:
            self._stream.flush()

    def close(self) -> None:
        """End the file that is being written."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
