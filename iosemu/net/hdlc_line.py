"""One end of an HDLC line: whether the other end still answers the keepalives."""

from __future__ import annotations

from iosemu.packets.hdlc import SlarpKeepalive

LOST = 3
"""Keepalives without an answer that a line bears."""


class HdlcLine:
    """Counts keepalives; a line is alive while the other end gave back one of the last `LOST` numbers."""

    def __init__(self, clock: int = 0) -> None:
        self.clock = clock
        """What its own clock shows at lab time 0, milliseconds: a number that the other end does not have."""
        self.looped = False
        """The last keepalive that came was one of its own."""
        self._sent: SlarpKeepalive | None = None
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
        self.looped = keepalive == self._sent
        if self.looped:
            self.returned = self.mine
            return
        self.seen = keepalive.mine
        if self.returned <= keepalive.yours <= self.mine:
            self.returned = keepalive.yours

    def keepalive(self, now: float = 0.0) -> SlarpKeepalive:
        """The next one to send, at lab time `now`."""
        self.mine += 1
        self._sent = SlarpKeepalive(self.mine, self.seen, (self.clock + int(now * 1000)) & 0xFFFFFFFF)
        return self._sent
