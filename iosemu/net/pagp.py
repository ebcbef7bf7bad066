"""Port aggregation by PAgP on one port, sans-IO; behaviour as Cisco documents it (reference: SWITCHING.md).

Used as `LacpPort` is. Times are lab seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from iosemu.packets.pagp import ANY, PHYSICAL, PagpFlag, PagpPacket, PagpSide

FAST_HELLO = 1.0
SLOW_HELLO = 30.0
PATIENCE = 3.5
"""Hellos of the partner that may be missed."""
PRIORITY = 128
CAPABILITY = 0x000D0000
"""The upper half of the group capability, as a 3550 says it; the lower one is the group."""


@dataclass(slots=True)
class PagpPort:
    """A port of a bundle; `desirable` speaks first, auto only answers."""

    own: PagpSide
    """Without the group."""
    key: int
    """The number of the group."""
    desirable: bool
    name: str = ""
    port: str = ""
    bundle: int = 0
    """The ifIndex of the Port-channel."""
    up: bool = False
    partner: PagpPacket | None = None
    selected: bool = False
    sent: int = 0
    received: int = 0
    flushes: int = 0
    malformed: int = 0
    heard: float = 0.0
    """Lab time of the partner's last hello."""
    _matched: bool = False
    """The partner's view of this port is right."""
    _sends: float = inf
    _expires: float = inf
    _packets: list[PagpPacket] = field(default_factory=list)

    @property
    def bundled(self) -> bool:
        """The partner knows this port, and it is the partner of the bundle."""
        return self.up and self.selected and self._matched and self.partner is not None

    @property
    def interval(self) -> float:
        """Seconds between hellos."""
        return SLOW_HELLO if self.bundled else FAST_HELLO

    @property
    def flags(self) -> int:
        """What a hello says of the sender."""
        flags = PagpFlag.AUTO * (not self.desirable)
        if self.bundled:
            flags |= PagpFlag.SLOW_HELLO | PagpFlag.CONSISTENT
        return int(flags)

    @property
    def silent(self) -> bool:
        """It waits for somebody to speak first."""
        return not self.desirable and (self.partner is None or bool(self.partner.flags & PagpFlag.AUTO))

    def set_learning(self, *, physical: bool, priority: int) -> None:
        """`pagp learn-method` and `pagp port-priority`."""
        own = self.own
        self.own = PagpSide(own.device, PHYSICAL if physical else ANY, priority, own.port, own.capability)

    def link_up(self, now: float) -> None:
        """The line came up."""
        if not self.up:
            self.up = True
            self._send(now)

    def link_down(self) -> None:
        """The line went down: the partner is forgotten."""
        self.up = self.selected = self._matched = False
        self.partner = None
        self._sends = self._expires = inf

    def select(self, selected: bool, now: float) -> None:
        """The owner found that the partner fits, or that it does not."""
        if selected != self.selected:
            self.selected = selected
            if self.up:
                self._send(now)

    def receive(self, packet: PagpPacket, now: float) -> None:
        """Take a hello."""
        if not self.up:
            return
        self.received += 1
        self.heard = now
        was = (self.partner is not None and self.partner.own, self.bundled)
        self.partner = packet
        self._matched = (packet.partner.device, packet.partner.port) == (self.own.device, self.own.port)
        slow = packet.flags & PagpFlag.SLOW_HELLO
        self._expires = now + PATIENCE * (SLOW_HELLO if slow else FAST_HELLO)
        if not self._matched or was != (packet.own, self.bundled):
            self._sends = min(self._sends, now)

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = min(self._sends, self._expires)
        return None if due == inf else due

    def tick(self, now: float) -> None:
        """Let timers that are due expire."""
        if self._expires <= now:
            self._expires = inf
            self.partner, self.selected, self._matched = None, False, False
        if self._sends <= now:
            self._send(now)

    def packets(self) -> list[PagpPacket]:
        """The hellos to send since the last call."""
        packets, self._packets = self._packets, []
        return packets

    def _send(self, now: float) -> None:
        self._sends = inf
        if self.silent:
            return
        own = self.own
        group = self.bundle if self.bundled else 0
        side = PagpSide(own.device, own.learning, own.priority, own.port, own.capability, group)
        heard = self.partner.own if self.partner is not None else PagpSide()
        self.sent += 1
        self._packets.append(
            PagpPacket(self.flags, side, heard, int(self.partner is not None), self.name, self.port)
        )
        self._sends = now + self.interval
