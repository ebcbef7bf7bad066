"""Interface names as values: `fa0/0`, `f 0/0`, `FastEthernet 0/0.10`, `vlan 1`, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from iosemu.parser.situation import Situation
from iosemu.parser.types import Row, Scanned, Unread, token_end

_NUMBERED = re.compile(r"([A-Za-z][A-Za-z-]*?)(\d.*)?")
_LETTERS = re.compile(r"[A-Za-z-]*")
_PIECES = re.compile(r"\d+|[/.:]|\S")
_SUBINTERFACE = range(1, 4294967296)


def split_name(name: str) -> tuple[str, str]:
    """`FastEthernet0/1` → (`FastEthernet`, `0/1`)."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], found[2] or "") if found else (name, "")


@lru_cache(maxsize=256)
def _by_type(names: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name in names:
        kind, number = split_name(name)
        found.setdefault(kind, []).append(number)
    return {kind: tuple(numbers) for kind, numbers in found.items()}


class InterfaceType:
    """An interface of the device; with `new`, also one that comes to be by naming it."""

    def __init__(self, name: str, help_text: str, new: bool) -> None:
        self.name = name
        self.placeholder = "interface"
        self.help = help_text
        self.rank = 0
        self._new = new

    def _makes(self, situation: Situation) -> bool:
        """Whether the name may be that of an interface which does not exist yet."""
        return self._new or situation.loading

    def _types(self, situation: Situation) -> Mapping[str, Collection[str]]:
        types: Mapping[str, Collection[str]] | None = situation.interface_types
        if types is None:
            types = _by_type(tuple(situation.interfaces))
        if self._makes(situation):
            new = (name for name, words in situation.types.items() if words.made is not None)
            return {**dict.fromkeys(new, ()), **types}
        return types

    def shown(self, text: str, situation: Situation) -> str:
        """The placeholder."""
        return self.placeholder

    def keywords(self, situation: Situation) -> Sequence[str]:
        """The interface types of the device."""
        return tuple(self._types(situation))

    def _kind(self, text: str, situation: Situation) -> list[str]:
        typed = text.lower()
        hits = [kind for kind in self._types(situation) if kind.lower().startswith(typed)]
        exact = [kind for kind in hits if len(kind) == len(typed)]
        return exact or hits

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read a type and a number, together or apart."""
        letters = _LETTERS.match(line, start)
        end = letters.end() if letters else start
        if end == start:
            return Unread(start)
        text = line[start:end]
        hits = self._kind(text, situation)
        if not hits:
            return Unread(start + self._longest(text, situation))
        if len(hits) > 1:
            return Unread(end, ambiguous=True)
        at = end
        while at < len(line) and line[at].isspace():
            at += 1
        if at == len(line):
            return Unread(at, partial=True)
        return self._number(hits[0], line, at, situation)

    def _longest(self, text: str, situation: Situation) -> int:
        kinds = [kind.lower() for kind in self._types(situation)]
        length = len(text)
        while length and not any(kind.startswith(text[:length].lower()) for kind in kinds):
            length -= 1
        return length

    def _number(self, kind: str, line: str, at: int, situation: Situation) -> Scanned | Unread:
        end = at
        while end < len(line) and not line[end].isspace():
            end += 1
        text = line[at:end]
        numbers = self._types(situation)[kind]
        if text in numbers:
            return Scanned(end, kind + text, kind + text)
        column = at
        typed = ""
        for piece in _PIECES.findall(text):
            is_number = piece.isascii() and piece.isdigit()
            typed += str(int(piece)) if is_number and len(piece) < 12 else piece
            if typed not in self._starts(kind, numbers, situation, typed):
                return Unread(column)
            column += len(piece)
        if typed in numbers or self._may_be_made(kind, typed, numbers, situation):
            return Scanned(end, kind + typed, kind + typed)
        return Unread(end, partial=end == len(line))

    def _starts(
        self, kind: str, numbers: Collection[str], situation: Situation, typed: str
    ) -> tuple[str, ...] | set[str]:
        """`typed` itself in a container when some number begins with it, piece by piece."""
        if typed in numbers or self._may_be_made(kind, typed, numbers, situation):
            return (typed,)
        if (
            self._makes(situation)
            and typed.endswith(".")
            and typed[:-1] in numbers
            and situation.carries(kind)
        ):
            return (typed,)
        for number in numbers:
            if number.startswith(typed) and not (typed[-1].isdigit() and number[len(typed)].isdigit()):
                return (typed,)
        return ()

    def _may_be_made(self, kind: str, typed: str, numbers: Collection[str], situation: Situation) -> bool:
        if not self._makes(situation):
            return False
        limits = situation.made(kind)
        if limits is not None and typed.isascii() and typed.isdigit():
            return limits[0] <= int(typed) <= limits[1]
        parent, dot, number = typed.partition(".")
        return bool(
            dot
            and situation.carries(kind)
            and parent in numbers
            and number.isdigit()
            and int(number) in _SUBINTERFACE
        )

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """The device's interface types."""
        known = situation.types
        return [
            (kind, known[kind].help if kind in known else f"{kind} interface")
            for kind in self._types(situation)
        ]

    def inside(self, line: str, start: int, help_text: str, situation: Situation) -> Sequence[Row] | None:
        """The number range after the type, `/` after a slot, the ports after it."""
        letters = _LETTERS.match(line, start)
        end = letters.end() if letters else start
        kinds = self._kind(line[start:end], situation) if end > start else []
        if end == len(line) or len(kinds) != 1:
            return None
        (kind,) = kinds
        typed = line[end:].lstrip()
        if " " in typed.rstrip():
            return None
        typed, spaced = typed.rstrip(), typed != typed.rstrip()
        label = f"{kind} interface number"
        numbers = list(self._types(situation)[kind])
        limits = situation.made(kind) if self._new else None
        if not typed:
            if limits is not None:
                return [(f"<{limits[0]}-{limits[1]}>", label)]
            return [(_span(number for number in numbers), label)]
        if typed[-1] in "/.:":
            if typed[-1] == "." and typed[:-1] in numbers and self._new:
                return [(f"<0-{_SUBINTERFACE.stop - 1}>", label)]
            rest = [number[len(typed) :] for number in numbers if number.startswith(typed)]
            return [(_span(rest), label)] if rest else None
        if any(number.startswith(f"{typed}/") for number in numbers):
            return [("/", "")]
        if spaced or typed in numbers:
            return None
        return None

    def completions(self, line: str, start: int, situation: Situation) -> Sequence[str]:
        """The type in full, its first letter small as the keyword tables have it."""
        typed = line[start:].lower()
        if not typed or not typed.replace("-", "").isalpha():
            return []
        return [kind[0].lower() + kind[1:] for kind in self._kind(typed, situation)]


def _span(numbers: Iterator[str] | Sequence[str]) -> str:
    heads = [int(found[0]) for number in numbers if (found := re.match(r"\d+", number))]
    return f"<{min(heads, default=0)}-{max(heads, default=0)}>"


class InterfaceRangeType(InterfaceType):
    """Interfaces in the form of `interface range`: `fa0/1 - 5 , fa0/7`; a tuple of canonical names."""

    def __init__(self, name: str, help_text: str) -> None:
        super().__init__(name, help_text, new=False)

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read to the end of the list."""
        names: list[str] = []
        texts: list[str] = []
        at = start
        while True:
            stop = self._stop(line, at)
            first = super().scan(line[:stop], at, situation)
            if isinstance(first, Unread):
                return Unread(first.column, first.partial and stop == len(line), first.ambiguous)
            names.append(first.value)
            text = first.text
            at = _skip(line, first.end)
            if at < len(line) and line[at] == "-":
                at = _skip(line, at + 1)
                found = re.compile(r"\d+").match(line, at)
                if found is None:
                    return Unread(at, partial=at == len(line))
                more = self._through(first.value, int(found[0]), situation)
                if more is None:
                    return Unread(at)
                names.extend(more)
                text = f"{text} - {int(found[0])}"
                at = _skip(line, found.end())
            texts.append(text)
            if at < len(line) and line[at] == ",":
                at = _skip(line, at + 1)
                if at == len(line):
                    return Unread(at, partial=True)
                continue
            return Scanned(at, tuple(dict.fromkeys(names)), " , ".join(texts))

    @staticmethod
    def _stop(line: str, at: int) -> int:
        """Where the interface name that starts at `at` ends (before a comma or a range's dash)."""
        found = re.compile(r"[A-Za-z][A-Za-z-]*\s*[\d/.]*").match(line, at)
        return found.end() if found else len(line)

    def _through(self, first: str, last: int, situation: Situation) -> list[str] | None:
        found = re.fullmatch(r"(.*?)(\d+)", first)
        if found is None or last < int(found[2]) or last - int(found[2]) > 4096:
            return None
        names = [f"{found[1]}{number}" for number in range(int(found[2]) + 1, last + 1)]
        known = situation.names
        return names if all(name in known for name in names) else None

    def inside(self, line: str, start: int, help_text: str, situation: Situation) -> Sequence[Row] | None:
        """As for the last interface of the list."""
        return super().inside(line, _skip(line, line.rfind(",", start) + 1 or start), help_text, situation)


def _skip(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


class SourceType(InterfaceType):
    """An interface of the device (its canonical name) or an address (IPv4Address)."""

    def __init__(self, name: str, help_text: str) -> None:
        super().__init__(name, help_text, new=False)

    def scan(self, line: str, start: int, situation: Situation) -> Scanned | Unread:
        """Read an address where a digit stands, else an interface."""
        if not line[start].isdigit():
            return super().scan(line, start, situation)
        end = token_end(line, start)
        try:
            address = IPv4Address(line[start:end])
        except AddressValueError:
            return Unread(start)
        return Scanned(end, address, str(address))

    def rows(self, help_text: str, situation: Situation) -> Sequence[Row]:
        """The interface types, and an address."""
        return [*super().rows(help_text, situation), ("A.B.C.D", "IP address")]
