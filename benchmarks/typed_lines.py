"""Lines that the grammar takes where a session stands, made word by word from its help."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from iosemu.parser.results import Help
from iosemu.shell.executor import Executor

DEPTH = 12
"""Words of a line at most."""
LEFT_OUT = frozenset({"do", "end", "exit", "help", "default", "hostname", "banner", "alias", "privilege", "username",
                      "enable"})  # fmt: skip
"""First words that lead elsewhere, or whose values are text to the end of the line."""
OFTEN = ("interface", "crypto", "ip", "tunnel", "vlan", "line", "access-list", "set", "match", "switchport")
"""First words that are tried more often than the others: the names of things, and what refers to them."""
VALUES = {
    "A.B.C.D": ["10.0.0.1", "192.0.2.7", "255.255.255.0", "0.0.0.255", "198.51.100.0"],
    "H.H.H": ["0200.0000.0001"],
    "hh:mm": ["10:00"],
    "hh:mm:ss": ["10:00:00"],
}
NAMES = ["A1", "B2", "C3"]
NUMBERED = ["0", "1", "7"]

Choose = Callable[[Sequence[str]], str]
Coin = Callable[[], bool]


def values(word: str) -> list[str]:
    """What may be typed for a row of help: the keyword, or values of the type it stands for."""
    span = re.fullmatch(r"<(\d+)-(\d+)>", word)
    if span:
        low, high = int(span[1]), int(span[2])
        return [str(number) for number in dict.fromkeys([low, min(low + 3, high), high])]
    if word in VALUES:
        return VALUES[word]
    if word[0].isupper() and word[-1].islower():  # an interface type
        return [word + number for number in NUMBERED] + [f"{word}0/{number}" for number in NUMBERED]
    if word.isupper() or word.startswith("<"):
        return NAMES
    return [word]


def line(
    executor: Executor, choose: Choose, coin: Coin, start: str = "", left_out: frozenset[str] = LEFT_OUT
) -> str:
    """A line that the grammar takes in the mode where the executor is; `start` is what it begins with."""
    typed = start
    mode = executor.grammar.modes[executor.mode]
    for place in range(DEPTH):
        found = mode.help(typed, executor.situation())
        if not isinstance(found, Help):
            return typed
        rows = [word for word, _text in found.rows if place or word not in left_out]
        if found.cr and (not rows or coin()):
            return typed
        if not rows:
            return typed
        often = [word for word in rows if not place and word in OFTEN]
        word = choose(often or rows) if coin() else choose(rows)
        typed += choose(values(word)) + " "
    return typed
