"""One user's session with a device, sans-IO: bytes in, bytes out, lab time told by `tick`."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from iosemu.device.device import Device
from iosemu.device.lines import Line
from iosemu.features.effects import Ask, Confirm, End, Interrupted, ReadBlock, Steps, Wait, WaitFor, Write
from iosemu.shell.executor import Executor
from iosemu.shell.help_view import complete, help_lines
from iosemu.shell.keyboard import Key, Keyboard
from iosemu.shell.messages import Messages
from iosemu.shell.pager import Pager

INTERRUPT = "\x1e"
"""Ctrl-Shift-6."""
PC_BANNER = "Packet Tracer PC Command Line 1.0"


class Session:
    """A shell on `device`.

    `grammar` is a loaded `iosemu.parser` Grammar. `username` and `privilege` are what authentication gave;
    `origin` is `console` or the client's address; `line` is a `iosemu.device.lines.Line` from
    `allocate_vty(device, …)` (None: the console). Without `pty` nothing is echoed or paged, but the prompt
    is still printed.
    """

    def __init__(
        self,
        device: Device,
        grammar: Any,
        *,
        username: str = "",
        privilege: int = 1,
        origin: str = "console",
        line: Line | None = None,
        columns: int = 80,
        rows: int = 24,
        pty: bool = True,
    ) -> None:
        self.device = device
        self.line = line
        self.pty = pty
        name = line.name if line is not None else "con0"
        self.shell = Executor(
            device, grammar, username=username, privilege=privilege, origin=origin, line_name=name
        )
        self._boots = device.boots
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""
        self._out: list[str] = []
        self._closed = False
        self._keyboard = Keyboard(echo=pty)
        self._histories: dict[bool, list[str]] = {False: self.shell.history, True: []}
        self._steps: Steps | None = None
        self._blocked: Any = None
        self._wake: float | None = None
        self._block_text: list[str] = []
        self._pager = Pager(0)
        self._redisplay = ""
        self._ending = False
        self._one_command = False
        self._blank = True
        self._messages = Messages(device, console=line is None)
        self._configure_line()
        self.resize(columns, rows)

    def _configure_line(self) -> None:
        lines = getattr(self.device.config, "lines", None)
        self._settings = None
        if lines is None:
            return
        number = self.line.number if self.line is not None else 0
        if self.line is None or self.line.kind == "con":
            self._settings = lines.console
        elif number < len(lines.vty):
            self._settings = lines.vty[number]
        if self._settings is not None:
            self.shell.history_size = self._settings.history_size
            self.shell.privilege = max(self.shell.privilege, self._settings.privilege)
            self.shell.monitor = self._settings.monitor

    # what the server calls

    def start(self) -> None:
        """Print banners and the first prompt."""
        if self.device.kind == "pc":
            self._emit(f"{PC_BANNER}\r\n")
        for text in self._banners():
            self._emit("\r\n" + text.replace("\n", "\r\n"))
        self._prompt()

    def run(self, command: str) -> None:
        """Exec channel (instead of `start`): run one command line without echo, pager or prompt, then close."""
        self._one_command = True
        self.shell.length = 0
        self._begin(self.shell.steps(command))
        self._pump()

    def receive(self, data: bytes) -> None:
        """Take what the client typed; never raises."""
        if self._closed:
            return
        if self.line is not None:
            self.line.last_input = self.device.now
        text = self._decoder.decode(data)
        if self._waits():
            stops = INTERRUPT + ("\x03" if self.device.kind in ("pc", "sniffer") else "")
            at = max(text.rfind(stop) for stop in stops)
            if at >= 0:
                self._typed = ""
                text = text[at + 1 :].removeprefix("x")
                self._interrupt()
        self._typed += text
        self._pump()

    def output(self) -> bytes:
        """What is to be sent since the last call."""
        data = "".join(self._out).encode("utf-8", "replace")
        self._out.clear()
        return data

    def tick(self) -> None:
        """Lab time moved: re-check waits and timeouts, fetch system messages, notice a dead device."""
        if self._closed:
            return
        if self.device.boots != self._boots or not self.device.powered:
            self._close()
            return
        if self.line is not None and self.line.cleared:
            self._emit("\r\n[Connection to the line was cleared]\r\n")
            self._close()
            return
        deadline = self._timeout()
        if deadline is not None and self.device.now >= deadline:
            self._close()
            return
        self._show_messages()
        if self._waits():
            self._pump()

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed; `length` and `width` of the line go before it."""
        configured = self._settings
        length = rows if configured is None or configured.length is None else configured.length
        width = columns if configured is None or configured.width is None else configured.width
        self.shell.length = max(length, 0) if self.pty else 0
        self.shell.width = max(width, 0)

    def disconnect(self) -> None:
        """The client is gone: interrupt what runs, free the line, close."""
        if not self._closed:
            self._interrupt()
            self._close()

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        return not self._closed and self._waits()

    @property
    def wake(self) -> float | None:
        """Lab time at which the session next wants a tick by itself (a wait's end, exec-timeout), if any."""
        if self._closed:
            return None
        times = [time for time in (self._wake, self._timeout()) if time is not None]
        return min(times, default=None)

    @property
    def closed(self) -> bool:
        """The session ended; send `output()` and hang up."""
        return self._closed

    # output

    def _emit(self, text: str) -> None:
        if text:
            self._out.append(text)

    def _prompt(self, line: str = "") -> None:
        if self._one_command:
            self._close()
            return
        if self.device.kind == "pc" and not self._blank:
            self._emit("\r\n")
        self._blank = True
        self.shell.history = self._histories[self.shell.modes.configuring]
        self._emit(self._keyboard.begin(self.shell.prompt, line, self.shell.history, self.shell.width))

    def _banners(self) -> Iterator[str]:
        system = getattr(self.device.config, "system", None)
        if system is not None:
            for name in ("motd", "exec"):
                if name in system.banners:
                    yield system.banners[name]

    def _show_messages(self) -> None:
        lines = self._messages.fetch(self.shell.monitor)
        if not lines:
            return
        self._emit("".join(f"\r\n{line}" for line in lines) + "\r\n")
        idle = self._steps is None
        if idle and self._settings is not None and self._settings.logging_synchronous:
            self._emit(self._keyboard.redraw())

    def _timeout(self) -> float | None:
        """When nobody typed for too long; None: never."""
        if self._settings is None or self.line is None or not self._settings.exec_timeout or self._waits():
            return None
        return self.line.last_input + self._settings.exec_timeout

    def _close(self) -> None:
        self._closed = True
        self._steps = None
        self._wake = None
        if self.line is not None:
            self.line.free()

    # running

    def _waits(self) -> bool:
        return isinstance(self._blocked, Wait | WaitFor)

    def _begin(self, steps: Steps, redisplay: str = "") -> None:
        self._steps = steps
        self._blocked = None
        self._pager = Pager(self.shell.length)
        self._redisplay = redisplay
        self._advance(None)

    def _advance(self, answer: Any) -> None:
        """Run the command until it asks, waits, fills the page or ends."""
        self._blocked, self._wake = None, None
        while self._steps is not None:
            try:
                item = self._steps.send(answer)
            except StopIteration:
                self._finish()
                return
            answer = None
            if not self._take(item):
                return

    def _take(self, item: Any) -> bool:
        """Deal with what a command yielded; False: it must be waited for."""
        match item:
            case str():
                self._blank = not item
                self._emit(self._pager.feed((item,)))
                return not self._pager.paused
            case Write(text):
                self._emit(text.replace("\n", "\r\n"))
                return True
            case Wait(seconds):
                self._wake = self.device.now + max(seconds, 0.0)
            case WaitFor(_, timeout):
                self._wake = None if timeout is None else self.device.now + timeout
            case Ask(prompt, echo):
                self._emit(self._keyboard.ask(prompt, echo))
            case Confirm(prompt):
                self._emit(prompt)
            case ReadBlock():
                self._block_text = []
                self._emit(self._keyboard.ask("", echo=True))
            case _:
                return True
        self._blocked = item
        return False

    def _finish(self) -> None:
        self._steps = None
        self._blocked = None
        if self._ending and self.shell.modes.configuring:
            self.shell.modes.apply(End(), 0)
            self.shell.left_configuration()
        self._ending = False
        if self.shell.closing:
            self._close()
        else:
            self._prompt(self._redisplay)

    def _interrupt(self) -> None:
        """Throw Interrupted into the command that runs."""
        if self._steps is None:
            return
        self._blocked, self._wake = None, None
        try:
            item = self._steps.throw(Interrupted())
        except (StopIteration, Interrupted):
            self._finish()
            return
        if self._take(item):
            self._advance(None)

    def _pump(self) -> None:
        """Go on until there is nothing left to read or to do."""
        while not self._closed:
            if self._steps is None:
                if not self._typed:
                    return
                self._edit()
            elif self._pager.paused:
                if not self._typed:
                    return
                self._page()
            elif not self._answer():
                return

    def _page(self) -> None:
        key, self._typed = self._typed[0], self._typed[1:]
        if key == "\r":
            self._typed = self._typed.removeprefix("\n")
        self._emit(self._pager.key(key))
        if self._pager.stopped:
            if self._steps is not None:
                self._steps.close()
            self._finish()
        elif not self._pager.paused:
            self._advance(None)

    def _answer(self) -> bool:
        """Answer what the command is blocked on, if that can be done now."""
        match self._blocked:
            case Wait():
                if self._wake is not None and self.device.now < self._wake:
                    return False
                self._advance(None)
            case WaitFor(condition):
                holds = bool(condition())
                if not holds and (self._wake is None or self.device.now < self._wake):
                    return False
                self._advance(holds)
            case Confirm():
                if not self._typed:
                    return False
                key, self._typed = self._typed[0], self._typed[1:]
                if key == "\r":
                    self._typed = self._typed.removeprefix("\n")
                self._emit("\r\n" if key in "\r\n" else f"{key}\r\n" if key.isprintable() else "\r\n")
                self._advance(key in "\r\nyY")
            case Ask() | ReadBlock():
                if not self._typed:
                    return False
                self._read()
            case _:
                return False
        return True

    def _read(self) -> None:
        """Keys for a question."""
        self._typed, key, text = self._keyboard.feed(self._typed)
        self._emit(self._keyboard.echoed())
        if key is Key.INTERRUPT or key is Key.END:
            self._emit("\r\n")
            self._interrupt()
        elif key is Key.ENTER:
            self._emit("\r\n")
            if isinstance(self._blocked, ReadBlock):
                before, found, _ = text.partition(self._blocked.delimiter)
                self._block_text.append(before if found else text + "\n")
                if found:
                    self._advance("".join(self._block_text))
                else:
                    self._emit(self._keyboard.ask("", echo=True))
            else:
                self._advance(text)

    # the command line

    def _edit(self) -> None:
        self._typed, key, text = self._keyboard.feed(self._typed)
        self._emit(self._keyboard.echoed())
        match key:
            case Key.ENTER:
                self._emit("\r\n" if self.pty else "")
                self._submit(text)
            case Key.HELP:
                self._emit("\r\n")
                self._begin(_lines(self._help(text)), text)
            case Key.TAB:
                completed = complete(self.shell, text)
                self._emit("\r\n")
                self._prompt(text if completed is None else completed)
            case Key.END if self.shell.modes.configuring:
                self._emit("^Z\r\n")
                self._ending = True
                self._submit(text)
            case Key.INTERRUPT | Key.END:
                self._emit("^C\r\n" if self.device.kind == "pc" else "\r\n")
                if self.shell.modes.configuring:
                    self._ending = True
                self._submit("")
            case Key.EOF:
                self._close()

    def _help(self, line: str) -> list[str]:
        try:
            return [*help_lines(self.shell, line), ""]
        except Exception:  # noqa: BLE001 - a fault in one listing must not end the session
            return ["% Unrecognized command", ""]

    def _submit(self, line: str) -> None:
        if line.strip():
            history = self._histories[self.shell.modes.configuring]
            if self.shell.history_size:
                history.append(line)
            del history[: max(len(history) - self.shell.history_size, 0)]
            self._blank = False
        self._begin(self.shell.steps(line, len(self.shell.prompt)))


def _lines(lines: list[str]) -> Steps:
    yield from lines
