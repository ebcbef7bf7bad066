"""From values back to the words of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iosemu.parser.loader import Grammar


class Renderer:
    """What makes configuration text of configuration: the grammar, read backwards."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def __call__(self, mode: str, target: Any, *, only: Sequence[str] = (), **facts: Any) -> list[str]:
        """The lines of `target` in `mode`, in grammar order, defaults hidden; `facts` go to `shows:` functions.

        `only`: these fields of `target`, in this order.
        """
        if only:
            return self._grammar.modes[mode].render_fields(target, only)
        return self._grammar.modes[mode].render(target, **facts)

    def spell(self, type_name: str, value: Any) -> str:
        """The words of a fragment or of named values: `permit tcp any any eq www`.

        Raises ValueError when the type has no form for the value.
        """
        return self._grammar.spell(type_name, value)
