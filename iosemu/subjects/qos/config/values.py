"""Several values in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Values:
    """Code points or precedences, in the order in which they were typed."""

    values: tuple[int, ...]

    @classmethod
    def from_parts(
        cls,
        v1: int,
        v2: int | None = None,
        v3: int | None = None,
        v4: int | None = None,
        v5: int | None = None,
        v6: int | None = None,
        v7: int | None = None,
        v8: int | None = None,
    ) -> Values:
        """As the grammar has them."""
        return cls(tuple(each for each in (v1, v2, v3, v4, v5, v6, v7, v8) if each is not None))

    def parts(self) -> dict[str, int]:
        """As the grammar has them."""
        return {f"v{number}": value for number, value in enumerate(self.values, 1)}
