"""Trunk negotiation of one port by DTP, sans-IO; behaviour as Cisco documents it for the Catalyst 2950 and 2960."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from iosemu.packets.addresses import MacAddress
from iosemu.packets.dtp import DtpPacket, TrunkAdministrativeStatus, TrunkEncapsulation

HELLO_INTERVAL = 30.0
"""Seconds between advertisements."""
NEGOTIATION_INTERVAL = 1.0
"""Seconds between advertisements while no neighbor has answered."""
NEGOTIATION_HELLOS = 3
"""Fast advertisements after the link came up or the mode changed."""
NEIGHBOR_TIMEOUT = 300.0
"""Seconds after which a silent neighbor is forgotten and a negotiated trunk becomes an access port."""


class DtpMode(Enum):
    """`switchport mode …`."""

    ACCESS = "access"
    TRUNK = "trunk"
    DYNAMIC_AUTO = "dynamic auto"
    DYNAMIC_DESIRABLE = "dynamic desirable"


_STATUS = {
    DtpMode.ACCESS: TrunkAdministrativeStatus.OFF,
    DtpMode.TRUNK: TrunkAdministrativeStatus.ON,
    DtpMode.DYNAMIC_AUTO: TrunkAdministrativeStatus.AUTO,
    DtpMode.DYNAMIC_DESIRABLE: TrunkAdministrativeStatus.DESIRABLE,
}
_AGREES = {
    DtpMode.DYNAMIC_AUTO: {TrunkAdministrativeStatus.ON, TrunkAdministrativeStatus.DESIRABLE},
    DtpMode.DYNAMIC_DESIRABLE: {
        TrunkAdministrativeStatus.ON,
        TrunkAdministrativeStatus.DESIRABLE,
        TrunkAdministrativeStatus.AUTO,
    },
}
"""Which neighbors make a dynamic port a trunk."""


@dataclass(slots=True)
class DtpStatistics:
    """What a port counted since power came."""

    received: int = 0
    nonegotiate: int = 0
    """Came in where nobody negotiates."""
    domain_mismatches: int = 0
    malformed: int = 0
    sent: int = 0
    isl: int = 0
    """Copies of these in the encapsulation of ISL."""
    timeouts: int = 0
    """Neighbors that fell silent."""
    link_ups: int = 0
    link_downs: int = 0
    last_up: float | None = None
    """Lab time."""


class DtpPort:
    """The negotiation on one port; `trunking` is its outcome.

    A port in mode access, or with `nonegotiate`, neither sends nor listens.
    """

    def __init__(
        self,
        mac: MacAddress,
        mode: DtpMode = DtpMode.DYNAMIC_AUTO,
        nonegotiate: bool = False,
        domain: str = "",
    ) -> None:
        self.mac = mac
        self.mode = mode
        self.nonegotiate = nonegotiate
        self.domain = domain
        self.up = False
        self.neighbor: DtpPacket | None = None
        self._neighbor_expires = inf
        self._next_hello = inf
        self._fast = 0
        self._packets: list[DtpPacket] = []
        self.statistics = DtpStatistics()

    @property
    def hello_due(self) -> float | None:
        """Lab time of the next advertisement."""
        return None if self._next_hello == inf else self._next_hello

    @property
    def neighbor_expires(self) -> float | None:
        """Lab time at which a silent neighbor is forgotten."""
        return None if self._neighbor_expires == inf else self._neighbor_expires

    @property
    def asking(self) -> bool:
        """Whether it advertises in short intervals."""
        return self.up and self._fast > 0

    @property
    def negotiates(self) -> bool:
        """Whether the port speaks DTP."""
        return self.mode is not DtpMode.ACCESS and not self.nonegotiate

    @property
    def trunking(self) -> bool:
        """Whether the port is a trunk now."""
        if self.mode is DtpMode.TRUNK:
            return self.up
        if not self.up or not self.negotiates or self.neighbor is None:
            return False
        return self.neighbor.administrative_status in _AGREES[self.mode]

    @property
    def undecided(self) -> bool:
        """Whether the port asks, and nobody has answered yet: it may be a trunk in a moment."""
        dynamic = self.mode is not DtpMode.TRUNK and self.negotiates
        return dynamic and self.up and self.neighbor is None and self._fast > 0

    def configure(self, mode: DtpMode, nonegotiate: bool, now: float) -> None:
        """Change the mode; the negotiation starts again, and a neighbor is told of a port that leaves it."""
        if (mode, nonegotiate) == (self.mode, self.nonegotiate):
            return
        spoke = self.negotiates and self.up
        self.mode, self.nonegotiate = mode, nonegotiate
        if not self.up:
            return
        if self.negotiates:
            self._start(now)
        else:
            self._forget()
            self._next_hello = inf
            if spoke and mode is DtpMode.ACCESS:
                self._packets.append(self._advertisement())

    def link_up(self, now: float) -> None:
        """The port has carrier."""
        self.up = True
        self.statistics.link_ups += 1
        self.statistics.last_up = now
        self._forget()
        if self.negotiates:
            self._start(now)

    def link_down(self) -> None:
        """The carrier is gone, and with it the neighbor."""
        self.statistics.link_downs += self.up
        self.up = False
        self._next_hello = inf
        self._packets.clear()
        self._forget()

    def receive(self, packet: DtpPacket, now: float) -> None:
        """Take an advertisement. A VTP domain that differs from ours, both being set, stops dynamic trunking."""
        if not self.up:
            return
        self.statistics.received += 1
        if not self.negotiates:
            self.statistics.nonegotiate += 1
            return
        if packet.domain and self.domain and packet.domain != self.domain:
            self.statistics.domain_mismatches += 1
            return
        changed = self.neighbor is None or (
            (packet.neighbor, packet.administrative_status, packet.trunking)
            != (self.neighbor.neighbor, self.neighbor.administrative_status, self.neighbor.trunking)
        )
        self.neighbor = packet
        self._neighbor_expires = now + NEIGHBOR_TIMEOUT
        if changed:
            self._packets.append(self._advertisement())

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = min(self._next_hello, self._neighbor_expires)
        return None if due == inf else due

    def tick(self, now: float) -> None:
        """Advertise, and forget a neighbor that fell silent."""
        if self._neighbor_expires <= now:
            self.statistics.timeouts += 1
            self._forget()
        if self._next_hello <= now:
            self._packets.append(self._advertisement())
            self._fast = max(0, self._fast - 1)
            self._next_hello = now + (NEGOTIATION_INTERVAL if self._fast else HELLO_INTERVAL)

    def packets(self) -> list[DtpPacket]:
        """The advertisements to send since the last call."""
        packets, self._packets = self._packets, []
        self.statistics.sent += len(packets)
        return packets

    def _start(self, now: float) -> None:
        self._fast = NEGOTIATION_HELLOS
        self._next_hello = now

    def _forget(self) -> None:
        self.neighbor = None
        self._neighbor_expires = inf

    def _advertisement(self) -> DtpPacket:
        return DtpPacket(
            self.mac,
            _STATUS[self.mode],
            self.trunking,
            TrunkEncapsulation.DOT1Q,
            TrunkEncapsulation.DOT1Q,
            self.domain,
        )
