"""`tclsh`: enough of Tcl (Tcl 8 manual, "Tcl(n)") to write files and to run exec commands from scripts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, Ask, CommandError, Enter, Leave, Steps, Work
from iosemu.handling.filesystem import reading, write

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_CLOSERS = {"{": "}", "[": "]"}
_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}

MOST_STEPS = 5_000
"""Commands that one typed line may run."""
MOST_NESTING = 50
"""Scripts within scripts."""
MOST_SCRIPT = 1 << 16
"""Characters of one script: it is read through again each time that it runs."""
MOST_TEXT = 1 << 18
"""Characters of one value, and of all variables together."""
WORDS = 256
"""Words of a list that are taken apart at once."""
MOST_FILES = 16
_TOO_LARGE = "unable to alloc memory"

Words = Generator[Any, Any, str]
"""A computation that may print and run exec commands on its way to a value."""


def shell(context: Context) -> list[Enter]:
    """`tclsh`."""
    return [Enter("tcl", Interpreter(context))]


class Interpreter:
    """Variables and open files of one `tclsh`."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.variables: dict[str, str] = {}
        self.files: dict[str, tuple[str, list[str], str]] = {}
        """Channel → URL, text written so far, mode."""
        self._written: dict[str, int] = {}
        """Characters written to each."""
        self.opened = 0
        self._size = 0
        """Characters of all variables."""
        self._steps_left = 0
        self._depth = 0

    def steps(self, line: str) -> Steps:
        """Run one typed line, with as many more as its braces need."""
        balance = Balance()
        lines = [line]
        size = len(line)
        balance.add(line)
        while not balance.complete:
            more = yield Ask("+>")
            lines.append(more)
            size += len(more) + 1
            if size > MOST_SCRIPT:
                yield _TOO_LARGE
                return
            balance.add(f"\n{more}")
        line = "\n".join(lines)
        self._steps_left, self._depth = MOST_STEPS, 0
        if line.strip() in ("tclquit", "exit"):
            self._flush()
            yield Leave()
            return
        try:
            result = yield from self._script(line, top=True)
        except CommandError as error:
            result = str(error)
        if result:
            yield from result.split("\n")

    def _flush(self) -> None:
        for channel in list(self.files):
            self._close(channel)

    def _close(self, channel: str) -> None:
        if channel not in self.files:
            raise CommandError(f'can not find channel named "{channel}"')
        url, text, mode = self.files.pop(channel)
        self._written.pop(channel, None)
        if mode[0] != "r":
            write(self.context, url, "".join(text).encode("utf-8", "replace"), append=mode[0] == "a")

    def _script(self, text: str, top: bool = False) -> Words:
        result = ""
        self._depth += 1
        if self._depth > MOST_NESTING:
            raise CommandError("too many nested evaluations (infinite loop?)")
        if len(text) > MOST_SCRIPT:
            raise CommandError(_TOO_LARGE)
        for command in commands(text):
            self._steps_left -= 1
            if self._steps_left < 0:
                raise CommandError("too many commands (infinite loop?)")
            yield PAUSE
            words = yield from self._words(command)
            if words:
                result = yield from self._command(words, command, top)
        self._depth -= 1
        return result

    def _words(self, text: str) -> Generator[Any, Any, list[str]]:
        words: list[str] = []
        at = 0
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            if len(words) % WORDS == WORDS - 1:
                yield PAUSE
            if text[at] == "{":
                end = closing(text, at)
                words.append(text[at + 1 : end])
                at = end + 1
                continue
            quoted = text[at] == '"'
            end = _word_end(text, at + quoted, quoted)
            words.append((yield from self._substitute(text[at + quoted : end])))
            at = end + quoted
        return words

    def _substitute(self, text: str) -> Words:
        out: list[str] = []
        at = 0
        while at < len(text):
            letter = text[at]
            if letter == "\\" and at + 1 < len(text):
                out.append(_ESCAPES.get(text[at + 1], text[at + 1]))
                at += 2
            elif letter == "[":
                end = closing(text, at)
                out.append((yield from self._script(text[at + 1 : end])))
                at = end + 1
            elif letter == "$" and (name := _name(text, at + 1)):
                if name.strip("{}") not in self.variables:
                    raise CommandError(f'can\'t read "{name.strip("{}")}": no such variable')
                out.append(self.variables[name.strip("{}")])
                at += 1 + len(name)
            else:
                out.append(letter)
                at += 1
        value = "".join(out)
        if len(value) > MOST_TEXT:
            raise CommandError(_TOO_LARGE)
        return value

    def _command(self, words: list[str], typed: str, top: bool) -> Words:
        name, *rest = words
        match name, rest:
            case "set", [variable, *value]:
                if value:
                    self._keep(variable, value[0])
                elif variable not in self.variables:
                    raise CommandError(f'can\'t read "{variable}": no such variable')
                return self.variables[variable]
            case "puts", ["-nonewline", *rest_]:
                yield from self._puts(rest_, "")
            case "puts", _:
                yield from self._puts(rest, "\n")
            case "open", [url, *mode]:
                return (yield from self._open(url, mode[0] if mode else "r"))
            case "close", [channel]:
                self._close(channel)
            case "read", [channel] if channel in self.files:
                return "".join(self.files[channel][1])
            case "foreach", [variable, items, body]:
                for item in (yield from self._words(items)):
                    self._keep(variable, item)
                    inner = yield from self._script(body)
                    if inner:
                        yield from inner.split("\n")
            case "expr", _:
                return self._expression(" ".join(rest))
            case "exec", _:
                return (yield from self._exec(" ".join(rest)))
            case "ios_config", _:
                for error in (yield from self.context.session.load(rest)):
                    yield from error.messages
            case _ if top:
                yield from self.context.session.run_typed(typed)
            case _:
                return (yield from self._exec(" ".join(words)))
        return ""

    def _keep(self, name: str, value: str) -> None:
        """Set a variable; all of them together have a size."""
        before = self.variables.get(name)
        size = self._size + len(value) - (len(before) if before is not None else -len(name))
        if size > MOST_TEXT:
            raise CommandError(_TOO_LARGE)
        self._size = size
        self.variables[name] = value

    def _puts(self, arguments: list[str], end: str) -> Generator[Any, Any, None]:
        if len(arguments) == 1 or arguments[0] == "stdout":
            yield from arguments[-1].split("\n")
        elif len(arguments) == 2 and arguments[0] in self.files:
            parts = self.files[arguments[0]][1]
            size = self._written.get(arguments[0], 0) + len(arguments[1]) + len(end)
            if size > self.context.device.flash.capacity:
                raise CommandError("error writing file: no space left on device")
            self._written[arguments[0]] = size
            parts.append(arguments[1] + end)
        else:
            raise CommandError('wrong # args: should be "puts ?-nonewline? ?channelId? string"')
        # A channel that only this command can name is at its end, as when the shell exits.
        if len(arguments) == 2 and arguments[0] in self.files and arguments[0] not in self.variables.values():
            self._close(arguments[0])

    def _open(self, url: str, mode: str) -> Work[str]:
        if mode[:1] not in ("r", "w", "a"):
            raise CommandError(f'illegal access mode "{mode}"')
        if len(self.files) >= MOST_FILES:
            raise CommandError(f'couldn\'t open "{url}": too many open files')
        text: list[str] = []
        if mode[0] == "r":
            text.append((yield from reading(self.context, url)).decode("utf-8", "replace"))
        if mode[0] == "w":
            write(self.context, url, b"")
        channel = f"file{self.opened}"
        self.opened += 1
        self.files[channel] = (url, text, mode)
        return channel

    def _exec(self, command: str) -> Words:
        lines: list[str] = []
        size = 0
        steps = self.context.session.run_typed(command)
        answer: Any = None
        while True:
            try:
                item = steps.send(answer)
            except StopIteration:
                return "\n".join(lines)
            if isinstance(item, str):
                size += len(item) + 1
                if size > MOST_TEXT:
                    steps.close()
                    raise CommandError(_TOO_LARGE)
                lines.append(item)
                answer = yield PAUSE
            else:
                answer = yield item

    def _expression(self, text: str) -> str:
        parts = text.split()
        try:
            value = _integer(parts[0])
            for operator, operand in zip(parts[1::2], parts[2::2], strict=True):
                value = _wrapped(_OPERATORS[operator](value, _integer(operand)))
        except (ValueError, IndexError, KeyError, ZeroDivisionError) as error:
            raise CommandError(f'syntax error in expression "{text}"') from error
        return str(value)


def _integer(text: str) -> int:
    """A number of an expression; raises CommandError when 64 bits cannot hold it, ValueError for no number."""
    if len(text) > 32:
        raise CommandError("integer value too large to represent")
    value = int(text)
    if value != _wrapped(value):
        raise CommandError("integer value too large to represent")
    return value


def _wrapped(value: int) -> int:
    """A result as a wide integer of Tcl 8.4 has it: modulo 2^64, signed."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


class Balance:
    """Which braces and quotes of a script are open, read piece by piece."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self._before = " "

    @property
    def complete(self) -> bool:
        """None is."""
        return self._depth == 0 and not self._quoted

    def add(self, text: str) -> None:
        """Read on."""
        for letter in text:
            if self._escaped:
                self._escaped = False
            elif letter == "\\":
                self._escaped = True
            elif letter == '"' and not self._depth:
                self._quoted = not self._quoted and self._before.isspace()
            elif letter == "{":
                self._depth += 1
            elif letter == "}":
                self._depth = max(self._depth - 1, 0)
            self._before = letter


def commands(text: str) -> list[str]:
    """The commands of a script: parted by line ends and semicolons outside braces."""
    found: list[str] = []
    start = at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 2
            continue
        if letter in _CLOSERS:
            at = closing(text, at)
        elif letter in "\n;":
            found.append(text[start:at])
            start = at + 1
        at += 1
    found.append(text[start:])
    return [command.strip() for command in found if command.strip() and not command.strip().startswith("#")]


def closing(text: str, start: int) -> int:
    """Where the brace or bracket that opens at `start` closes.

    Raises CommandError when it does not.
    """
    opener, closer = text[start], _CLOSERS[text[start]]
    depth, at = 0, start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == opener:
            depth += 1
        elif text[at] == closer:
            depth -= 1
            if not depth:
                return at
        at += 1
    raise CommandError(f"missing close-{'brace' if opener == '{' else 'bracket'}")


def _word_end(text: str, start: int, quoted: bool) -> int:
    at = start
    while at < len(text) and not (text[at] == '"' if quoted else text[at].isspace()):
        if text[at] == "\\":
            at += 1
        elif text[at] == "[":
            at = closing(text, at)
        at += 1
    return min(at, len(text))


def _name(text: str, start: int) -> str:
    if text[start : start + 1] == "{":
        return text[start : closing(text, start) + 1]
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[start:end]
