"""What a port counts while `mls qos` is on."""

from __future__ import annotations

from dataclasses import dataclass, field


def _zeros(count: int) -> list[int]:
    return [0] * count


@dataclass(slots=True)
class Statistics:
    """Frames by their marks as they came in and as they left, and what policers said of them."""

    dscp_in: list[int] = field(default_factory=lambda: _zeros(64))
    dscp_out: list[int] = field(default_factory=lambda: _zeros(64))
    cos_in: list[int] = field(default_factory=lambda: _zeros(8))
    cos_out: list[int] = field(default_factory=lambda: _zeros(8))
    enqueued: list[list[int]] = field(default_factory=lambda: [_zeros(3) for _ in range(4)])
    """By output queue and threshold."""
    dropped: list[list[int]] = field(default_factory=lambda: [_zeros(3) for _ in range(4)])
    in_profile: int = 0
    out_of_profile: int = 0

    def clear(self) -> None:
        """Count from zero."""
        self.dscp_in, self.dscp_out = _zeros(64), _zeros(64)
        self.cos_in, self.cos_out = _zeros(8), _zeros(8)
        self.enqueued, self.dropped = [_zeros(3) for _ in range(4)], [_zeros(3) for _ in range(4)]
        self.in_profile = self.out_of_profile = 0
