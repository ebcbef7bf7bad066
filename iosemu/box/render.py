"""What configuration text is made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Render(Protocol):
    """What makes configuration text of configuration: the grammar, read backwards."""

    def __call__(self, mode: str, target: Any, *, only: Sequence[str] = (), **facts: Any) -> list[str]:
        """The configuration lines of `target` in `mode`, in grammar order, defaults hidden.

        `only`: these fields of it, in this order. `facts` go to the functions that the grammar names by `shows:`.
        """
        ...

    def spell(self, type_name: str, value: Any) -> str:
        """The words that a fragment or a type with named values has for `value`."""
        ...
