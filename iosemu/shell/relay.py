"""The way out of a box that the user has gone on to: Ctrl-Shift-6, then x."""

from __future__ import annotations

ESCAPE = 0x1E
_LEAVES = b"xX"
_FUNCTIONS = b"BCHOTU?"
HELP = (
    "[Special telnet escape help]",
    "^^B  sends telnet BREAK",
    "^^C  sends telnet IP",
    "^^H  sends telnet EC",
    "^^O  sends telnet AO",
    "^^T  sends telnet AYT",
    "^^U  sends telnet EL",
)
"""What `?` behind the escape character lists (Cisco's "Making and Managing Telnet Connections")."""


class Escape:
    """Looks for the escape sequence in what is typed; it may come in pieces."""

    def __init__(self, works: bool = True) -> None:
        self._works = works
        self._begun = False
        self._functions: list[tuple[int, str]] = []

    def functions(self) -> list[tuple[int, str]]:
        """The functions of Telnet that were asked for by their letters, and `?`, once.

        Before each: how many octets of what the last `take` gave for the far end were typed before it.
        """
        asked, self._functions = self._functions, []
        return asked

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
            if (letter := bytes((octet,)).upper()) in _FUNCTIONS:
                self._functions.append((len(out), letter.decode()))
                continue
            out.append(ESCAPE)
            if octet != ESCAPE:
                out.append(octet)
        return bytes(out), None
