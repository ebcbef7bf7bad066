"""What a transcript types: text with keystrokes such as `<Tab>` into the bytes a terminal sends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from iosemu.testing.patterns import Names

KEYS: dict[str, bytes] = {
    "Enter": b"\r",
    "Tab": b"\t",
    "Space": b" ",
    "Esc": b"\x1b",
    "Backspace": b"\x7f",
    "Up": b"\x1b[A",
    "Down": b"\x1b[B",
    "Right": b"\x1b[C",
    "Left": b"\x1b[D",
    "Home": b"\x1b[H",
    "End": b"\x1b[F",
    "Ctrl-Shift-6": b"\x1e",
    "Break": b"\x1e",
    **{f"Ctrl-{letter}": bytes([ord(letter) - 64]) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{f"Esc-{letter}": b"\x1b" + letter.lower().encode() for letter in "BCDFLU"},
}
"""Name of a keystroke, as in `<Tab>` → the bytes."""

_BY_LOWER = {name.lower(): name for name in KEYS}
_TOKEN = re.compile(r"\\<|<([A-Za-z][A-Za-z0-9-]*)>|\{\{=(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What one transcript line types."""

    data: bytes
    text: str
    """The printable part: what the device is expected to echo."""
    ends_line: bool
    """Enter is pressed at the end (no key that acts at once stands there)."""


def typed(text: str, names: Names) -> Typed:
    """Translate the text after a prompt; Enter is added unless it ends in a keystroke or `?`.

    `\\<` is a literal `<` and `\\?` at the end a literal `?`; `{{=name}}` inserts what a pattern has
    bound. Raises ValueError for an unknown name.
    """
    data = bytearray()
    shown: list[str] = []
    position = 0
    acts = False
    for found in _TOKEN.finditer(text):
        literal = text[position : found.start()]
        data += literal.encode()
        shown.append(literal)
        position = found.end()
        acts = False
        if found[1] is not None:
            name = _BY_LOWER.get(found[1].lower())
            if name is None:
                raise ValueError(
                    f"<{found[1]}> is no key: use one of {', '.join(KEYS)}, or \\< for the character itself"
                )
            data += KEYS[name]
            acts = position == len(text)
        elif found[2] is not None:
            if found[2] not in names:
                raise ValueError(f"{{{{={found[2]}}}}}: no pattern above has bound that name")
            data += names[found[2]].encode()
            shown.append(names[found[2]])
        else:
            data += b"<"
            shown.append("<")
    rest = text[position:]
    if rest.endswith("\\?"):
        rest = rest[:-2] + "\x16?"
    elif rest.endswith("?"):
        acts = True
    elif rest:
        acts = False
    data += rest.encode()
    shown.append(rest)
    if not acts:
        data += b"\r"
    return Typed(bytes(data), "".join(shown), not acts)
