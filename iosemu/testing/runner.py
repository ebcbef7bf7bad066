"""Runs a transcript on a bench and compares line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from iosemu.testing.channel import Bench, Channel, Ready
from iosemu.testing.errors import TranscriptError
from iosemu.testing.keys import Typed, typed
from iosemu.testing.patterns import (
    PROMPT,
    Expected,
    Names,
    Pair,
    align,
    escape,
    is_typed,
    match_lines,
    renew,
)
from iosemu.testing.recording import HIDDEN
from iosemu.testing.report import Failure, Report
from iosemu.testing.transcript import (
    Advance,
    Close,
    Converge,
    Directive,
    Line,
    SetLink,
    Terminal,
    Transcript,
    UseDevice,
    UseLab,
    WaitUntil,
)

DEFAULT_USER = ("admin", "admin")
DEFAULT_SIZE = (80, 1000)
"""Columns and rows: as wide as a console, so high that nothing is paged."""

QUESTION = re.compile(r"[?:\])] ?$|--More-- ?$")


@dataclass(slots=True)
class _Session:
    channel: Channel
    username: str
    mark: int = 0
    """The first row that has not been compared."""


@dataclass(slots=True)
class _Block:
    """Lines of the file from one typed line (or directive) to the next."""

    end: int
    expected: list[tuple[int, Expected]] = field(default_factory=list)
    """With their indexes."""
    closed: bool = False
    """A typed line follows."""
    stray: Line | None = None
    """A line that looks typed, but at another prompt than the device shows."""


class Runner:
    """One run of one transcript."""

    def __init__(
        self, transcript: Transcript, bench: Bench, *, lab: str | None = None, update: bool = False
    ) -> None:
        self._transcript = transcript
        self._lines = transcript.lines
        self._bench = bench
        self._lab = lab
        self._update = update
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._last_user: dict[str, str] = {}
        self._current: _Session | None = None
        self._device = ""
        self._size = DEFAULT_SIZE
        self._names: Names = {}
        self._typed = ""
        self._solicited = False
        self._report = Report(transcript.path)
        self._replaced: dict[int, list[str]] = {}

    async def run(self) -> Report:
        """Run to the end; raises TranscriptError when a line cannot be carried out."""
        if self._lab is not None:
            await self._use(
                UseLab(self._lab, self._transcript.lab.time if self._transcript.lab else "fast"), 1
            )
        index = 0
        try:
            while index < len(self._lines):
                line = self._lines[index]
                if line.directive is not None:
                    self._flush(index)
                    await self._perform(line.directive, line.number)
                    self._solicited = False
                    index += 1
                elif line.comment or (not line.raw.strip() and not self._solicited):
                    index += 1
                else:
                    following = await self._step(index, line)
                    if following is None:
                        break
                    index = following
            else:
                self._flush(len(self._lines))
        finally:
            for session in self._sessions.values():
                await session.channel.close()
        self._report.updated = self._rewritten()
        return self._report

    async def _step(self, index: int, line: Line) -> int | None:
        """Compare a block of output, then type the line that ends it; the next index, or None to stop."""
        session = self._current
        if session is None:
            raise TranscriptError(
                self._transcript.path, line.number, "no session is open: put '@device NAME' above"
            )
        block = self._block(index, session.channel.screen.cursor_line)
        if not self._solicited and block.expected:
            await self._unsolicited(session, block)
            block = self._block(index, session.channel.screen.cursor_line)
        self._compare(session, block, line)
        if block.stray is not None:
            shown = session.channel.screen.cursor_line
            self._fail(
                block.stray.number,
                f"this line is typed at another prompt than the device shows, {shown!r}: write it behind that "
                f"prompt, or above it what leads to the other one",
            )
            return None
        if not block.closed:
            self._solicited = False
            return block.end
        return await self._type(session, block.end)

    def _flush(self, index: int) -> None:
        """Nothing more is expected of the line typed last: then it must have printed nothing more."""
        if self._solicited and self._current is not None:
            self._compare(self._current, _Block(index), self._lines[index - 1])
            self._solicited = False

    def _block(self, index: int, cursor: str) -> _Block:
        block = _Block(index)
        for position in range(index, len(self._lines)):
            line = self._lines[position]
            block.end = position
            if line.directive is not None:
                return block
            if line.expected is None:
                continue
            if not line.shielded and is_typed(line.text, cursor):
                block.closed = True
                return block
            if not line.shielded and PROMPT.match(line.text) and block.stray is None:
                block.stray = line
            if block.stray is None:
                block.expected.append((position, line.expected))
        block.end = len(self._lines)
        return block

    def _compare(self, session: _Session, block: _Block, line: Line) -> None:
        screen = session.channel.screen
        rows = screen.rows[session.mark : -1]
        session.mark = len(screen.rows)
        if not self._solicited and not block.expected:
            return
        self._report.compared += 1
        expected = [item for _, item in block.expected]
        if not block.closed:
            while expected and not expected[-1].text.strip():
                expected.pop()
            while rows and not rows[-1].strip():
                rows.pop()
        bound = match_lines(expected, rows, self._names)
        if bound is not None:
            self._names = bound
            return
        pairs = align(expected, rows, self._names)
        good = tuple(
            item is not None
            and (item.any_lines or (row is not None and item.match(row, self._names) is not None))
            for item, row in pairs
        )
        first = next((i for i, (item, _) in enumerate(pairs) if item and not good[i]), None)
        number = line.number
        if first is not None:
            number = next(self._lines[i].number for i, item in block.expected if item is pairs[first][0])
        renewed = self._update and block.stray is None
        self._report.failures.append(
            Failure(
                self._transcript.path,
                number,
                "the device answered otherwise",
                self._typed,
                tuple(pairs),
                good,
                renewed,
            )
        )
        if renewed:
            self._replace(block, pairs, good, screen.cursor_line)

    def _replace(self, block: _Block, pairs: list[Pair], good: tuple[bool, ...], cursor: str) -> None:
        positions = {id(item): position for position, item in block.expected}
        for position in positions.values():
            self._replaced[position] = []
        at = block.expected[0][0] if block.expected else block.end
        if not block.expected:
            self._replaced.setdefault(at, [self._lines[at].raw] if at < len(self._lines) else [])
        before = 0
        for (item, row), fits in zip(pairs, good, strict=True):
            if item is not None:
                at = positions[id(item)]
            if item is not None and fits:
                if item.text not in self._replaced[at] or not item.any_lines:
                    self._replaced[at].append(item.text)
            elif row is not None:
                if block.expected:
                    self._replaced[at].append(
                        escape(row, cursor) if item is None else renew(item, row, self._names, cursor)
                    )
                else:
                    self._replaced[at].insert(before, escape(row, cursor))
                    before += 1

    def _rewritten(self) -> str | None:
        if not self._replaced:
            return None
        lines: list[str] = []
        for position, line in enumerate(self._lines):
            lines.extend(self._replaced.get(position, [line.raw]))
        lines.extend(self._replaced.get(len(self._lines), []))
        return "\n".join(lines) + "\n"

    async def _type(self, session: _Session, index: int) -> int | None:
        line = self._lines[index]
        screen = session.channel.screen
        cursor = screen.cursor_line
        text = line.text[len(cursor) :] if line.text.startswith(cursor) else ""
        if text == HIDDEN:
            raise TranscriptError(
                self._transcript.path, line.number, "the password was hidden by the recorder: write it here"
            )
        if not text and not self._presses_enter(index, cursor):
            self._solicited = False
            return index + 1
        try:
            keys = typed(text, self._names)
        except ValueError as error:
            raise TranscriptError(self._transcript.path, line.number, str(error)) from error
        row = len(screen.rows) - 1
        self._typed = line.raw
        self._solicited = True
        session.mark = row + 1
        await session.channel.send(keys.data)
        if not await session.channel.settle(lambda: self._ready(session, row, index + 1, keys)):
            tail = "\n".join("    " + shown for shown in screen.rows[row:][-20:])
            self._fail(
                line.number, f"the device did not come back to a prompt after this line; it shows\n{tail}"
            )
            return None
        self._check_echo(line, keys, cursor, screen.rows[row])
        return index + 1

    def _check_echo(self, line: Line, keys: Typed, cursor: str, row: str) -> None:
        if not keys.ends_line or not PROMPT.fullmatch(cursor) or keys.data != keys.text.encode() + b"\r":
            return
        if row.rstrip() != (cursor + keys.text).rstrip() and "$" not in row:
            self._fail(line.number, f"the device echoed {row!r}")

    def _presses_enter(self, index: int, cursor: str) -> bool:
        """Whether a line with a prompt and nothing more means Enter: something came of it."""
        if not PROMPT.fullmatch(cursor):
            return True
        following = self._lines[index + 1] if index + 1 < len(self._lines) else None
        return following is not None and following.expected is not None and bool(following.raw.strip())

    def _ready(self, session: _Session, row: int, following: int, keys: Typed) -> Ready:
        screen = session.channel.screen
        cursor = screen.cursor_line
        if len(screen.rows) - 1 <= row:
            return Ready.NO if keys.ends_line else Ready.PERHAPS
        if not cursor:
            return Ready.NO
        expected = self._block(following, cursor).closed
        if PROMPT.fullmatch(cursor):
            return Ready.YES if expected else Ready.PERHAPS
        return Ready.PERHAPS if expected or QUESTION.search(cursor) or PROMPT.match(cursor) else Ready.NO

    async def _unsolicited(self, session: _Session, block: _Block) -> None:
        """Wait for what a directive (or logging in) makes the device print by itself."""
        expected = [item for _, item in block.expected]
        while expected and not expected[-1].text.strip():
            expected.pop()

        def ready() -> Ready:
            rows = session.channel.screen.rows[session.mark : -1]
            while not block.closed and rows and not rows[-1].strip():
                rows = rows[:-1]
            return Ready.PERHAPS if match_lines(expected, rows, self._names) is None else Ready.YES

        await session.channel.settle(ready)

    def _fail(self, number: int, message: str) -> None:
        self._report.failures.append(Failure(self._transcript.path, number, message))

    async def _perform(self, directive: Directive, number: int) -> None:
        if self._current is not None:
            self._current.mark = len(self._current.channel.screen.rows)
        try:
            match directive:
                case UseLab():
                    if self._lab is None:
                        await self._use(directive, number)
                case UseDevice():
                    await self._device_session(directive)
                case Close(device):
                    await self._hang_up(device or self._device)
                case Terminal(columns, rows):
                    self._size = (columns, rows)
                case Advance(seconds):
                    await self._bench.advance(seconds)
                case SetLink(endpoint, action):
                    await self._bench.set_link(endpoint, action)
                case WaitUntil():
                    await self._wait(directive, number)
                case Converge():
                    problem = await converge(self._bench, directive)
                    if problem:
                        self._fail(number, problem)
        except (ValueError, OSError) as error:
            raise TranscriptError(self._transcript.path, number, str(error)) from error
        if self._current is not None:
            await self._current.channel.drain()

    async def _use(self, lab: UseLab, number: int) -> None:
        for session in self._sessions.values():
            await session.channel.close()
        self._sessions.clear()
        self._current = None
        try:
            await self._bench.use(lab)
        except (ValueError, OSError) as error:
            raise TranscriptError(self._transcript.path, number, str(error)) from error

    async def _device_session(self, directive: UseDevice) -> None:
        device = directive.device
        username = directive.username or self._last_user.get(device, DEFAULT_USER[0])
        self._device = device
        self._last_user[device] = username
        session = self._sessions.get((device, username))
        if session is None or session.channel.closed:
            password = directive.password if directive.password is not None else DEFAULT_USER[1]
            channel = await self._bench.open(device, username, password, self._size)
            session = self._sessions[device, username] = _Session(channel, username)
            if not await channel.settle(lambda: self._greeted(channel)):
                raise ValueError(f"{device} showed no prompt after login, only {channel.screen.rows!r}")
        self._current = session

    def _greeted(self, channel: Channel) -> Ready:
        return Ready.YES if PROMPT.fullmatch(channel.screen.cursor_line) else Ready.NO

    async def _hang_up(self, device: str) -> None:
        for (name, username), session in list(self._sessions.items()):
            if name == device:
                await session.channel.close()
                del self._sessions[name, username]
                if session is self._current:
                    self._current = None

    async def _wait(self, directive: WaitUntil, number: int) -> None:
        device = directive.device or self._device
        if not device:
            raise ValueError("no device is named and no '@device' stands above")
        try:
            await self._bench.wait_until(device, directive.command, directive.holds, directive.within)
        except TimeoutError as error:
            self._fail(
                number,
                f"within {directive.within:g} s of lab time {directive.command!r} on {device} never "
                f"{directive.verb} {directive.text!r}; at last it printed\n{error}",
            )


async def converge(bench: Bench, directive: Converge) -> str:
    """Carry a `@converge` out; returns what is wrong, if anything, with the report."""
    lost, report = await bench.converge(directive)
    if lost is None:
        return f"within {directive.within:g} s of lab time no other way was found\n{report}"
    if directive.most is not None and lost > directive.most:
        return f"{lost} pings were lost, {directive.most} may be\n{report}"
    return ""
