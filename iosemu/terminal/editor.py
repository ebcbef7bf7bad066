"""The line editor: keys to a line, with the editing keys of IOS.

    editor.read("R1#", history=history)     # prints the prompt, begins a line
    editor.feed(data)                       # whatever arrived
    while (event := editor.next()) is not None:
        ...                                 # handle it; then read() or resume() for the next line
    send(editor.take_output())

`next` stops after each event and reads nothing while no line is asked for, so what is typed ahead stays
queued and is echoed when its line is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iosemu.terminal import keys
from iosemu.terminal.display import Display
from iosemu.terminal.history import History
from iosemu.terminal.keys import KeyReader

LONGEST = 254
"""Characters of a line, as on IOS; more are refused with a bell, and a key costs no more than they do."""
KEYS = 32
"""Keys of one line after which `next` returns, so that others have their turn."""


@dataclass(frozen=True, slots=True)
class Line:
    """Enter was typed. The line end is echoed; the editor waits for `read`."""

    text: str


@dataclass(frozen=True, slots=True)
class HelpKey:
    """`?` was typed. It and a line end are echoed; go on with `resume`."""

    text: str
    """What stands before the cursor."""


@dataclass(frozen=True, slots=True)
class Tab:
    """Tab was typed. A line end is echoed; go on with `resume`."""

    text: str
    """What stands before the cursor."""


@dataclass(frozen=True, slots=True)
class CtrlC:
    """Ctrl-C was typed. A line end is echoed; the editor waits for `read`."""


@dataclass(frozen=True, slots=True)
class CtrlZ:
    """Ctrl-Z was typed. `^Z` and a line end are echoed; the editor waits for `read`."""

    text: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Ctrl-Shift-6 was typed; the line stays as it is and reading goes on."""


@dataclass(frozen=True, slots=True)
class KeyTyped:
    """The key that `read_key` asked for: a character, `\\r` for Enter, or a name of `keys` such as `<up>`."""

    key: str


@dataclass(frozen=True, slots=True)
class Typing:
    """Many keys were edited into the line, which goes on: there may be more of them."""


Event = Line | HelpKey | Tab | CtrlC | CtrlZ | Interrupt | KeyTyped | Typing


class LineEditor:
    """Reads lines and single keys from queued bytes; with `echo` off it prints nothing at all by itself."""

    def __init__(self, width: int = 80, echo: bool = True) -> None:
        self.echo = echo
        self.display = Display(width)
        self._keys = KeyReader()
        self._output: list[str] = []
        self._state = "idle"
        self._text: list[str] = []
        self._cursor = 0
        self._killed: list[str] = []
        self._literal = False
        self._prompt = ""
        self._history: History | None = None
        self._masked = False
        self._help = True
        self._show_controls = False
        self._actions: dict[str, Callable[[], None]] = self._bindings()

    @property
    def reading(self) -> bool:
        """A line or a key is asked for."""
        return self._state != "idle"

    @property
    def queued(self) -> int:
        """Bytes typed ahead."""
        return self._keys.queued

    @property
    def text(self) -> str:
        """The line so far."""
        return "".join(self._text)

    def resize(self, width: int) -> None:
        """The terminal has `width` columns from now on (0: no limit)."""
        self.display.width = width

    def feed(self, data: bytes) -> None:
        """Queue what arrived."""
        if data == b"\n" and self._state == "line":
            # alone and after the next prompt: the Enter of a program that ends some lines with CR, some with LF
            self._keys.end_line()
        self._keys.feed(data)

    def read(
        self,
        prompt: str,
        *,
        history: History | None = None,
        masked: bool = False,
        help_keys: bool = True,
        show_controls: bool = False,
    ) -> None:
        """Print `prompt` and begin a line.

        `masked`: nothing is echoed but the line end. `help_keys` off: `?` is a character like any other and
        Tab is ignored (questions, banners). `show_controls`: Ctrl-C is echoed as `^C` (configuration modes).
        """
        self._state = "line"
        self._text, self._cursor, self._literal = [], 0, False
        self._history, self._masked = history, masked
        self._help, self._show_controls = help_keys and not masked, show_controls
        if history is not None:
            history.rewind()
        self._begin(prompt)

    def read_key(self) -> None:
        """Ask for one key; nothing is echoed."""
        self._state = "key"

    def resume(self, prompt: str | None = None, before: str | None = None) -> None:
        """Print the prompt and the line again and go on with it, after help, Tab or a message.

        `before` replaces what stands before the cursor; `prompt` replaces the prompt.
        """
        if before is not None:
            self._text[: self._cursor] = before
            self._cursor = len(before)
        self._state = "line"
        self._begin(self._prompt if prompt is None else prompt)
        self._refresh()

    def stop(self) -> None:
        """Ask for nothing any more; the unfinished line is forgotten."""
        self._state = "idle"

    def take_break(self) -> bool:
        """While no line is asked for: whether Ctrl-Shift-6 was typed; what was typed before it is dropped."""
        return self._keys.take_break()

    def take_control_c(self) -> bool:
        """While no line is asked for: whether Ctrl-C was typed; what was typed before it is dropped."""
        return self._keys.take_control_c()

    def take_queued(self) -> bytes:
        """The bytes typed ahead, which somebody else reads."""
        return self._keys.take_queued()

    def discard(self) -> None:
        """Drop what was typed ahead."""
        self._keys.clear()

    def take_output(self) -> bytes:
        """The bytes to send since the last call."""
        output = "".join(self._output).encode("utf-8")
        self._output.clear()
        return output

    def next(self) -> Event | None:
        """Read keys until something happens that the caller has to handle; None when more bytes are needed.

        None also while nothing is asked for.
        """
        keys_left = KEYS
        while self._state != "idle":
            if not keys_left:
                return Typing()
            keys_left -= 1
            if self._state == "line" and not self._literal and self._run():
                continue
            key = self._keys.literal() if self._literal else self._keys.next()
            if key is None:
                return None
            if self._state == "key":
                self._state = "idle"
                return KeyTyped("\r" if key == keys.ENTER else "\x1e" if key == keys.BREAK else key)
            event = self._press(key)
            if event is not None:
                return event
        return None

    def _run(self) -> bool:
        """Take plain characters at the end of the line all at once."""
        if self._cursor != len(self._text):
            return False
        silent = self._masked or not self.echo
        room = LONGEST - self._cursor
        if not silent:
            room = min(room, self.display.room(self._cursor))
        text = self._keys.plain(room)
        if not text:
            return False
        self._text += text
        self._cursor += len(text)
        if not silent:
            self._output.append(self.display.append(text))
        return True

    def _press(self, key: str) -> Event | None:
        if self._literal:
            self._literal = False
            self._insert(key if len(key) == 1 else {keys.ENTER: "\r", keys.BREAK: "\x1e"}.get(key, ""))
            return None
        if key == keys.ENTER:
            return self._end(Line(self.text))
        if key == keys.BREAK:
            return Interrupt()
        if key == "\x03":
            return self._end(CtrlC(), "^C" if self._show_controls else "")
        if key == "\x1a":
            return self._end(CtrlZ(self.text), "^Z")
        if key == "?" and self._help:
            return self._pause(HelpKey("".join(self._text[: self._cursor])), "?")
        if key == "\t":
            return self._pause(Tab("".join(self._text[: self._cursor])), "") if self._help else None
        action = self._actions.get(key)
        if action is not None:
            action()
        elif len(key) == 1 and key.isprintable():
            self._insert(key)
        return None

    def _end(self, event: Event, mark: str = "") -> Event:
        self._state = "idle"
        if self.echo:
            behind = "" if self._masked else self.display.finish()
            self._output.append(f"{behind}{mark}\r\n")
        return event

    def _pause(self, event: Event, mark: str) -> Event:
        self._state = "idle"
        if self.echo:
            self._output.append(f"{mark}\r\n")
        return event

    def _begin(self, prompt: str) -> None:
        self._prompt = prompt
        self._output.append(self.display.begin(prompt))

    def _refresh(self) -> None:
        if self.echo and not self._masked:
            self._output.append(self.display.update(self._text, self._cursor))

    def _insert(self, text: str) -> None:
        room = LONGEST - len(self._text)
        if len(text) > room:
            text = text[:room]
            if self.echo:
                self._output.append("\a")
        if text:
            self._text[self._cursor : self._cursor] = text
            self._cursor += len(text)
            self._refresh()

    def _bindings(self) -> dict[str, Callable[[], None]]:
        def move(target: Callable[[], int]) -> Callable[[], None]:
            def run() -> None:
                self._cursor = min(max(target(), 0), len(self._text))
                self._refresh()

            return run

        def kill(target: Callable[[], int], keep: bool = True) -> Callable[[], None]:
            def run() -> None:
                self._cut(min(max(target(), 0), len(self._text)), keep)

            return run

        home, end = move(lambda: 0), move(lambda: len(self._text))
        left, right = move(lambda: self._cursor - 1), move(lambda: self._cursor + 1)
        rub, delete = kill(lambda: self._cursor - 1, False), kill(lambda: self._cursor + 1, False)
        start, word = kill(lambda: 0), kill(self._word_left)
        return {
            "\x01": home, keys.HOME: home, "\x05": end, keys.END: end,
            "\x02": left, keys.LEFT: left, "\x06": right, keys.RIGHT: right,
            keys.WORD_LEFT: move(self._word_left), keys.WORD_RIGHT: move(self._word_right),
            "\x08": rub, "\x7f": rub, "\x04": delete, keys.DELETE: delete,
            "\x0b": kill(lambda: len(self._text)), "\x15": start, "\x18": start, "\x17": word,
            "<esc-d>": kill(self._word_right), "<esc-\x7f>": word,
            "\x19": lambda: self._insert("".join(self._killed)),
            "\x14": self._transpose, "\x0c": self._again, "\x12": self._again,
            "\x16": self._quote, "<esc-q>": self._quote,
            "\x10": lambda: self._recall(back=True), keys.UP: lambda: self._recall(back=True),
            "\x0e": lambda: self._recall(back=False), keys.DOWN: lambda: self._recall(back=False),
            "<esc-c>": lambda: self._change_case(lambda word: word[:1].upper() + word[1:].lower()),
            "<esc-l>": lambda: self._change_case(str.lower), "<esc-u>": lambda: self._change_case(str.upper),
        }  # fmt: skip

    def _cut(self, target: int, keep: bool) -> None:
        low, high = sorted((self._cursor, target))
        if low == high:
            return
        if keep:
            self._killed = self._text[low:high]
        del self._text[low:high]
        self._cursor = low
        self._refresh()

    def _word_left(self) -> int:
        at = self._cursor
        while at and self._text[at - 1].isspace():
            at -= 1
        while at and not self._text[at - 1].isspace():
            at -= 1
        return at

    def _word_right(self) -> int:
        at = self._cursor
        while at < len(self._text) and self._text[at].isspace():
            at += 1
        while at < len(self._text) and not self._text[at].isspace():
            at += 1
        return at

    def _transpose(self) -> None:
        at = min(self._cursor, len(self._text) - 1)
        if at < 1:
            return
        self._text[at - 1], self._text[at] = self._text[at], self._text[at - 1]
        self._cursor = at + 1
        self._refresh()

    def _change_case(self, change: Callable[[str], str]) -> None:
        end = self._word_right()
        word = "".join(self._text[self._cursor : end])
        stripped = word.lstrip()
        self._text[self._cursor : end] = word[: len(word) - len(stripped)] + change(stripped)
        self._cursor = min(end, len(self._text))
        self._refresh()

    def _again(self) -> None:
        if self.echo:
            self._output.append("\r\n")
        self._begin(self._prompt)
        self._refresh()

    def _quote(self) -> None:
        self._literal = True

    def _recall(self, back: bool) -> None:
        if self._history is None:
            return
        line = self._history.previous() if back else self._history.next()
        if line is not None:
            self._text = list(line)
            self._cursor = len(line)
            self._refresh()
