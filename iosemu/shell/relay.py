"""The way out of a box that the user has gone on to: Ctrl-Shift-6, then x."""

from __future__ import annotations

ESCAPE = 0x1E
_LEAVES = b"xX"


class Escape:
    """Looks for the escape sequence in what is typed; it may come in pieces."""

    def __init__(self, works: bool = True) -> None:
        self._works = works
        self._begun = False

    def take(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What goes to the far end, and what was typed after the escape (None: there was none).

        Typed twice, the escape character is meant for the far end.
        """
        if not self._works:
            return data, None
        out = bytearray()
        for at, octet in enumerate(data):
            if not self._begun:
                if octet == ESCAPE:
                    self._begun = True
                else:
                    out.append(octet)
                continue
            self._begun = False
            if octet in _LEAVES:
                return bytes(out), data[at + 1 :]
            out.append(ESCAPE)
            if octet != ESCAPE:
                out.append(octet)
        return bytes(out), None
