"""UDLD on one port, sans-IO (RFC 5171): whether what is heard hears, too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.packets.udld import Flag, Opcode, UdldPacket

FAST = 7
"""Seconds between messages until the link is known to work in both directions."""
SLOW = 15
"""Seconds between messages afterwards (`udld message time`)."""
WINDOW = 5
"""Seconds in which a neighbor has to answer."""
ECHOES = 1.0
"""Seconds between echoes in that window."""
HOLD = 3
"""Messages of a neighbor that may be missed."""
ATTEMPTS = 8
"""Messages, one a second, with which aggressive mode calls a neighbor that fell silent."""


class Phase(Enum):
    """RFC 5171 section 4.1, as `show udld` calls them."""

    DISABLED = "Disabled"
    LINK_UP = "Link up"
    DETECTION = "Detection"
    CALLING = "Extended detection"
    ADVERTISEMENT = "Advertisement"
    SHUTDOWN = "Disabled port"


class Verdict(Enum):
    """The `Current bidirectional state`."""

    UNKNOWN = "Unknown"
    BIDIRECTIONAL = "Bidirectional"
    UNIDIRECTIONAL = "Unidirectional"
    LOOP = "TX/RX Loop"
    MISMATCH = "Neighbor mismatch"
    SILENT = "Undetermined"


WHY = {
    Verdict.UNIDIRECTIONAL: "unidirectional link detected",
    Verdict.LOOP: "transmit/receive loop detected",
    Verdict.MISMATCH: "neighbor mismatch detected",
    Verdict.SILENT: "aggressive mode failure detected",
}
"""Why a port is closed, as the message says it."""


@dataclass(slots=True)
class Neighbor:
    """A port that is heard; `expires` in lab seconds."""

    packet: UdldPacket
    expires: float
    number: int
    """Of its device in the cache."""


class UdldPort:
    """One port. Calls leave packets in `packets()`, and a reason in `closed` when the port is to be closed."""

    def __init__(self, device: str, port: str, name: str = "") -> None:
        self.device, self.port, self.name = device, port, name
        self.enabled = False
        self.aggressive = False
        self.slow = SLOW
        """Seconds of `udld message time`."""
        self.phase = Phase.DISABLED
        self.verdict = Verdict.UNKNOWN
        self.neighbors: dict[tuple[str, str], Neighbor] = {}
        self.closed: Verdict | None = None
        """Set when the port is to be closed."""
        self._up = False
        self._sequence = 0
        self._numbers = 0
        self._send_due: float | None = None
        self._window_ends = 0.0
        self._calls = 0
        self._out: list[UdldPacket] = []

    def packets(self) -> list[UdldPacket]:
        """What is to be sent, once."""
        taken, self._out = self._out, []
        return taken

    @property
    def interval(self) -> int:
        """Seconds between messages now."""
        return self.slow if self.verdict is Verdict.BIDIRECTIONAL else FAST

    @property
    def operational(self) -> str:
        """The `Current operational state`."""
        if self.phase is Phase.ADVERTISEMENT and self.neighbors:
            many = "Single neighbor" if len(self.neighbors) == 1 else "Multiple neighbors"
            return f"Advertisement - {many} detected"
        return self.phase.value

    # --- what the owner says -------------------------------------------------------------------------

    def configure(self, enabled: bool, aggressive: bool, slow: int, now: float) -> None:
        """`udld port [aggressive]`, `udld message time`."""
        self.aggressive, self.slow = aggressive, slow
        if enabled == self.enabled:
            return
        if self.enabled and self._up:
            self._say(Opcode.FLUSH)
        self.enabled = enabled
        self._begin(now)

    def link(self, up: bool, now: float) -> None:
        """The line protocol of the port came up or went down."""
        self._up = up
        if up or self.phase is not Phase.SHUTDOWN:  # why it was closed is shown until it is opened
            self._begin(now)

    def _begin(self, now: float) -> None:
        self.neighbors, self.verdict, self.closed = {}, Verdict.UNKNOWN, None
        self._calls = 0
        if not (self.enabled and self._up):
            self.phase, self._send_due = Phase.DISABLED, None
            return
        self.phase = Phase.LINK_UP
        self._probe(now, Flag.RECOMMENDED_TIMEOUT | Flag.RESYNC)

    # --- messages ------------------------------------------------------------------------------------

    def receive(self, packet: UdldPacket, now: float) -> None:
        """A message came."""
        if self.phase in (Phase.DISABLED, Phase.SHUTDOWN):
            return
        if (packet.device, packet.port) == (self.device, self.port):
            self._close(Verdict.LOOP)
            return
        key = (packet.device, packet.port)
        if packet.opcode == Opcode.FLUSH:
            self.neighbors.pop(key, None)
            if not self.neighbors:
                self.verdict, self.phase = Verdict.UNKNOWN, Phase.LINK_UP
            return
        known = self.neighbors.get(key)
        if known is None:
            self._numbers = self._numbers % 255 + 1
        expires = now + HOLD * max(1, packet.interval)
        self.neighbors[key] = Neighbor(packet, expires, self._numbers if known is None else known.number)
        heard = (self.device, self.port) in packet.echo
        again = known is None or bool(packet.flags & Flag.RESYNC)
        if self.phase is Phase.DETECTION:
            if again:
                self._say(Opcode.ECHO)
            if heard:
                self._judge(now)
        elif again or not heard:
            self._detect(now)

    def _detect(self, now: float) -> None:
        """Somebody is heard: say so, and see whether it hears us."""
        self.phase, self._window_ends = Phase.DETECTION, now + WINDOW
        self._say(Opcode.ECHO)
        self._send_due = now + ECHOES

    def _judge(self, now: float) -> None:
        """Draw the conclusion once every neighbor has said that it hears us, or the window is over."""
        heard = [(self.device, self.port) in each.packet.echo for each in self.neighbors.values()]
        if heard and all(heard):
            self.verdict, self.phase, self._calls = Verdict.BIDIRECTIONAL, Phase.ADVERTISEMENT, 0
            self._send_due = now + self.interval
        elif now >= self._window_ends:
            if not heard:
                self.verdict, self.phase = Verdict.UNKNOWN, Phase.LINK_UP
                self._send_due = now + self.interval
            elif any(each.packet.echo for each in self.neighbors.values()) and not any(heard):
                self._close(Verdict.MISMATCH)
            else:
                self._close(Verdict.UNIDIRECTIONAL)

    def _close(self, verdict: Verdict) -> None:
        self.verdict, self.phase, self.closed, self._send_due = verdict, Phase.SHUTDOWN, verdict, None

    # --- time ----------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """Lab time at which `tick` has something to do."""
        dues = [each.expires for each in self.neighbors.values()]
        if self._send_due is not None:
            dues.append(self._send_due)
        if self.phase is Phase.DETECTION:
            dues.append(self._window_ends)
        return min(dues, default=None) if self.phase not in (Phase.DISABLED, Phase.SHUTDOWN) else None

    def tick(self, now: float) -> None:
        """Send what is due, forget who fell silent."""
        silent = [key for key, each in self.neighbors.items() if each.expires <= now]
        for key in silent:
            del self.neighbors[key]
        if silent and not self.neighbors:
            self._fell_silent(now)
        elif self.phase is Phase.DETECTION and now >= self._window_ends:
            self._judge(now)
        if self._send_due is not None and self._send_due <= now:
            self._repeat(now)

    def _fell_silent(self, now: float) -> None:
        """Nobody is heard any more: normal mode cannot tell why, aggressive mode asks and then closes the port."""
        self.verdict = Verdict.SILENT
        if self.aggressive:
            self.phase, self._calls = Phase.CALLING, 0
            self._send_due = now
        else:
            self.phase = Phase.LINK_UP

    def _repeat(self, now: float) -> None:
        match self.phase:
            case Phase.DETECTION:
                self._say(Opcode.ECHO)
                self._send_due = now + ECHOES
            case Phase.CALLING:
                if self._calls >= ATTEMPTS:
                    self._close(Verdict.SILENT)
                    return
                self._calls += 1
                self._say(Opcode.PROBE, Flag.RECOMMENDED_TIMEOUT | Flag.RESYNC)
                self._send_due = now + ECHOES
            case Phase.LINK_UP:
                self._probe(now, Flag.RECOMMENDED_TIMEOUT | Flag.RESYNC)
            case _:
                self._probe(now)

    def _probe(self, now: float, flags: int = 0) -> None:
        self._say(Opcode.PROBE, flags)
        self._send_due = now + self.interval

    def _say(self, opcode: Opcode, flags: int = 0) -> None:
        self._sequence += 1
        echo = tuple(self.neighbors)
        self._out.append(
            UdldPacket(
                opcode, self.device, self.port, echo, self.interval, WINDOW, self.name, self._sequence, flags
            )
        )
