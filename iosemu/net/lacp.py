"""Link aggregation control on one port (IEEE 802.1AX clause 6.4); sans-IO.

Feed it with `link_up`, `link_down`, `receive` and `tick`; take LACPDUs from `packets`. The owner says by `selected`
whether the partner is the one that the aggregator has. Times are lab seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from iosemu.packets.addresses import MacAddress
from iosemu.packets.lacp import LacpPacket, LacpParticipant, LacpState

FAST_PERIODIC = 1.0
SLOW_PERIODIC = 30.0
SHORT_TIMEOUT = 3.0
LONG_TIMEOUT = 90.0
"""Seconds without an LACPDU until the partner counts as lost (table 6-6; three slow periods)."""
PRIORITY = 32768
NEVER = inf


@dataclass(slots=True)
class LacpPort:
    """A port of an aggregator; `active` speaks first, passive only answers."""

    system: MacAddress
    key: int
    number: int
    active: bool
    system_priority: int = PRIORITY
    priority: int = PRIORITY
    fast: bool = False
    """The partner is to speak every second (`lacp rate fast`)."""
    up: bool = False
    partner: LacpParticipant | None = None
    selected: bool = False
    standby: bool = False
    """The partner fits, but the bundle is full."""
    sent: int = 0
    received: int = 0
    malformed: int = 0
    """LACPDUs since the last `clear lacp counters`."""
    heard: float = 0.0
    """Lab time of the partner's last LACPDU."""
    _matched: bool = False
    """The partner's view of this port is right."""
    _sends: float = NEVER
    _expires: float = NEVER
    _packets: list[LacpPacket] = field(default_factory=list)

    @property
    def bundled(self) -> bool:
        """Collecting and distributing: both ends are in sync."""
        return (
            self.up
            and self.selected
            and self._matched
            and self.partner is not None
            and bool(self.partner.state & LacpState.SYNCHRONIZATION)
        )

    @property
    def state(self) -> int:
        """The actor's state octet."""
        state = LacpState.AGGREGATION | (self.active * LacpState.ACTIVITY) | (self.fast * LacpState.TIMEOUT)
        if self.partner is None:
            return int(state | LacpState.DEFAULTED)
        if self.selected:
            state |= LacpState.SYNCHRONIZATION
        if self.bundled:
            state |= LacpState.COLLECTING | LacpState.DISTRIBUTING
        return int(state)

    def link_up(self, now: float) -> None:
        """The line came up."""
        if not self.up:
            self.up = True
            if self.active:
                self._send(now)

    def link_down(self) -> None:
        """The line went down: the partner is forgotten."""
        self.up = self.selected = self.standby = self._matched = False
        self.partner = None
        self._sends = self._expires = NEVER

    def configure(self, system_priority: int, priority: int, fast: bool, now: float) -> None:
        """`lacp system-priority`, `lacp port-priority`, `lacp rate`."""
        if (system_priority, priority, fast) != (self.system_priority, self.priority, self.fast):
            self.system_priority, self.priority, self.fast = system_priority, priority, fast
            if self.up:
                self._sends = min(self._sends, now)

    @property
    def decides(self) -> bool:
        """Whether this end says which ports are bundled: the better system does (clause 6.4.14.1)."""
        partner = self.partner
        ours = (self.system_priority, self.system)
        return partner is None or ours < (partner.system_priority, partner.system)

    @property
    def rank(self) -> tuple[int, int]:
        """What comes first is bundled first: priority and number of the port at the end that decides."""
        partner = self.partner
        if partner is None or self.decides:
            return (self.priority, self.number)
        return (partner.port_priority, partner.port)

    def select(self, selected: bool, now: float, *, standby: bool = False) -> None:
        """The owner found that the partner fits, or that it does not, or that there is no room for the port."""
        self.standby = standby
        if selected != self.selected:
            self.selected = selected
            if self.up:
                self._send(now)

    def receive(self, packet: LacpPacket, now: float) -> None:
        """Take an LACPDU (clause 6.4.9)."""
        if not self.up:
            return
        self.received += 1
        self.heard = now
        was, view = (self.partner, self.bundled), packet.partner
        self.partner = packet.actor
        self._expires = now + (SHORT_TIMEOUT if self.fast else LONG_TIMEOUT)
        self._matched = (view.system, view.key, view.port) == (self.system, self.key, self.number)
        wrong = not self._matched or view.state & ~LacpState.TIMEOUT != self.state & ~LacpState.TIMEOUT
        if wrong or was != (self.partner, self.bundled):
            self._sends = min(self._sends, now)  # tell at once (clause 6.4.16, NTT)

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = min(self._sends, self._expires)
        return None if due == NEVER else due

    def tick(self, now: float) -> None:
        """Let timers that are due expire."""
        if self._expires <= now:
            self._expires = NEVER
            self.partner, self.selected, self.standby, self._matched = None, False, False, False
        if self._sends <= now:
            self._send(now)

    def packets(self) -> list[LacpPacket]:
        """The LACPDUs to send since the last call."""
        packets, self._packets = self._packets, []
        return packets

    def _send(self, now: float) -> None:
        self._sends = NEVER
        if not self.active and (self.partner is None or not self.partner.state & LacpState.ACTIVITY):
            return
        actor = LacpParticipant(
            self.system_priority, self.system, self.key, self.priority, self.number, self.state
        )
        self.sent += 1
        self._packets.append(LacpPacket(actor, self.partner or LacpParticipant(), 0x8000))
        hurried = self.partner is not None and self.partner.state & LacpState.TIMEOUT
        settled = self.bundled or self.standby
        self._sends = now + (SLOW_PERIODIC if settled and not hurried else FAST_PERIODIC)
