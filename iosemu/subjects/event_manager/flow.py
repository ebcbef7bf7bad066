"""Which action of an applet follows which: `if`, `while` and `foreach` with their `end` (EEM 3.0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from iosemu.subjects.event_manager.config import Action

OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")
LOOPS = frozenset(("while", "foreach"))


class FlowError(ValueError):
    """A block that does not fit; `at` is the place of the action at fault."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass
class Blocks:
    """Places of actions by the place of another."""

    after: dict[int, int] = field(default_factory=dict)
    """From `if` and `elseif` to the `elseif`, `else` or `end` that is next."""
    end: dict[int, int] = field(default_factory=dict)
    """From every part of a block, and from `break`, to its `end`."""
    start: dict[int, int] = field(default_factory=dict)
    """From the `end` of a loop, from `break` and `continue` to its beginning."""


def blocks(actions: Sequence[Action]) -> Blocks:
    """How the actions belong together; raises FlowError where they do not."""
    found = Blocks()
    open_: list[list[int]] = []
    """The parts of each block that is open."""
    leaving: dict[int, list[int]] = {}
    for at, action in enumerate(actions):
        kind = action.kind
        if kind in LOOPS or (kind == "if" and len(action.words) == 3):
            open_.append([at])
        elif kind in ("elseif", "else"):
            if not open_ or actions[open_[-1][-1]].kind not in ("if", "elseif"):
                raise FlowError(at)
            found.after[open_[-1][-1]] = at
            open_[-1].append(at)
        elif kind in ("break", "continue"):
            loop = next((parts[0] for parts in reversed(open_) if actions[parts[0]].kind in LOOPS), None)
            if loop is None:
                raise FlowError(at)
            found.start[at] = loop
            leaving.setdefault(loop, []).append(at)
        elif kind == "end":
            if not open_:
                raise FlowError(at)
            parts = open_.pop()
            if actions[parts[0]].kind in LOOPS:
                found.start[at] = parts[0]
                parts = [*parts, *leaving.pop(parts[0], ())]
            elif actions[parts[-1]].kind != "else":
                found.after[parts[-1]] = at
            found.end.update(dict.fromkeys(parts, at))
    if open_:
        raise FlowError(open_[-1][0])
    return found


def holds(left: str, operator: str, right: str) -> bool:
    """Whether a comparison holds: of numbers where both are, else of texts."""
    try:
        order = (int(left) > int(right)) - (int(left) < int(right))
    except ValueError:
        order = (left > right) - (left < right)
    return {
        "eq": order == 0,
        "ne": order != 0,
        "gt": order > 0,
        "ge": order >= 0,
        "lt": order < 0,
        "le": order <= 0,
    }[operator]


def calculated(kind: str, left: str, right: str) -> dict[str, str]:
    """The variables that a calculation sets; raises ValueError for what is no number, ZeroDivisionError."""
    first, second = int(left), int(right)
    match kind:
        case "add":
            return {"_result": str(first + second)}
        case "subtract":
            return {"_result": str(first - second)}
        case "multiply":
            return {"_result": str(first * second)}
    quotient = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
    return {"_result": str(quotient), "_remainder": str(first - quotient * second)}
