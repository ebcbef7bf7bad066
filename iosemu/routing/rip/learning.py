"""What a response does to the database (RFC 2453 3.9.2), with the hold-down of IOS."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.rip.config import ProcessConfig
from iosemu.routing.rip.database import Given, Known, Origin, Path, State
from iosemu.routing.rip.events import Collected, Stored
from iosemu.routing.rip.packets import INFINITY


class Database:
    """The routes by network, and when the learned ones are to be looked at again."""

    def __init__(self, config: ProcessConfig) -> None:
        self.config = config
        self.known: dict[IPv4Network, Known] = {}
        self.touched: dict[IPv4Network, None] = {}
        """Networks whose learned paths are others than before, for the routing table."""
        self.lost: list[IPv4Network] = []
        self.noted: list[Stored | Collected] = []
        """What was put in and taken out since somebody looked."""
        self._given: dict[IPv4Network, Given] = {}
        self._connected: dict[IPv4Network, set[str]] = {}
        self._due: list[tuple[float, IPv4Network]] = []
        self._watched: set[IPv4Network] = set()

    def __iter__(self) -> Iterator[Known]:
        return (self.known[network] for network in sorted(self.known))

    # --- our own and those of others -------------------------------------------------------------------

    def connect(self, network: IPv4Network, interface: str) -> None:
        """A network on a covered interface is there."""
        self._connected.setdefault(network, set()).add(interface)
        self._settle(network)

    def disconnect(self, network: IPv4Network, interface: str, now: float) -> None:
        """It is gone from that interface."""
        holders = self._connected.get(network, set())
        holders.discard(interface)
        if not holders and self._connected.pop(network, None) is not None:
            self._settle(network, now)

    def connected_by(self, network: IPv4Network) -> list[str]:
        """The interfaces of a network of ours."""
        return sorted(self._connected.get(network, ()))

    def give(self, gone: Iterable[IPv4Network], come: Iterable[Given], now: float) -> None:
        """Take routes that another protocol gives, and give up others."""
        for network in gone:
            if self._given.pop(network, None) is not None:
                self._settle(network, now)
        for each in come:
            self._given[each.network] = each
            self._settle(each.network, now)

    def _settle(self, network: IPv4Network, now: float = 0.0) -> None:
        """Our own route to a network is there, or is no longer; it stands before what was learned."""
        known, given = self.known.get(network), self._given.get(network)
        if network in self._connected:
            wanted = Known(network, Origin.CONNECTED, 1, process="connected")
        elif given is not None:
            wanted = Known(network, Origin.GIVEN, given.metric, tag=given.tag, process=given.process,
                           gateway=given.gateway)  # fmt: skip
        elif known is not None and known.origin is not Origin.LEARNED:
            self._lose_own(known, now)
            return
        else:
            return
        if known is not None and known.origin is Origin.LEARNED:
            self.touched[network] = None
        if known is None or _facts(known) != _facts(wanted):
            self.known[network] = wanted

    def _lose_own(self, known: Known, now: float) -> None:
        known.origin, known.state, known.process = Origin.LEARNED, State.GARBAGE, "rip"
        known.good_metric, known.metric, known.changed = known.metric, INFINITY, True
        known.updated = now - max(0.0, self.config.timers.flush - self._poisoned)
        self._watch(known)

    @property
    def _poisoned(self) -> float:
        """Seconds for which a lost route is told: what is left between invalid and flush."""
        timers = self.config.timers
        return max(timers.flush - timers.invalid, timers.update)

    # --- learned ---------------------------------------------------------------------------------------

    def learn(self, network: IPv4Network, metric: int, path: Path, now: float) -> None:
        """A neighbour told of a network; `metric` has the offsets for the way to it."""
        known = self.known.get(network)
        if known is None:
            if metric < INFINITY:
                known = Known(network, Origin.LEARNED, metric, [path], path.tag, updated=now)
                self.known[network] = known
                self._note(known, path, new=True)
                self._touch(known)
                self._watch(known)
            return
        if known.origin is not Origin.LEARNED:
            return
        mine = next((each for each in known.paths if each.source == path.source
                     and each.interface == path.interface), None)  # fmt: skip
        if known.state is not State.VALID:
            if metric < INFINITY and self._believed(known, mine, metric, now):
                self._revive(known, metric, path, now)
        elif metric >= INFINITY:
            if mine is not None:
                self._drop(known, mine, now)
        elif metric < known.metric or (mine is not None and len(known.paths) == 1):
            better = metric != known.metric or mine is None or _way(mine) != _way(path)
            known.paths, known.tag = [path], path.tag
            if better:
                known.metric = metric
                self._note(known, path)
                self._touch(known)
            self._refresh(known, now)
        elif metric == known.metric:
            self._equal(known, mine, path, now)
        elif mine is not None:
            self._drop(known, mine, now)

    def _equal(self, known: Known, mine: Path | None, path: Path, now: float) -> None:
        if mine is not None:
            known.paths[known.paths.index(mine)] = path
            if _way(mine) != _way(path):
                self._touch(known)
        elif len(known.paths) < self.config.maximum_paths:
            known.paths.append(path)
            self._note(known, path)
            self._touch(known, told=False)
        else:
            return
        self._refresh(known, now)

    @staticmethod
    def _believed(known: Known, mine: Path | None, metric: int, now: float) -> bool:
        """In hold-down only the neighbour that it was learned from, or a better way than it was."""
        if known.state is State.GARBAGE or now >= known.held_until:
            return True
        return mine is not None or metric < known.good_metric

    def _revive(self, known: Known, metric: int, path: Path, now: float) -> None:
        known.state, known.metric, known.paths, known.tag = State.VALID, metric, [path], path.tag
        self._note(known, path)
        self._touch(known)
        self._refresh(known, now)

    def _refresh(self, known: Known, now: float) -> None:
        known.updated = now
        self._watch(known)

    def _drop(self, known: Known, path: Path, now: float) -> None:
        """One path is no more; with the last of them the network is held down."""
        if len(known.paths) > 1:
            known.paths.remove(path)
            self._touch(known, told=False)
        else:
            self._lose(known, now)

    def _lose(self, known: Known, now: float) -> None:
        holddown = self.config.timers.holddown
        known.state = State.HELD_DOWN if holddown else State.GARBAGE
        known.good_metric, known.metric, known.held_until = known.metric, INFINITY, now + holddown
        if not holddown:
            known.paths = []
        self.lost.append(known.network)
        self._touch(known)
        self._watch(known)

    def forget_interface(self, interface: str, now: float) -> None:
        """An interface went down: what was learned there is lost at once, and any other way is welcome."""
        for known in self.known.values():
            if known.origin is Origin.LEARNED and interface in known.interfaces():
                known.paths = [path for path in known.paths if path.interface != interface]
                if known.state is State.VALID and not known.paths:
                    self._lose(known, now)
                if not known.paths:
                    known.state = State.GARBAGE
                self._touch(known, told=False)

    def clear(self, network: IPv4Network | None = None) -> None:
        """`clear ip route`: forget what was learned, of one network or of all."""
        learned = [each for each in self.known.values() if each.origin is Origin.LEARNED]
        for known in [each for each in learned if network in (None, each.network)]:
            del self.known[known.network]
            self.touched[known.network] = None

    def _note(self, known: Known, path: Path, new: bool = False) -> None:
        self.noted.append(Stored(known.network, known.metric, path.gateway, path.interface, new))

    def _touch(self, known: Known, told: bool = True) -> None:
        known.changed = known.changed or told
        self.touched[known.network] = None

    # --- time ------------------------------------------------------------------------------------------

    def _next(self, known: Known) -> float:
        timers = self.config.timers
        if known.state is State.VALID:
            return min(path.updated for path in known.paths) + timers.invalid
        return known.updated + timers.flush

    def _watch(self, known: Known) -> None:
        # good news only puts the time off: one entry a network is enough, looked at when its time comes
        if known.network not in self._watched:
            self._watched.add(known.network)
            heapq.heappush(self._due, (self._next(known), known.network))

    def next_timer(self) -> float | None:
        """When a learned route becomes too old."""
        return self._due[0][0] if self._due else None

    def tick(self, now: float) -> None:
        """Hold down what was not heard of, and flush what is long gone."""
        while self._due and self._due[0][0] <= now:
            network = heapq.heappop(self._due)[1]
            self._watched.discard(network)
            known = self.known.get(network)
            if known is None or known.origin is not Origin.LEARNED:
                continue
            if self._next(known) > now:
                self._watch(known)
            elif known.state is State.VALID:
                oldest = min(known.paths, key=lambda path: path.updated)
                self._drop(known, oldest, now)
                self._watch(known)
            else:
                del self.known[network]
                self.noted.append(Collected(network))
                self.touched[network] = None


def _way(path: Path) -> tuple[IPv4Address, str, int]:
    return path.gateway, path.interface, path.tag


def _facts(known: Known) -> tuple[object, ...]:
    return known.origin, known.metric, known.tag, known.process, known.gateway
