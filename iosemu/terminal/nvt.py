"""Telnet as a codec: what a client sends to what it typed, and what is printed to what is sent.

RFC 854 (the network virtual terminal), RFC 855 (options), RFC 857 (echo), RFC 858 (suppress go ahead), RFC 1073 (window
size), RFC 1091 (terminal type). No socket and no clock. The Telnet libraries there are begin with a connection that
they own and with coroutines, and agree to options that a terminal server does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SE, NOP, DM, BRK, IP, AO, AYT, EC, EL, GA, SB, WILL, WONT, DO, DONT, IAC = range(240, 256)
BINARY, ECHO, SGA, TTYPE, NAWS = 0, 1, 3, 24, 31
VERBS = {WILL: "WILL", WONT: "WONT", DO: "DO", DONT: "DONT"}
OPTIONS = {
    BINARY: "BINARY", ECHO: "ECHO", SGA: "SUPPRESS-GA", 5: "STATUS", 6: "TIMING-MARK", TTYPE: "TTY-TYPE",
    NAWS: "WINDOW-SIZE", 32: "TTY-SPEED", 33: "REMOTE-FLOW-CONTROL", 34: "LINEMODE", 35: "X-DISPLAY",
    36: "ENVIRONMENT", 37: "AUTHENTICATION", 39: "NEW-ENVIRONMENT",
}  # fmt: skip
"""Options by their numbers, in the words of IOS."""

_LONGEST = 256
"""Octets of a subnegotiation; what is longer is no window size and no terminal's name."""
_KEYS = {BRK: b"\x1e", IP: b"\x03", EC: b"\x7f", EL: b"\x15"}
"""What a function of the virtual terminal is as a key: the break of IOS, Ctrl-C, Delete, Ctrl-U."""
FUNCTIONS = {"B": BRK, "C": IP, "H": EC, "O": AO, "T": AYT, "U": EL}
"""The functions of the virtual terminal by the letters that IOS has for them behind its escape character."""
_IS, _SEND = 0, 1


@dataclass(frozen=True, slots=True)
class Role:
    """What one end of a connection offers and asks for by itself, and what it agrees to."""

    offers: tuple[int, ...]
    wants: tuple[int, ...]
    ours: frozenset[int]
    theirs: frozenset[int]


SERVER = Role(
    (ECHO, SGA), (TTYPE, NAWS), frozenset({BINARY, ECHO, SGA}), frozenset({BINARY, SGA, TTYPE, NAWS})
)
"""An IOS box that somebody logs in to."""
CLIENT = Role((), (), frozenset({BINARY, SGA, TTYPE, NAWS}), frozenset({BINARY, ECHO, SGA}))
"""One from which somebody goes on to another: it waits for what it is asked (a port need not speak Telnet)."""


class Nvt:
    """One end of a Telnet connection."""

    def __init__(
        self,
        resized: Callable[[int, int], None] | None = None,
        *,
        role: Role = SERVER,
        terminal: str = "",
        size: tuple[int, int] = (80, 24),
    ) -> None:
        """`resized` is told the columns and rows of the other end's window when they change.

        `terminal` and `size` (columns, rows) are what a client tells of its own.
        """
        self.terminal = terminal
        """Type of the terminal, as the client names it."""
        self.noted: Callable[[bool, int, int], None] | None = None
        """Is told of each request: whether this end sent it, its verb and its option."""
        self._resized = resized
        self._role = role
        self._size = size
        self._ours: set[int] = set(role.offers)
        """Options that this end has, or has offered."""
        self._theirs: set[int] = set(role.wants)
        """Options that the other end has, or was asked for."""
        self._asked = {(WILL, each) for each in role.offers} | {(DO, each) for each in role.wants}
        """Requests of this end that are not answered."""
        self._out = bytearray(b"".join(bytes((IAC, verb, each)) for verb, each in self.opening))
        self._take: Callable[[int], None] = self._text
        self._typed = bytearray()
        self._sub = bytearray()
        self._verb = 0

    @property
    def opening(self) -> list[tuple[int, int]]:
        """What this end asks for by itself: verbs and options."""
        role = self._role
        return [*((WILL, each) for each in role.offers), *((DO, each) for each in role.wants)]

    def output(self) -> bytes:
        """What negotiation has to send since the last call."""
        out = bytes(self._out)
        self._out.clear()
        return out

    @staticmethod
    def escaped(data: bytes) -> bytes:
        """Printed bytes as they are sent."""
        return data.replace(b"\xff", b"\xff\xff")

    def receive(self, data: bytes) -> bytes:
        """What was typed or printed, of what the other end sent."""
        if IAC not in data and self._take == self._text:
            return data  # nearly always
        for octet in data:
            self._take(octet)
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    # what the next octet is

    def _text(self, octet: int) -> None:
        if octet == IAC:
            self._take = self._command
        else:
            self._typed.append(octet)

    def _command(self, octet: int) -> None:
        self._take = self._text
        if octet == IAC:
            self._typed.append(IAC)
        elif octet in (WILL, WONT, DO, DONT):
            self._verb = octet
            self._take = self._option
        elif octet == SB:
            self._sub.clear()
            self._take = self._subnegotiation
        elif octet == AYT:
            self._out += b"\r\n[Yes]\r\n"
        elif self._role is SERVER:
            self._typed += _KEYS.get(octet, b"")

    def _option(self, option: int) -> None:
        self._take = self._text
        if self.noted is not None:
            self.noted(False, self._verb, option)
        if self._verb in (DO, DONT):
            self._agree(option, self._verb == DO, self._ours, self._role.ours, (WILL, WONT))
            if option == NAWS and NAWS in self._ours and self._verb == DO:
                size = b"".join(min(each, 0xFFFF).to_bytes(2, "big") for each in self._size)
                self._out += bytes((IAC, SB, NAWS)) + self.escaped(size) + bytes((IAC, SE))
        else:
            self._agree(option, self._verb == WILL, self._theirs, self._role.theirs, (DO, DONT))
            if option == TTYPE and self._verb == WILL and TTYPE in self._theirs:
                self._out += bytes((IAC, SB, TTYPE, _SEND, IAC, SE))

    def _agree(
        self, option: int, wanted: bool, having: set[int], possible: frozenset[int], words: tuple[int, int]
    ) -> None:
        """Answer what the client wants of one side; what is so already is not answered (RFC 854: no loops)."""
        yes, no = words
        answer = (yes, option) in self._asked
        self._asked.discard((yes, option))
        if wanted and option in possible:
            if option not in having:
                having.add(option)
                self._answer(yes, option)
        elif wanted:
            self._answer(no, option)
        elif option in having:
            having.discard(option)
            if not answer:
                self._answer(no, option)

    def _answer(self, verb: int, option: int) -> None:
        self._out += bytes((IAC, verb, option))
        if self.noted is not None:
            self.noted(True, verb, option)

    def _subnegotiation(self, octet: int) -> None:
        if octet == IAC:
            self._take = self._in_subnegotiation
        elif len(self._sub) < _LONGEST:
            self._sub.append(octet)

    def _in_subnegotiation(self, octet: int) -> None:
        if octet == SE:
            self._take = self._text
            self._told(bytes(self._sub))
            return
        self._take = self._subnegotiation
        if octet == IAC and len(self._sub) < _LONGEST:
            self._sub.append(IAC)

    def _told(self, said: bytes) -> None:
        if len(said) == 5 and said[0] == NAWS and NAWS in self._theirs:
            columns, rows = int.from_bytes(said[1:3], "big"), int.from_bytes(said[3:5], "big")
            if columns and rows and self._resized is not None:
                self._resized(columns, rows)
        elif said == bytes((TTYPE, _SEND)) and TTYPE in self._ours:
            name = self.terminal.encode("ascii", "replace")
            self._out += bytes((IAC, SB, TTYPE, _IS)) + name + bytes((IAC, SE))
        elif said[:2] == bytes((TTYPE, _IS)) and TTYPE in self._theirs:
            self.terminal = said[2:].decode("ascii", "replace")
