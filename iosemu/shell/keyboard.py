"""The keys of a session: an edited line, or the key that ends it."""

from __future__ import annotations

from enum import Enum, auto


class Key(Enum):
    """What ended the reading of keys."""

    MORE = auto()
    """Nothing yet: the line is being typed."""
    ENTER = auto()
    HELP = auto()
    TAB = auto()
    INTERRUPT = auto()
    END = auto()
    EOF = auto()


_KEYS = {"\r": Key.ENTER, "\n": Key.ENTER, "\t": Key.TAB, "\x03": Key.INTERRUPT, "\x1a": Key.END}


class Keyboard:
    """One line being typed."""

    def __init__(self, echo: bool) -> None:
        self._echo_all = echo
        self._echo = echo
        self._prompt = ""
        self._line = ""
        self._question = False
        self._after_cr = False
        self._out: list[str] = []

    def begin(self, prompt: str, line: str, history: list[str], width: int) -> str:
        """Begin a command line that already holds `line`; what to print."""
        self._prompt, self._line = prompt, line
        self._echo, self._question = self._echo_all, False
        return prompt + line

    def ask(self, prompt: str, echo: bool) -> str:
        """Begin the answer to a question; what to print."""
        self._prompt, self._line = prompt, ""
        self._echo, self._question = self._echo_all and echo, True
        return prompt

    def redraw(self) -> str:
        """Prompt and line again, after a message was printed over them."""
        return self._prompt + self._line

    def echoed(self) -> str:
        """What to print for the keys read since the last call."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def feed(self, keys: str) -> tuple[str, Key, str]:
        """Read keys up to one that ends the line: the rest, that key, the line."""
        for at, key in enumerate(keys):
            if self._after_cr and key in "\n\0":
                self._after_cr = False
                continue
            self._after_cr = key == "\r"
            if key in _KEYS and not (self._question and key == "\t"):
                return keys[at + 1 :], _KEYS[key], self._line
            if key == "?" and not self._question:
                self._write("?")
                return keys[at + 1 :], Key.HELP, self._line
            if key == "\x04" and not self._line and not self._question:
                return "", Key.EOF, ""
            self._edit(key)
        return "", Key.MORE, self._line

    def _edit(self, key: str) -> None:
        if key in "\b\x7f":
            if self._line:
                self._line = self._line[:-1]
                self._write("\b \b")
        elif key in "\x15\x18":
            self._write("\b \b" * len(self._line))
            self._line = ""
        elif key.isprintable():
            self._line += key
            self._write(key)

    def _write(self, text: str) -> None:
        if self._echo:
            self._out.append(text)
