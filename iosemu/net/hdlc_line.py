"""One end of an HDLC line: whether the other end still answers the keepalives."""

from __future__ import annotations

from iosemu.packets.hdlc import SlarpKeepalive

LOST = 3
"""Keepalives without an answer that a line bears."""


class HdlcLine:
    """Counts keepalives; a line is alive while the other end gave back one of the last `LOST` numbers."""

    def __init__(self) -> None:
        self.mine = 0
        """The number of the last keepalive sent."""
        self.seen = 0
        """The last number of the other end."""
        self.returned = 0
        """The last number of ours that the other end gave back."""

    @property
    def alive(self) -> bool:
        """Whether the other end answers, or may still do so."""
        return self.mine - self.returned <= LOST

    def receive(self, keepalive: SlarpKeepalive) -> None:
        """A keepalive came; a number that was never sent is left over from before a restart."""
        self.seen = keepalive.mine
        if self.returned <= keepalive.yours <= self.mine:
            self.returned = keepalive.yours

    def keepalive(self) -> SlarpKeepalive:
        """The next one to send."""
        self.mine += 1
        return SlarpKeepalive(self.mine, self.seen)
