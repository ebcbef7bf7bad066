"""Expected lines: literal text with inline patterns such as `{{int}}`, and `...` for any lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile

from iosemu.handling.regexp import Regexp, RegexpError, quoted, regexp

KINDS: dict[str, str] = {
    "int": r"\d+",
    "hex": r"[0-9A-Fa-f]+",
    "spi": r"0x[0-9A-Fa-f]{1,8}",
    "time": r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?",
    "date": r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d{4}|[A-Z][a-z]{2} +\d{1,2}(?: \d{4})?",
    "mac": r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}",
    "ip": r"\d{1,3}(?:\.\d{1,3}){3}",
    "word": r"\S+",
    "space": r" +",
    "any": r".*?",
    "…": r".*?",
}
"""Name of a pattern → the regular expression it stands for."""

ANY_LINES = "..."
"""A line of its own that stands for any number of lines."""

_BESIDE = 0.002
_TAKEN_IN = 0.001
"""Scores of an alignment, beside 1 for a match: a line replaced by an unlike one, one that `...` takes in."""

Names = Mapping[str, str]
"""What `{{kind=name}}` has bound so far."""

_PLACEHOLDER = re.compile(r"\\(\{\{)|\{\{(?:(re:.*?)\}\}(?!\})|(.*?)\}\})")
REFUSED = re.compile(
    r"^\s*%\s*(Invalid|Incomplete|Ambiguous|Unrecognized|Unknown|Bad|Cannot|Can't|Unable|Error|No such|Not )"
    r"|^\s*%.* (overlaps with|is invalid|not supported|not allowed|does not exist)|^Invalid Command",
    re.MULTILINE | re.IGNORECASE,
)
"""How IOS and a PC refuse a line; a `%` alone may also begin a remark."""
PROMPT = re.compile(r"[\w.\-]+(?:\([\w\-]+\))?[>#] ?|[A-Z]:\\>")
"""What a line begins with that looks typed."""


class PatternError(ValueError):
    """An inline pattern that does not exist or is malformed; the message says which are there."""


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str = ""
    """Literal text, when `regex` is empty."""
    regex: str = ""
    name: str = ""


class Expected:
    """One expected line, compiled.

    Raises PatternError for an unknown or malformed `{{…}}`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.any_lines = text.strip() == ANY_LINES
        self._pieces = () if self.any_lines else tuple(_split(text))
        last = next(
            (piece for piece in reversed(self._pieces) if piece.text or piece.regex or piece.name), None
        )
        self._exact_end = last is not None and last.regex == KINDS["space"]
        self._plain: Regexp | None = None
        if not any(piece.name for piece in self._pieces):
            self._plain = self._compile({})

    def match(self, line: str, names: Names) -> Names | None:
        """The names bound after matching `line`, or None when it does not match.

        Blanks at the end of a line count only where the expected line ends in `{{space}}`.
        """
        compiled = self._plain or self._compile(names)
        found = None if self._exact_end else compiled.groups_of(line.rstrip())
        if found is None:
            found = compiled.groups_of(line)
        if found is None:
            return None
        bound: dict[str, str] = {}
        for key, value in found.items():
            if bound.setdefault(key.partition("_")[2], value) != value:
                return None
        return {**names, **bound} if bound else names

    def _compile(self, names: Names) -> Regexp:
        """The whole line; a name that stands in it again is a further group, `n1_NAME`, that must be the same."""
        seen: Counter[str] = Counter()
        regexes: dict[str, str] = {}
        parts: list[str] = []
        for piece in self._pieces:
            if not piece.regex and not piece.name:
                parts.append(quoted(piece.text))
            elif not piece.name:
                parts.append(f"(?:{piece.regex})")
            elif piece.name in names:
                parts.append(quoted(names[piece.name]))
            else:
                expression = piece.regex or regexes.get(piece.name) or KINDS["word"]
                regexes[piece.name] = expression
                parts.append(f"(?P<n{seen[piece.name]}_{piece.name}>{expression})")
                seen[piece.name] += 1
        return regexp("".join(parts))


def _split(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    text = unshield(text).rstrip()
    position = 0
    for found in _PLACEHOLDER.finditer(text):
        pieces.append(_Piece(text[position : found.start()]))
        position = found.end()
        if found[1] is not None:
            pieces.append(_Piece("{{"))
        else:
            pieces.append(_placeholder((found[2] or found[3]).strip()))
    rest = text[position:]
    if "{{" in rest:
        raise PatternError(
            f"a pattern is opened by {{{{ and never closed: {rest!r} (write \\{{{{ for the text itself)"
        )
    pieces.append(_Piece(rest))
    return pieces


def _placeholder(inner: str) -> _Piece:
    if inner.startswith("re:"):
        try:
            regexp(inner[3:])
        except RegexpError as error:
            raise PatternError(f"{{{{{inner}}}}} is not a regular expression: {error}") from error
        return _Piece(regex=inner[3:])
    kind, equals, name = inner.partition("=")
    if equals and not name.isidentifier():
        raise PatternError(f"{{{{{inner}}}}}: the name after = must be letters, digits and _")
    if kind == "" and equals:
        return _Piece(name=name)
    if kind not in KINDS:
        raise PatternError(
            f"{{{{{inner}}}}} is no pattern: use one of {', '.join(KINDS)}, re:REGEX or \\{{{{ for the text"
        )
    return _Piece(regex=KINDS[kind], name=name)


def match_lines(expected: Sequence[Expected], lines: Sequence[str], names: Names) -> Names | None:
    """The names bound when all of `lines` are what `expected` says, else None."""
    i = j = 0
    star: tuple[int, int, Names] | None = None
    while j < len(lines) or i < len(expected):
        if i < len(expected) and expected[i].any_lines:
            star = (i + 1, j, names)
            i += 1
            continue
        if i < len(expected) and j < len(lines):
            bound = expected[i].match(lines[j], names)
            if bound is not None:
                names, i, j = bound, i + 1, j + 1
                continue
        if star is None or star[1] >= len(lines):
            return None
        i, j, names = star[0], star[1] + 1, star[2]
        star = (i, j, names)
    return names


Pair = tuple[Expected | None, str | None]
"""An expected line beside the line that came; None where one has no partner."""


def align(expected: Sequence[Expected], lines: Sequence[str], names: Names) -> list[Pair]:
    """Lay expected and actual lines side by side with as many matching pairs as possible.

    `...` is paired with each line that it takes in, or with None if it takes none.
    """
    rows, columns = len(expected), len(lines)
    scores = [[_score(item, line, names) for line in lines] for item in expected]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns, -1, -1):
            score = best[i + 1][j]
            if j < columns:
                if expected[i].any_lines:
                    score = max(score, best[i][j + 1] + _TAKEN_IN)
                else:
                    score = max(score, best[i][j + 1], best[i + 1][j + 1] + scores[i][j])
            best[i][j] = score
    return _trace(expected, lines, scores, best)


def _score(item: Expected, line: str, names: Names) -> float:
    if item.any_lines:
        return 0.0
    if item.match(line, names) is not None:
        return 1.0
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(item.text, line, strict=False)))
    alike = same / (max(len(item.text), len(line)) or 1)
    return _BESIDE + 0.4 * alike


def _trace(
    expected: Sequence[Expected], lines: Sequence[str], scores: list[list[float]], best: list[list[float]]
) -> list[Pair]:
    pairs: list[Pair] = []
    i = j = 0
    taken = False
    while i < len(expected) or j < len(lines):
        if i == len(expected):
            pairs.append((None, lines[j]))
            j += 1
        elif expected[i].any_lines:
            if j < len(lines) and best[i][j] == best[i][j + 1] + _TAKEN_IN:
                pairs.append((expected[i], lines[j]))
                j, taken = j + 1, True
                continue
            if not taken:
                pairs.append((expected[i], None))
            i, taken = i + 1, False
        elif j == len(lines):
            pairs.append((expected[i], None))
            i += 1
        elif best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            pairs.append((expected[i], lines[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            pairs.append((None, lines[j]))
            j += 1
        else:
            pairs.append((expected[i], None))
            i += 1
    return pairs


def renew(item: Expected, line: str, names: Names, cursor: str = "") -> str:
    """An expected line for what came instead, which keeps those patterns that still fit.

    Patterns are kept word by word, where the lines have as many words and most of the others are the same.
    """
    old, new = unshield(item.text).split(), line.split()
    text = _literal(line)
    others = [was == now for was, now in zip(old, new, strict=False) if "{{" not in was]
    if len(old) != len(new) or sum(others) * 2 < len(others):
        return escape(line, cursor)
    for index, was in enumerate(old):
        with suppress(PatternError):
            if "{{" in was and Expected(was).match(new[index], names) is not None:
                new[index] = was
                continue
        new[index] = text.split()[index]
    words = iter(new)
    renewed = _shield(re.sub(r"\S+", lambda _: next(words), text), cursor)
    with suppress(PatternError):
        if Expected(renewed).match(line, names) is not None:
            return renewed
    return escape(line, cursor)


def shielded(text: str) -> bool:
    """Whether a line of the file is output whatever it looks like, by the `\\` at its start."""
    return text.startswith("\\") and not text.startswith("\\{{")


def unshield(text: str) -> str:
    """A line of the file without the `\\` that keeps it from being read as anything but output."""
    return text[1:] if shielded(text) else text


def is_typed(text: str, cursor: str) -> bool:
    """Whether a line stands behind the prompt or question where the cursor is."""
    return bool(cursor.strip()) and (text.startswith(cursor) or text.rstrip() == cursor.rstrip())


def escape(line: str, cursor: str = "") -> str:
    """Text of a device as an expected line that matches just it, when `cursor` is what it shows next."""
    return _shield(_literal(line), cursor)


def _literal(line: str) -> str:
    return line.rstrip().replace("{{", "\\{{")


def _shield(text: str, cursor: str) -> str:
    notation = (
        text.startswith(("@", "# ", "#!")) or text == "#" or text.strip() == ANY_LINES or shielded(text)
    )
    return "\\" + text if notation or PROMPT.match(text) or is_typed(text, cursor) else text
