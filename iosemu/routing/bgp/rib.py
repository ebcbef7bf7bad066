"""Paths, and which of them is the best (RFC 4271 9.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.routing.bgp.attributes import Attributes
from iosemu.routing.bgp.config import SpeakerConfig

if TYPE_CHECKING:
    from iosemu.routing.bgp.peer import Peer

LOCAL_WEIGHT = 32768
"""Weight of what this router originates."""
WORST_MED = 0xFFFFFFFF


@dataclass(eq=False, slots=True)
class Path:
    """A path to a network; without a peer it is our own."""

    attributes: Attributes
    peer: Peer | None
    weight: int
    since: float
    """Lab time at which it came."""
    kind: str = ""
    """Of a path of our own: `network`, `redistributed` or `aggregate`."""

    @property
    def external(self) -> bool:
        """It came from another AS."""
        return self.peer is not None and not self.peer.internal

    @property
    def internal(self) -> bool:
        """It came from a peer of our AS."""
        return self.peer is not None and self.peer.internal


@dataclass(eq=False, slots=True)
class Entry:
    """A network of the table: its paths, newest first, the best of them, and when that last changed."""

    paths: list[Path] = field(default_factory=list)
    best: Path | None = None
    version: int = 0
    suppressed: bool = False
    """A summary-only aggregate stands for it."""


Metric = int | None


class Decision:
    """Chooses among paths. `metrics` knows the metric of each next hop, None: not reachable."""

    def __init__(self, config: SpeakerConfig, metrics: dict[IPv4Address, Metric]) -> None:
        self.config = config
        self.metrics = metrics

    def usable(self, path: Path) -> bool:
        """Its next hop can be reached (9.1.2)."""
        return path.peer is None or self.metrics.get(path.attributes.next_hop) is not None

    def best(self, paths: list[Path]) -> Path | None:
        """The best of the usable paths."""
        chosen: Path | None = None
        for path in paths:
            if self.usable(path) and (chosen is None or self._better(path, chosen)):
                chosen = path
        return chosen

    def _better(self, path: Path, other: Path) -> bool:
        """Whether `path` beats `other`: the first difference counts."""
        ours, theirs = self._first_steps(path), self._first_steps(other)
        if ours != theirs:
            return ours < theirs
        if self.config.always_compare_med or path.attributes.first_as == other.attributes.first_as:
            here, there = self._med(path), self._med(other)
            if here != there:
                return here < there
        ours, theirs = self._middle_steps(path), self._middle_steps(other)
        if ours != theirs:
            return ours < theirs
        if (
            path.external
            and other.external
            and not self.config.compare_router_id
            and path.since != other.since
        ):
            return path.since < other.since
        return self._last_steps(path) < self._last_steps(other)

    def _first_steps(self, path: Path) -> tuple[int, ...]:
        attributes = path.attributes
        preference = attributes.local_pref
        return (
            -path.weight,
            -(self.config.local_preference if preference is None else preference),
            path.peer is not None,
            attributes.path_length,
            attributes.origin,
        )

    def _med(self, path: Path) -> int:
        med = path.attributes.med
        return (WORST_MED if self.config.missing_as_worst else 0) if med is None else med

    def _middle_steps(self, path: Path) -> tuple[int, ...]:
        return (path.internal, self.metrics.get(path.attributes.next_hop) or 0)

    def _last_steps(self, path: Path) -> tuple[int, ...]:
        peer = path.peer
        router = path.attributes.originator or (peer.router_id if peer is not None else IPv4Address(0))
        address = peer.config.address if peer is not None else IPv4Address(0)
        return (int(router), len(path.attributes.clusters), int(address))
