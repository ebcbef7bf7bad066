"""Route flap damping (RFC 2439): paths that come and go too often are not used for a while.

As in IOS: a withdrawal costs 1000, other attributes 500, a peer that is lost nothing; only paths from another AS count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from ipaddress import IPv4Network
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.routing.bgp.attributes import Attributes
    from iosemu.routing.bgp.outbound import Environment
    from iosemu.routing.bgp.peer import Peer
    from iosemu.routing.bgp.rib import LocRib

WITHDRAWAL, CHANGE = 1000.0, 500.0
"""What is added to the penalty."""
_STEP = 20
"""Seconds to which the time of decay is told."""


@dataclass(frozen=True, slots=True)
class DampingParameters:
    """`dampening H R S M`: times are minutes; the defaults are those of IOS."""

    half_life: int = 15
    reuse: int = 750
    suppress: int = 2000
    maximum: int = 60
    """How long a path is suppressed at most."""

    @property
    def ceiling(self) -> float:
        """The highest penalty: from it, reuse is reached in the longest time (RFC 2439 4.2)."""
        return float(self.reuse * 2 ** (self.maximum / self.half_life))

    @property
    def works(self) -> bool:
        """A path can be suppressed with them, and used again."""
        return self.reuse <= self.suppress <= self.ceiling and self.maximum >= self.half_life

    @property
    def decay_time(self) -> int:
        """Seconds from the highest penalty to that of suppression."""
        seconds = self.half_life * 60 * log2(max(self.ceiling / self.suppress, 1.0))
        return int(seconds + 1e-6) // _STEP * _STEP


@dataclass(eq=False, slots=True)
class Flaps:
    """What is remembered of a path from one peer. Times are lab seconds."""

    network: IPv4Network
    parameters: DampingParameters
    since: float
    """When it first flapped."""
    at: float
    """When `penalty` was worked out."""
    penalty: float = 0.0
    count: int = 0
    suppressed: bool = False

    def strike(self, amount: float, now: float) -> None:
        """The path flapped."""
        self.penalty = min(self.now(now) + amount, self.parameters.ceiling)
        self.at = now
        self.count += 1
        if self.penalty >= self.parameters.suppress:
            self.suppressed = True

    def now(self, now: float) -> float:
        """The penalty at a time: half of it goes in each half-life."""
        return float(self.penalty * 2 ** -((now - self.at) / (self.parameters.half_life * 60)))

    def _reaches(self, penalty: float) -> float:
        return self.at + self.parameters.half_life * 60 * max(log2(self.penalty / penalty), 0.0)

    @property
    def reuse_at(self) -> float:
        """When the path is used again."""
        return self._reaches(self.parameters.reuse)

    @property
    def due(self) -> float:
        """When it is used again, or, if it is used, forgotten: at half of the penalty for reuse."""
        return self.reuse_at if self.suppressed else self._reaches(self.parameters.reuse / 2)


class Damping:
    """The flaps of all peers of a speaker, and what they mean for its table."""

    def __init__(
        self, rib: LocRib, environment: Environment, decide: Callable[[Iterable[IPv4Network], float], None]
    ) -> None:
        self.enabled = False
        self.trace: Callable[[Flaps, bool, float], None] = lambda _flaps, _struck, _now: None
        """Called when a path was struck, or may be used again, for debugging."""
        self._rib = rib
        self._environment = environment
        self._decide = decide
        self._due: list[tuple[float, int, Peer, Flaps]] = []
        self._count = 0

    def configure(self, enabled: bool, peers: Iterable[Peer], now: float) -> None:
        """Damping is configured, otherwise than before, or no longer: what was counted is forgotten."""
        self.enabled = enabled
        self.forget(peers, now)

    def forget(
        self, peers: Iterable[Peer], now: float, wanted: Callable[[Flaps], bool] = lambda _flaps: True
    ) -> None:
        """Forget the flaps of peers, all or the wanted ones: what was suppressed is used."""
        touched = []
        for peer in peers:
            for flaps in [each for each in peer.flaps.values() if wanted(each)]:
                del peer.flaps[flaps.network]
                self._unmark(peer, flaps.network)
                touched.append(flaps.network)
        self._decide(touched, now)

    def withdrawn(self, peer: Peer, network: IPv4Network, now: float) -> None:
        """A peer took a path back: it leaves the table, or stays as a memory."""
        path = peer.paths[network]
        flaps = self._strike(peer, network, path.told or path.attributes, WITHDRAWAL, now)
        kept = None
        if flaps is not None:
            kept = replace(path, since=now, flaps=flaps, history=True)
        self._rib.put(network, peer, kept)

    def told(self, peer: Peer, network: IPv4Network, attributes: Attributes, now: float) -> Flaps | None:
        """A peer told of a path, for the first time, again, or with other attributes; what is known of it."""
        path = peer.paths.get(network)
        if path is not None and path.told != attributes:
            return self._strike(peer, network, attributes, CHANGE, now)
        return peer.flaps.get(network)

    def _strike(
        self, peer: Peer, network: IPv4Network, attributes: Attributes, amount: float, now: float
    ) -> Flaps | None:
        if not self.enabled or not peer.external:
            return None
        flaps = peer.flaps.get(network)
        if flaps is None:
            parameters = self._environment.damping(peer.config.address, network, attributes)
            if parameters is None:
                return None
            flaps = peer.flaps[network] = Flaps(network, parameters, now, now)
        flaps.strike(amount, now)
        self.trace(flaps, True, now)
        self._plan(peer, flaps)
        return flaps

    def _plan(self, peer: Peer, flaps: Flaps) -> None:
        self._count += 1
        heappush(self._due, (flaps.due, self._count, peer, flaps))

    def _unmark(self, peer: Peer, network: IPv4Network) -> None:
        path = peer.paths.get(network)
        if path is not None:
            path.flaps = None
        else:
            self._rib.put(network, peer, None)

    def next_timer(self) -> float | None:
        """When `tick` has something to do."""
        while self._due:
            when, _, peer, flaps = self._due[0]
            if peer.flaps.get(flaps.network) is flaps and flaps.due <= when:
                return when
            heappop(self._due)  # forgotten, or struck again
        return None

    def tick(self, now: float) -> None:
        """Use again what may be used, and forget what flapped long ago."""
        touched = []
        while (when := self.next_timer()) is not None and when <= now:
            _, _, peer, flaps = heappop(self._due)
            if flaps.suppressed:
                flaps.suppressed = False
                flaps.penalty, flaps.at = flaps.now(now), now
                self.trace(flaps, False, now)
                self._plan(peer, flaps)
            else:
                del peer.flaps[flaps.network]
                self._unmark(peer, flaps.network)
            touched.append(flaps.network)
        if touched:
            self._decide(touched, now)
