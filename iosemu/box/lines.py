"""Who is on which terminal line of a device."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.signal import Signal


@dataclass
class Line:
    """One terminal line and the session on it."""

    kind: str
    number: int
    tty: int
    """The absolute number that `show line` gives."""
    busy: bool = False
    username: str = ""
    origin: str = ""
    """The client's address, empty at the console."""
    since: float = 0.0
    """Lab seconds."""
    last_input: float = 0.0
    uses: int = 0
    cipher: str = "aes128-ctr"
    mac: str = "hmac-sha1"
    """Of the SSH connection."""
    protocol: str = "ssh"
    """How the user came, `ssh` or `telnet`."""
    hosts: tuple[str, ...] = ()
    """Where he has gone on to."""
    cleared: bool = False
    """`clear line`: the session must hang up."""

    terminal: str = ""
    """Type of the client's terminal, as it says itself."""
    mail: list[list[str]] = field(default_factory=list)
    """What `send` has for this terminal."""
    attention: Signal = field(default_factory=Signal, repr=False, compare=False)
    """Its session is to look at the line: it was cleared, has mail, or is configured otherwise."""

    @property
    def name(self) -> str:
        """`con0`, `vty3` …"""
        return f"{self.kind}{self.number}"

    def take(self, username: str, origin: str, now: float) -> None:
        """A session begins at lab time `now`."""
        self.busy, self.cleared = True, False
        self.mail.clear()
        self.terminal, self.hosts = "", ()
        self.username, self.origin = username, origin
        self.since = self.last_input = now
        self.uses += 1

    def clear(self) -> None:
        """`clear line`: whoever is on it must hang up."""
        self.cleared = self.busy
        self.attention.emit()

    def deliver(self, rows: list[str]) -> None:
        """`send`: print rows on this terminal."""
        self.mail.append(rows)
        self.attention.emit()

    def free(self) -> None:
        """The session is over; freeing twice does no harm."""
        self.busy = False


@dataclass
class Lines:
    """The lines of a device."""

    console: Line = field(default_factory=lambda: Line("con", 0, 0))
    aux: Line = field(default_factory=lambda: Line("aux", 0, 1))
    vty: dict[int, Line] = field(default_factory=dict)

    def all(self) -> list[Line]:
        """Every line, in the order of their numbers."""
        return [self.console, self.aux, *(self.vty[number] for number in sorted(self.vty))]
