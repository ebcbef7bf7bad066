"""`action LABEL string …`: functions of texts, as Tcl has them (EEM 3.0)."""

from __future__ import annotations

import fnmatch

KINDS = {
    "compare": 2, "equal": 2, "first": 2, "index": 2, "last": 2, "length": 1, "match": 2, "range": 3, "replace": 3,
    "tolower": 1, "toupper": 1, "trim": 1, "trimleft": 1, "trimright": 1,
}  # fmt: skip
"""How many words each needs."""
LONGEST = 256
"""Characters of a pattern."""


def _place(word: str, text: str) -> int:
    """A number, `end` or `end-N`; raises ValueError for anything else."""
    if word.startswith("end"):
        return len(text) - 1 - int(word[4:] or 0 if word[3:4] == "-" else word[3:] or 0)
    return int(word)


def _compared(words: list[str], nocase: bool, length: int | None) -> int:
    first, second = (word.lower() if nocase else word for word in words[:2])
    if length is not None:
        first, second = first[:length], second[:length]
    return (first > second) - (first < second)


def result(kind: str, words: list[str], *, nocase: bool = False, length: int | None = None) -> str:
    """What becomes `$_string_result`. Raises ValueError for a place that is no number."""
    match kind:
        case "compare":
            return str(_compared(words, nocase, length))
        case "equal":
            return str(int(_compared(words, nocase, length) == 0))
        case "first":
            return str(words[1].find(words[0], int(words[2]) if len(words) > 2 else 0))
        case "last":
            return str(words[1].rfind(words[0], 0, int(words[2]) + len(words[0]) if len(words) > 2 else None))
        case "index":
            place = _place(words[1], words[0])
            return words[0][place] if 0 <= place < len(words[0]) else ""
        case "length":
            return str(len(words[0]))
        case "match":
            pattern, text = (word.lower() if nocase else word for word in words[:2])
            if len(pattern) > LONGEST or pattern.count("*") > 8:
                raise ValueError("the pattern is too long")
            return str(int(fnmatch.fnmatchcase(text, pattern)))
        case "range":
            first, last = _place(words[1], words[0]), _place(words[2], words[0])
            return words[0][max(first, 0) : last + 1] if last >= 0 else ""
        case "replace":
            text, first, last = words[0], max(_place(words[1], words[0]), 0), _place(words[2], words[0])
            if first > last or first >= len(text) or last < 0:
                return text
            return text[:first] + (words[3] if len(words) > 3 else "") + text[last + 1 :]
        case "tolower" | "toupper":
            changed = words[0].lower() if kind == "tolower" else words[0].upper()
            if len(words) == 1:
                return changed
            first = max(_place(words[1], words[0]), 0)
            last = _place(words[2], words[0]) if len(words) > 2 else first
            return words[0][:first] + changed[first : last + 1] + words[0][last + 1 :]
    letters = words[1] if len(words) > 1 else None
    return {"trim": words[0].strip, "trimleft": words[0].lstrip, "trimright": words[0].rstrip}[kind](letters)
