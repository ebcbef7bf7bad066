"""Paths, and which of them is the best (RFC 4271 9.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.routing.bgp.attributes import Attributes
from iosemu.routing.bgp.config import Relation, SpeakerConfig
from iosemu.routing.bgp.dampening import Flaps

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
    told: Attributes | None = None
    """Of a peer's path: as it came in, before the policy."""
    flaps: Flaps | None = None
    """How often it came and went, if damping counts that (RFC 2439)."""
    history: bool = False
    """It was withdrawn, and is only remembered."""
    imported: Path | None = None
    """Of a path of another routing instance of this router: what it is there (RFC 4364 4.3.1)."""

    @property
    def source(self) -> Peer | None:
        """The peer that told of it, here or in the instance that it is imported from."""
        return self.imported.source if self.imported is not None else self.peer

    @property
    def damped(self) -> bool:
        """It is not used for a while, or there is only the memory of it."""
        return self.history or (self.flaps is not None and self.flaps.suppressed)

    @property
    def external(self) -> bool:
        """It came from another AS, outside of the confederation."""
        return self.source is not None and self.source.relation is Relation.EXTERNAL

    @property
    def internal(self) -> bool:
        """It came from a peer of our AS."""
        return self.source is not None and self.source.internal


@dataclass(eq=False, slots=True)
class Entry:
    """A network of the table: its paths, newest first, the best of them, and when that last changed."""

    paths: list[Path] = field(default_factory=list)
    best: Path | None = None
    more: tuple[Path, ...] = ()
    """Paths that are as good as the best, and are used beside it (`maximum-paths`)."""
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
        if path.damped:
            return False
        return path.peer is None or self.metrics.get(path.attributes.next_hop) is not None

    def best(self, paths: list[Path]) -> Path | None:
        """The best of the usable paths."""
        if self.config.deterministic_med and not self.config.always_compare_med and len(paths) > 2:
            groups: dict[int | None, list[Path]] = {}
            for path in paths:
                groups.setdefault(path.attributes.first_as, []).append(path)
            paths = [each for group in groups.values() if (each := self._chosen(group)) is not None]
        return self._chosen(paths)

    def equals(self, paths: list[Path], best: Path | None) -> tuple[Path, ...]:
        """The paths that are used beside the best: all is alike but who told them, and where they lead."""
        if (
            best is None
            or best.peer is None
            or (best.source is not None and not best.external | best.internal)
        ):
            return ()
        limit = self.config.maximum_paths if best.external else self.config.maximum_paths_internal
        if limit == 1:
            return ()
        found, hops = [], {best.attributes.next_hop}
        for path in paths:
            if len(hops) == limit:
                break
            if path is not best and path.attributes.next_hop not in hops and self._alike(path, best):
                hops.add(path.attributes.next_hop)
                found.append(path)
        return tuple(found)

    def _alike(self, path: Path, best: Path) -> bool:
        return (
            path.peer is not None
            and self.usable(path)
            and path.external is best.external
            and path.attributes.as_path == best.attributes.as_path
            and self._first_steps(path) == self._first_steps(best)
            and self._med(path) == self._med(best)
            and self._middle_steps(path) == self._middle_steps(best)
        )

    def _chosen(self, paths: list[Path]) -> Path | None:
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
        if self._comparable(path.attributes, other.attributes):
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

    def _comparable(self, here: Attributes, there: Attributes) -> bool:
        """Whether MEDs count: the paths came to us, or to our confederation, by one neighboring AS."""
        if self.config.always_compare_med:
            return True
        if here.first_as is None and there.first_as is None:
            if here.in_confederation or there.in_confederation:
                return self.config.med_confederation and here.in_confederation and there.in_confederation
            return True
        return here.first_as == there.first_as

    def _first_steps(self, path: Path) -> tuple[int, ...]:
        attributes = path.attributes
        preference = attributes.local_pref
        return (
            -path.weight,
            -(self.config.local_preference if preference is None else preference),
            path.source is not None,
            0 if self.config.ignore_as_path else attributes.path_length,
            attributes.origin,
        )

    def _med(self, path: Path) -> int:
        med = path.attributes.med
        return (WORST_MED if self.config.missing_as_worst else 0) if med is None else med

    def _middle_steps(self, path: Path) -> tuple[int, ...]:
        inside = (
            path.source is not None and not path.external
        )  # members are no farther than our own AS (RFC 5065 5.3)
        return (inside, self.metrics.get(path.attributes.next_hop) or 0)

    def _last_steps(self, path: Path) -> tuple[int, ...]:
        peer = path.source
        router = path.attributes.originator or (peer.router_id if peer is not None else IPv4Address(0))
        address = peer.config.address if peer is not None else IPv4Address(0)
        return (int(router), len(path.attributes.clusters), int(address))


class Versions:
    """Counts the changes of a table; those of several routing instances may be one table to the user."""

    def __init__(self) -> None:
        self.last = 1


class LocRib:
    """The table of a speaker (3.2): all paths that were let in, and the best of each network.

    `metric` tells the metric of a next hop, None: not reachable.
    """

    def __init__(
        self,
        config: SpeakerConfig,
        metric: Callable[[IPv4Address], Metric],
        versions: Versions | None = None,
    ) -> None:
        self.table: dict[IPv4Network, Entry] = {}
        self._versions = versions or Versions()
        self.metrics: dict[IPv4Address, Metric] = {}
        """The next hops of all paths."""
        self.decision = Decision(config, self.metrics)
        self.prefixes_made = self.prefixes_gone = self.paths_made = self.paths_gone = 0
        self._metric = metric

    @property
    def version(self) -> int:
        """How often the table changed."""
        return self._versions.last

    def put(self, network: IPv4Network, peer: Peer | None, path: Path | None, kind: str = "") -> None:
        """Take a peer's path, or one of our own of a kind, in place of the one before; None: there is none any more.

        Nothing is decided yet.
        """
        entry = self.table.get(network)
        if entry is None:
            if path is None:
                return
            entry = self.table[network] = Entry()
            self.prefixes_made += 1
        before = len(entry.paths)
        # The kinds of our own paths live side by side.
        entry.paths = [
            each for each in entry.paths if each.peer is not peer or (peer is None and each.kind != kind)
        ]
        self.paths_gone += before - len(entry.paths)
        if path is not None:
            entry.paths.insert(0, path)
            self.paths_made += 1
            next_hop = path.attributes.next_hop
            if peer is not None and next_hop not in self.metrics:
                self.metrics[next_hop] = self._metric(next_hop)
        if peer is not None:
            if path is None or path.history:
                peer.paths.pop(network, None)
            else:
                peer.paths[network] = path

    def decide(self, networks: Iterable[IPv4Network]) -> list[IPv4Network]:
        """Phase 2 (9.1.2) for some networks; those whose best path is another than before."""
        changed = []
        for network in networks:
            entry = self.table.get(network)
            if entry is None:
                continue
            best = self.decision.best(entry.paths)
            more = self.decision.equals(entry.paths, best)
            if best is not entry.best or more != entry.more:
                entry.best, entry.more = best, more
                self._versions.last += 1
                entry.version = self.version
                changed.append(network)
            if not entry.paths:
                del self.table[network]
                self.prefixes_gone += 1
        return changed

    def next_hops_changed(self) -> list[IPv4Network]:
        """Look at all next hops anew: the networks with a path by one whose metric is another."""
        different = {each for each, metric in self.metrics.items() if self._metric(each) != metric}
        for each in different:
            self.metrics[each] = self._metric(each)
        if not different:
            return []
        return [
            network
            for network, entry in self.table.items()
            if any(path.attributes.next_hop in different for path in entry.paths)
        ]
