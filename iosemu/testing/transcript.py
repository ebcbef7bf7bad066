"""The transcript format: a terminal session as a file that can be run. See docs/transcripts.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from iosemu.handling.regexp import RegexpError, regexp
from iosemu.testing.errors import TranscriptError
from iosemu.testing.patterns import Expected, PatternError, shielded, unshield

Holds = Callable[[str], bool]
"""Whether an output is what is waited for."""

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


@dataclass(frozen=True, slots=True)
class UseLab:
    """`@lab NAME_OR_FILE [time=real|fast|manual]`."""

    lab: str
    time: str = "fast"


@dataclass(frozen=True, slots=True)
class UseDevice:
    """`@device NAME [as USER/PASSWORD]`: a new session, or back to the one that is open."""

    device: str
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """`@close [NAME]`: hang up the session with a device (default: the current one)."""

    device: str | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """`@advance 1h`: let lab time pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SetLink:
    """`@link R-A:Fa0/0 down|up|mute|clear`: cut or mend the cable in that port, silence that end, make it perfect."""

    endpoint: str
    action: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """`@terminal 80x24`: size of the terminal of sessions opened from here on."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """`@wait until [DEVICE:] COMMAND contains|lacks|matches TEXT [within 60s]`."""

    command: str
    verb: str
    text: str
    device: str | None = None
    within: float = 60.0
    """Lab seconds."""

    def holds(self, output: str) -> bool:
        """Whether a command's output is what is waited for."""
        if self.verb == "matches":
            return regexp(self.text, lines=True).found_in(output)
        return (self.text in output) is (self.verb == "contains")


@dataclass(frozen=True, slots=True)
class Converge:
    """`@converge PC1 192.168.2.10 cut R1:Fa0/0 [loses at most 60] [within 60s]`: what cutting a cable costs."""

    source: str
    destination: str
    endpoint: str
    most: int | None = None
    """So many pings, one every 100 ms, may be lost; None: any number."""
    within: float = 120.0
    """Lab seconds."""


Directive = Converge | UseLab | UseDevice | Close | Advance | SetLink | Terminal | WaitUntil


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: a comment, a directive, or text of the session (typed or expected)."""

    number: int
    raw: str
    comment: bool = False
    directive: Directive | None = None
    expected: Expected | None = None

    @property
    def text(self) -> str:
        """The line without the `\\` that shields its start."""
        return unshield(self.raw)

    @property
    def shielded(self) -> bool:
        """The line is output, whatever it looks like."""
        return shielded(self.raw)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A parsed file."""

    path: Path
    lines: tuple[Line, ...]

    @property
    def lab(self) -> UseLab | None:
        """The lab that the file asks for first."""
        return next((line.directive for line in self.lines if isinstance(line.directive, UseLab)), None)

    @property
    def title(self) -> str:
        """The first comment, or the file's name."""
        return next(
            (line.raw.lstrip("# ") for line in self.lines if line.comment and line.raw[1:].strip()),
            self.path.stem,
        )


def load(path: Path) -> Transcript:
    """Read a transcript; raises TranscriptError with file and line when it cannot be understood."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TranscriptError(path, 1, f"cannot be read: {error}") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Transcript:
    """Parse a transcript's text; raises TranscriptError."""
    lines: list[Line] = []
    device_seen = False
    for number, raw in enumerate(_rows(text), 1):
        if raw == "#" or raw.startswith(("# ", "#!")):
            lines.append(Line(number, raw, comment=True))
            continue
        if raw.startswith("@"):
            parsed = directive(raw, path, number)
            device_seen = device_seen or isinstance(parsed, UseDevice)
            lines.append(Line(number, raw, directive=parsed))
            continue
        if raw.strip() and not device_seen:
            raise TranscriptError(
                path, number, f"{raw!r} comes before any '@device NAME': say which device it is typed on"
            )
        try:
            lines.append(Line(number, raw, expected=Expected(raw)))
        except PatternError as error:
            raise TranscriptError(path, number, str(error)) from error
    return Transcript(path, tuple(lines))


def _rows(text: str) -> list[str]:
    """The lines of a file; unlike `splitlines` it ends none at a form feed or the like, which is output."""
    rows = text.replace("\r\n", "\n").split("\n")
    return rows if rows[-1] else rows[:-1]


def duration(text: str) -> float:
    """Seconds of `90`, `1.5s`, `10m`, `1h`, `1d`, or several such as `1h30m`; raises ValueError."""
    parts = list(DURATION.finditer(text.replace(" ", "")))
    if not parts or "".join(part[0] for part in parts) != text.replace(" ", ""):
        raise ValueError(f"{text!r} is no duration: write 500ms, 30s, 10m, 1h, 1d or 1h30m")
    return sum(float(part[1]) * _UNITS[part[2] or "s"] for part in parts)


def directive(raw: str, path: Path, number: int) -> Directive:
    """Parse one `@…` line; raises TranscriptError."""
    word, _, rest = raw[1:].partition(" ")
    parser = _DIRECTIVES.get(word)
    if parser is None:
        known = ", ".join("@" + name for name in _DIRECTIVES)
        raise TranscriptError(
            path, number, f"@{word} is no directive: use one of {known}, or \\@ for output that starts with @"
        )
    try:
        return parser(rest.strip())
    except ValueError as error:
        raise TranscriptError(path, number, f"@{word}: {error}") from error


def _lab(rest: str) -> UseLab:
    words = rest.split()
    if not words:
        raise ValueError("name a lab or a lab file, such as '@lab ipsec-vpn'")
    time = "fast"
    for option in words[1:]:
        if not option.startswith("time=") or option[5:] not in ("real", "fast", "manual"):
            raise ValueError(
                f"{option!r} is not understood: only time=real, time=fast or time=manual may follow"
            )
        time = option[5:]
    return UseLab(words[0], time)


def _device(rest: str) -> UseDevice:
    found = re.fullmatch(r"(\S+)(?:\s+as\s+([^/\s]+)/(\S*))?", rest)
    if found is None:
        raise ValueError(f"{rest!r} is not understood: write '@device R-A' or '@device R-A as cisco/cisco'")
    return UseDevice(found[1], found[2], found[3])


def _close(rest: str) -> Close:
    if len(rest.split()) > 1:
        raise ValueError("at most one device name may follow")
    return Close(rest or None)


def _advance(rest: str) -> Advance:
    return Advance(duration(rest))


def _link(rest: str) -> SetLink:
    found = re.fullmatch(r"([^\s:]+:\S+)\s+(up|down|mute|clear)", rest)
    if found is None:
        raise ValueError(f"{rest!r} is not understood: write '@link R-A:Fa0/0 down' or '… up', mute, clear")
    return SetLink(found[1], found[2])


def _terminal(rest: str) -> Terminal:
    found = re.fullmatch(r"(\d+)x(\d+)", rest)
    if found is None:
        raise ValueError(f"{rest!r} is not understood: write columns x rows, such as '@terminal 80x24'")
    return Terminal(int(found[1]), int(found[2]))


def _wait(rest: str) -> WaitUntil:
    found = re.fullmatch(
        r"until\s+(?:([\w.-]+):\s+)?(.+?)\s+(contains|lacks|matches)\s+(.+?)(?:\s+within\s+(\S+))?", rest
    )
    if found is None:
        raise ValueError(
            f"{rest!r} is not understood: write 'until show crypto isakmp sa contains QM_IDLE within 60s'"
        )
    if found[3] == "matches":
        try:
            regexp(found[4], lines=True)
        except RegexpError as error:
            raise ValueError(f"{found[4]!r} is not a regular expression: {error}") from error
    within = duration(found[5]) if found[5] else 60.0
    return WaitUntil(found[2], found[3], found[4], found[1], within)


def _converge(rest: str) -> Converge:
    found = re.fullmatch(
        r"(\S+)\s+(\S+)\s+cut\s+([^\s:]+:\S+)(?:\s+loses\s+at\s+most\s+(\d+))?(?:\s+within\s+(\S+))?", rest
    )
    if found is None:
        raise ValueError(
            f"{rest!r} is not understood: write 'PC1 192.168.2.10 cut R1:Fa0/0 loses at most 60 within 60s'"
        )
    most = int(found[4]) if found[4] is not None else None
    return Converge(found[1], found[2], found[3], most, duration(found[5]) if found[5] else 120.0)


_DIRECTIVES: dict[str, Callable[[str], Directive]] = {
    "lab": _lab,
    "device": _device,
    "close": _close,
    "advance": _advance,
    "link": _link,
    "terminal": _terminal,
    "wait": _wait,
    "converge": _converge,
}
