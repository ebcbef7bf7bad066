"""Typed values: how the text of a variable becomes a Python value, and how `?` shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Protocol

from iosemu.parser.situation import Situation

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A value that was read: where it ends, the Python value, its canonical text."""

    end: int
    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    """No value here: the column at fault; `partial` when the line merely ended too soon.

    `ambiguous` when it is short for several things.
    """

    column: int
    partial: bool = False
    ambiguous: bool = False


class ValueType(Protocol):
    """A type of `types.yaml`, or a number range."""

    name: str
    placeholder: str
    help: str
    rank: int
    """Among several types that accept a text, the lowest rank wins; 9 takes anything."""

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read the value that starts at `start` (not a space)."""
        ...

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """What `?` lists for it."""
        ...

    def inside(self, line: str, start: int, help_text: str, situation: Situation) -> Sequence[Row] | None:
        """What `?` lists when the unfinished value begins at `start`; None: nothing of its own."""
        ...

    def completions(self, line: str, start: int, situation: Situation) -> Sequence[str]:
        """The words that Tab may put in place of the text from `start`."""
        ...

    def keywords(self, situation: Situation) -> Sequence[str]:
        """Words that abbreviate like keywords (interface types)."""
        ...

    def shown(self, text: str, situation: Situation) -> str:
        """What `?` right behind the whole value `text` shows."""
        ...


def token_end(line: str, start: int) -> int:
    """Where the word that starts at `start` ends."""
    end = start
    while end < len(line) and not line[end].isspace():
        end += 1
    return end


class TokenType:
    """A value that is one word."""

    def __init__(
        self,
        name: str,
        placeholder: str,
        help_text: str,
        rank: int,
        convert: Callable[[str], tuple[Any, str]],
    ) -> None:
        """`convert` gives (value, canonical text) and raises ValueError for what does not fit."""
        self.name = name
        self.placeholder = placeholder
        self.help = help_text
        self.rank = rank
        self._convert = convert

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read one word."""
        end = token_end(line, start)
        try:
            value, text = self._convert(line[start:end])
        except ValueError:
            return Unread(start)
        return Scanned(end, value, text)

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """The values that the device knows, and the placeholder."""
        return [*situation.candidates(self.name), (self.placeholder, help_text)]

    def inside(self, line: str, start: int, help_text: str, situation: Situation) -> Sequence[Row] | None:
        """A word has nothing inside."""
        return None

    def completions(self, line: str, start: int, situation: Situation) -> Sequence[str]:
        """The known values that continue the text."""
        return [text for text, _ in situation.candidates(self.name) if text.startswith(line[start:])]

    def keywords(self, situation: Situation) -> Sequence[str]:
        """None."""
        return ()

    def shown(self, text: str, situation: Situation) -> str:
        """What `?` right behind a whole value shows."""
        return self.placeholder


class NumberType(TokenType):
    """A number in one of several ranges; each range is a row of its own in `?`, with help of its own perhaps."""

    def __init__(self, name: str, help_text: str, ranges: Sequence[str] | Mapping[str, str]) -> None:
        """`ranges` may map each range to its help."""
        told = next(iter(ranges.values())) if isinstance(ranges, Mapping) else ""
        super().__init__(name, f"<{next(iter(ranges))}>", help_text or told, 1, _ranges(list(ranges)))
        self._ranges = ranges

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """The ranges."""
        if isinstance(self._ranges, Mapping):
            return [(f"<{part}>", told) for part, told in self._ranges.items()]
        return [(f"<{part}>", help_text) for part in self._ranges]

    def shown(self, text: str, situation: Situation) -> str:
        """The range that a number is in."""
        for part in self._ranges:
            low, _, high = part.partition("-")
            if int(low) <= int(text) <= int(high):
                return f"<{part}>"
        return self.placeholder


class AsNumberType(TokenType):
    """The number of an autonomous system, as one number or as two of 16 bits (RFC 5396)."""

    _PLAIN, _DOTTED = "<1-4294967295>", "<1.0-XX.YY>"

    def __init__(self, name: str, help_text: str) -> None:
        super().__init__(name, self._PLAIN, help_text, 1, _as_number)

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """Both notations."""
        return [(self._PLAIN, help_text), (self._DOTTED, help_text)]

    def shown(self, text: str, situation: Situation) -> str:
        """The notation that a number is in."""
        return self._DOTTED if "." in text else self._PLAIN


class MadeNumberType(TokenType):
    """The number of an interface of one type that can be made by naming it: its range is the box's own."""

    def __init__(self, name: str, help_text: str, kind: str) -> None:
        """`kind` is the type of interface, `Port-channel`."""
        super().__init__(name, "", help_text, 1, _range(0, 2**32))
        self._kind = kind

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read one number in the range."""
        found = super().scan(line, start, situation)
        limits = situation.made(self._kind)
        if isinstance(found, Scanned) and limits and not limits[0] <= found.value <= limits[1]:
            return Unread(start)
        return found

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """The range."""
        return [(self.shown("", situation), help_text)]

    def shown(self, text: str, situation: Situation) -> str:
        """The range."""
        low, high = situation.made(self._kind) or (0, 0)
        return f"<{low}-{high}>"


_SPACED_LIST = re.compile(r"\d+(\s*[-,]\s*\d+)*(\s*[-,]\s*$)?")


class SpacedListType(TokenType):
    """A list whose commas and hyphens may stand apart: `1 - 3 , 7`."""

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read to the end of the list."""
        found = _SPACED_LIST.match(line, start)
        end = token_end(line, start) if found is None else token_end(line, found.end())
        try:
            value, text = self._convert("".join(line[start:end].split()))
        except ValueError:
            after = line[start:end].rstrip()
            return Unread(end if after.endswith((",", "-")) else start, partial=end == len(line))
        return Scanned(end, value, text)


class LineType(TokenType):
    """The rest of the line, inner spaces kept."""

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read up to the end of the line."""
        text = line[start:].rstrip()
        try:
            value, text = self._convert(text)
        except ValueError:
            return Unread(start)
        return Scanned(len(line), value, text)


def _same(text: str) -> tuple[Any, str]:
    return text, text


def _ipv4(text: str) -> tuple[Any, str]:
    try:
        value = IPv4Address(text)
    except AddressValueError as error:
        raise ValueError(text) from error
    return value, str(value)


def _mask(text: str) -> tuple[Any, str]:
    """A netmask or any other dotted quad; whether its bits are contiguous is for the handler to say."""
    return _ipv4(text)


def _mac(text: str) -> tuple[Any, str]:
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}(\.[0-9A-Fa-f]{1,4}){2}", text):
        raise ValueError(text)
    canonical = ".".join(f"{int(part, 16):04x}" for part in text.split("."))
    return canonical, canonical


def _host(text: str) -> tuple[Any, str]:
    """An address, or a name; what looks like a dotted quad has to be one."""
    try:
        return _ipv4(text)
    except ValueError:
        if re.fullmatch(r"[\d.]+", text):
            raise
        return text, text


def _numbers(text: str) -> tuple[Any, str]:
    """A list of numbers and ranges, `1,3-5`, as a sorted tuple."""
    found: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.partition("-")
        if not low.isascii() or not low.isdigit() or (dash and not (high.isascii() and high.isdigit())):
            raise ValueError(text)
        first, last = int(low), int(high or low)
        if not first <= last <= 4294967295 or last - first > 65535:
            raise ValueError(text)
        found.update(range(first, last + 1))
    return tuple(sorted(found)), text


def _range(low: int, high: int) -> Callable[[str], tuple[Any, str]]:
    def convert(text: str) -> tuple[Any, str]:
        if not (text.isascii() and text.isdigit()) or len(text) > 20 or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text), str(int(text))

    return convert


def _as_number(text: str) -> tuple[Any, str]:
    high, dot, low = text.rpartition(".")
    if not dot:
        return _range(1, 0xFFFFFFFF)(text)
    number = (_range(0, 0xFFFF)(high)[0] << 16) + _range(0, 0xFFFF)(low)[0]
    return _range(1, 0xFFFFFFFF)(str(number))


def number_type(low: int, high: int, help_text: str = "") -> TokenType:
    """The type that `<name:low-high>` names."""
    text = f"{low}-{high}"
    return TokenType(text, f"<{text}>", help_text, 1, _range(low, high))


def _clock(text: str) -> tuple[Any, str]:
    parts = text.split(":")
    if len(parts) != 3 or not all(re.fullmatch(r"[0-9]{1,2}", part) for part in parts):
        raise ValueError(text)
    hours, minutes, seconds = map(int, parts)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(text)
    return (hours, minutes, seconds), f"{hours:02}:{minutes:02}:{seconds:02}"


def _list(low: int, high: int) -> Callable[[str], tuple[Any, str]]:
    def convert(text: str) -> tuple[Any, str]:
        values, canonical = _numbers(text)
        if values[0] < low or values[-1] > high:
            raise ValueError(text)
        return values, canonical

    return convert


def _ranges(spec: Sequence[str]) -> Callable[[str], tuple[Any, str]]:
    """Several ranges."""
    pairs = [tuple(map(int, part.split("-"))) for part in spec]

    def convert(text: str) -> tuple[Any, str]:
        number, canonical = _range(0, 2**64)(text)
        if not any(low <= number <= high for low, high in pairs):
            raise ValueError(text)
        return number, canonical

    return convert


def _words(words: Sequence[str]) -> Callable[[str], tuple[Any, str]]:
    """One of a few words, which may be abbreviated; the value is the word in full."""

    def convert(text: str) -> tuple[Any, str]:
        hits = [word for word in words if word.lower().startswith(text.lower())]
        exact = [word for word in hits if len(word) == len(text)]
        if len(exact or hits) != 1:
            raise ValueError(text)
        word = (exact or hits)[0]
        return word, word

    return convert


def _pattern(pattern: str) -> Callable[[str], tuple[Any, str]]:
    compiled = re.compile(pattern)

    def convert(text: str) -> tuple[Any, str]:
        if not compiled.fullmatch(text):
            raise ValueError(text)
        return text, text

    return convert


_BASES: Mapping[str, tuple[int, Callable[[str], tuple[Any, str]]]] = {
    "word": (9, _same),
    "line": (9, _same),
    "ipv4": (1, _ipv4),
    "mask": (1, _mask),
    "mac": (1, _mac),
    "host": (5, _host),
    "clock": (1, _clock),
}


def make_type(name: str, spec: Mapping[str, Any]) -> ValueType:
    """Build a type from its entry in types.yaml.

    Raises ValueError (with what is wrong, in words) for an entry that does not fit.
    """
    from iosemu.parser.interfaces import InterfaceRangeType, InterfaceType, SourceType

    unknown = set(spec) - {"base", "placeholder", "help", "pattern", "range", "ranges", "words", "type"}
    if unknown:
        raise ValueError(f"type {name}: unknown key {min(unknown)}")
    base, help_text = spec.get("base", ""), spec.get("help", "")
    if base in {"interface", "new-interface"}:
        return InterfaceType(name, help_text, new=base == "new-interface")
    if base == "interface-range":
        return InterfaceRangeType(name, help_text)
    if base == "source":
        return SourceType(name, help_text)
    if base == "as-number":
        return AsNumberType(name, help_text)
    if base == "number" and "ranges" in spec:
        return NumberType(name, help_text, spec["ranges"])
    if base == "made-number" and "type" in spec:
        return MadeNumberType(name, help_text, spec["type"])
    placeholder = spec.get("placeholder")
    if placeholder is None:
        raise ValueError(f"type {name}: placeholder is missing")
    try:
        if base in _BASES:
            rank, convert = _BASES[base]
        elif base in {"list", "spaced-list"}:
            low, high = map(int, spec["range"].split("-"))
            rank, convert = 2, _list(low, high)
        elif base == "words":
            rank, convert = 2, _words(spec["words"])
        elif base == "pattern":
            rank, convert = 3, _pattern(spec["pattern"])
        else:
            raise ValueError(f"type {name}: unknown base {base!r}")
    except KeyError as error:
        raise ValueError(f"type {name}: {error.args[0]} is missing") from error
    except re.error as error:
        raise ValueError(f"type {name}: pattern: {error}") from error
    cls = {"line": LineType, "spaced-list": SpacedListType}.get(base, TokenType)
    return cls(name, placeholder, help_text, rank, convert)
