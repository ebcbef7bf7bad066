"""Several values in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Values:
    """Code points or precedences, in the order in which they were typed."""

    values: tuple[int, ...]

    @classmethod
    def from_parts(cls, **parts: int) -> Values:
        """From `v1`, `v2` … of the grammar."""
        return cls(tuple(parts[name] for name in sorted(parts)))

    def parts(self) -> dict[str, int]:
        """As the grammar has them."""
        return {f"v{number}": value for number, value in enumerate(self.values, 1)}
