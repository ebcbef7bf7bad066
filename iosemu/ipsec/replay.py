"""The anti-replay window of an inbound SA (RFC 4303, 3.4.3)."""

from __future__ import annotations

DEFAULT_WINDOW = 64
"""Packets, as IOS has it unless `crypto ipsec security-association replay window-size` says otherwise."""


class ReplayWindow:
    """A sliding bit map of the sequence numbers seen; `size` in packets, 0 switches the check off.

    A number is checked first and recorded only after the packet proved genuine, so that forged packets do
    not move the window.
    """

    __slots__ = ("_bits", "_mask", "highest", "size")

    def __init__(self, size: int = DEFAULT_WINDOW) -> None:
        if size < 0:
            raise ValueError(f"a replay window cannot have {size} packets")
        self.size = size
        self.highest = 0
        self._bits = 0
        self._mask = (1 << size) - 1

    def check(self, sequence: int) -> bool:
        """Whether `sequence` is new and not older than the window."""
        if not self.size:
            return True
        if sequence == 0:
            return False
        behind = self.highest - sequence
        if behind < 0:
            return True
        return behind < self.size and not self._bits >> behind & 1

    def record(self, sequence: int) -> None:
        """Mark `sequence` as seen and move the window up to it."""
        ahead = sequence - self.highest
        if ahead > 0:
            self.highest = sequence
            self._bits = (self._bits << ahead | 1) & self._mask if ahead < self.size else 1
        elif -ahead < self.size:
            self._bits |= 1 << -ahead
