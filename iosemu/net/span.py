"""Which frames a switch mirrors to which ports (SPAN)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from iosemu.net.link import Direction


class SpanDirection(Enum):
    """What of a source is mirrored; the value is IOS's word."""

    RX = "rx"
    TX = "tx"
    BOTH = "both"

    def covers(self, direction: Direction) -> bool:
        """Whether frames going this way at the source are mirrored."""
        if self is SpanDirection.BOTH:
            return True
        return (self is SpanDirection.RX) == (direction is Direction.IN)


@dataclass(frozen=True, slots=True)
class SpanDestination:
    """A port that gets copies; `replicate` keeps the tag a frame had on the wire, `dot1q` tags every copy.

    With `remote_vlan` the copies go into that VLAN (RSPAN) and `port` is empty.
    """

    port: str
    replicate: bool = False
    dot1q: bool = False
    remote_vlan: int | None = None


@dataclass(frozen=True, slots=True)
class SpanSession:
    """A session: source ports and VLANs with their directions, where the copies go, and which VLANs of trunks count."""

    number: int
    ports: Mapping[str, SpanDirection] = field(default_factory=dict)
    vlans: Mapping[int, SpanDirection] = field(default_factory=dict)
    destinations: tuple[SpanDestination, ...] = ()
    filter_vlans: frozenset[int] = frozenset()

    def mirrors(self, port: str, vlan: int, direction: Direction) -> bool:
        """Whether a frame of `vlan` that passes `port` this way is mirrored. A destination is never a source."""
        if any(destination.port == port for destination in self.destinations):
            return False
        source = self.ports.get(port)
        if source is not None and source.covers(direction):
            return not self.filter_vlans or vlan in self.filter_vlans
        source = self.vlans.get(vlan)
        return source is not None and source.covers(direction)


class Mirror:
    """The sessions of a switch; looks up destinations fast, so that a switch without SPAN pays nothing."""

    def __init__(self, sessions: Iterable[SpanSession] = ()) -> None:
        self._known: dict[tuple[str, int, Direction], tuple[SpanDestination, ...]] = {}
        self.sessions: tuple[SpanSession, ...] = tuple(sessions)
        self.active = any(session.destinations for session in self.sessions)

    def destinations(self, port: str, vlan: int, direction: Direction) -> tuple[SpanDestination, ...]:
        """Where copies of a frame go that passes `port` in `direction`.

        A frame that enters one source and leaves another is mirrored once for each, as on a Catalyst.
        """
        if not self.active:
            return ()
        key = (port, vlan, direction)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(
                destination
                for session in self.sessions
                if session.mirrors(port, vlan, direction)
                for destination in session.destinations
            )
        return found

    def is_destination(self, port: str) -> bool:
        """Whether the port is a destination: it does not learn, and carries nothing but copies."""
        return any(
            destination.port == port for session in self.sessions for destination in session.destinations
        )
