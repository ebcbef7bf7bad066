"""Cisco's UplinkFast and BackboneFast: additions to 802.1D-1998 that spare it its timers; sans-IO.

UplinkFast: a blocked port that takes the place of a root port whose link is gone forwards at once; one that comes
back waits until its neighbor forwards (Cisco, "Understanding and Configuring the Cisco UplinkFast Feature").

BackboneFast: an inferior BPDU tells that the designated bridge beyond has lost its root port. Whether the root still
lives is asked on all other ways to it (root link query), and what was heard on the port is forgotten at once rather
than after the maximum age (Cisco, "Understanding and Configuring Backbone Fast on Catalyst Switches").
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.stp import SpanningTree
from iosemu.net.stp_tree import NEVER, StpPort
from iosemu.net.stp_types import Hastened, PortRole, PortState, Vector
from iosemu.packets.stp import AnyBpdu, Bpdu, BpduType, RootLinkQuery

SETTLING = 5.0
"""Seconds beyond twice the forward delay that UplinkFast gives a port that came back."""
ASK_AGAIN = 2.0
"""Seconds after which an unanswered query is forgotten: the next inferior BPDU asks again."""
_WAYS = (PortRole.ROOT, PortRole.ALTERNATE)


@dataclass(slots=True)
class FastCounts:
    """What BackboneFast counts, and UplinkFast."""

    uplinks: int = 0
    transitions: int = 0
    inferior: int = 0
    requests_received: int = 0
    responses_received: int = 0
    requests_sent: int = 0
    responses_sent: int = 0


@dataclass(slots=True)
class FastSpanningTree(SpanningTree):
    """One instance of 802.1D-1998 with both additions, each of which may be off."""

    uplinkfast: bool = False
    backbonefast: bool = False
    counts: FastCounts = field(default_factory=FastCounts)
    _up_since: dict[str, float] = field(default_factory=dict)
    _reconsider: float = NEVER
    """When a port that came back may be the root port."""
    _asked: dict[str, tuple[set[str], float]] = field(default_factory=dict)
    """The ports on which the root was asked for, and when, by the port that heard the inferior BPDU."""
    _queries: list[tuple[str, RootLinkQuery]] = field(default_factory=list)

    @property
    def ways(self) -> list[StpPort]:
        """The ports that lead to the root."""
        return [port for port in self.live_ports if port.up and port.role in _WAYS]

    def queries(self) -> list[tuple[str, RootLinkQuery]]:
        """The root link queries to send since the last call, with their ports."""
        queries, self._queries = self._queries, []
        return queries

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = SpanningTree.next_timer(self)
        return due if self._reconsider == NEVER else min(self._reconsider, NEVER if due is None else due)

    def tick(self, now: float) -> None:
        """Let every timer that is due expire."""
        if self._reconsider <= now:
            self._elect(now)
            self._send_all(now)
        SpanningTree.tick(self, now)

    # UplinkFast.

    def port_up(self, name: str, now: float) -> None:
        """The port's link came up."""
        if not self.ports[name].up:
            self._up_since[name] = now
        SpanningTree.port_up(self, name, now)

    def _elect(self, now: float) -> None:
        self._held, self._reconsider = frozenset(), NEVER
        current = self.ports.get(self.root_port) if self.root_port is not None else None
        if self.uplinkfast and current is not None and current.up and current.heard is not None:
            hold = 2 * self.operating_times.forward_delay + SETTLING
            back = {name: since + hold for name, since in self._up_since.items() if since + hold > now}
            back.pop(current.name, None)
            if back and current.state is PortState.FORWARDING:
                self._held, self._reconsider = frozenset(back), min(back.values())
        SpanningTree._elect(self, now)

    def _assign(self, port: StpPort, is_root_port: bool, now: float) -> None:
        waits = port.role is PortRole.ALTERNATE and port.state is PortState.BLOCKING and not port.inconsistent
        if self.uplinkfast and is_root_port and waits:
            port.role, port.forward_timer = PortRole.ROOT, NEVER
            self._set_state(port, PortState.FORWARDING, now)
            self.counts.uplinks += 1
            self._events.append(Hastened(port.name, "uplink"))
            return
        SpanningTree._assign(self, port, is_root_port, now)

    # BackboneFast.

    def receive(self, name: str, bpdu: AnyBpdu, now: float) -> None:
        """Take a BPDU, and ask for the root where it is inferior."""
        port = self.ports.get(name)
        inferior = port is not None and self.backbonefast and self._is_inferior(port, bpdu)
        SpanningTree.receive(self, name, bpdu, now)
        if inferior and port is not None and port.up and not port.bpduguard:
            self.counts.inferior += 1
            self._ask(port, now)

    def _is_inferior(self, port: StpPort, bpdu: AnyBpdu) -> bool:
        """Whether the designated bridge takes itself for the root now, though it knew a better one."""
        if not isinstance(bpdu, Bpdu) or bpdu.type is not BpduType.CONFIG or port.heard is None:
            return False
        claim = Vector(bpdu.root, bpdu.root_path_cost, bpdu.bridge, bpdu.port)
        return bpdu.root == bpdu.bridge == port.heard.bridge and port.heard < claim and port.role in _WAYS

    def _ask(self, port: StpPort, now: float) -> None:
        asked = self._asked.get(port.name)
        if asked is not None and now < asked[1] + ASK_AGAIN:
            return
        ways = [each.name for each in self.ways if each is not port and each.heard is not None]
        if not ways:
            self._forget(port.name, now)  # the root is lost
            return
        self._asked[port.name] = (set(ways), now)
        for way in ways:
            self._query(way, reply=False)

    def _query(self, name: str, *, reply: bool) -> None:
        times, port = self.operating_times, self.ports[name]
        bpdu = Bpdu(
            self.root, self.root_cost, self.bridge, port.identifier, 0.0,
            times.max_age, times.hello_time, times.forward_delay,
        )  # fmt: skip
        self._queries.append((name, RootLinkQuery(bpdu, reply)))
        self.counts.requests_sent += not reply
        self.counts.responses_sent += reply

    def hear_query(self, name: str, query: RootLinkQuery, now: float) -> None:
        """Take a root link query or the answer to one."""
        port = self.ports.get(name)
        if port is None or not port.up or not self.backbonefast:
            return
        if query.reply:
            self.counts.responses_received += 1
            self._answered(name, query, now)
            return
        self.counts.requests_received += 1
        if self.is_root or query.bpdu.root != self.root:
            self._query(name, reply=True)
        elif self.root_port is not None and self.root_port != name:
            self._query(self.root_port, reply=False)

    def _answered(self, name: str, query: RootLinkQuery, now: float) -> None:
        mine = [asker for asker, (ways, _when) in self._asked.items() if name in ways]
        if not mine:
            for port in self.live_ports:
                if port.up and port.name != name and port.role is PortRole.DESIGNATED:
                    self._queries.append((port.name, query))
            return
        lives = query.bpdu.root == self.root
        for asker in mine:
            ways, _when = self._asked[asker]
            ways.discard(name)
            if lives or not ways:
                del self._asked[asker]
                self.counts.transitions += 1
                self._events.append(Hastened(asker, "backbone"))
                self._forget(asker, now)
        if not lives:
            self._forget(name, now)

    def _forget(self, name: str, now: float) -> None:
        """What was heard on a port is older than the maximum age."""
        port = self.ports[name]
        port.heard, port.expires = None, NEVER
        self._elect(now)
        self._send_all(now)
