"""One autonomous system of EIGRP as a sans-IO engine (RFC 7868; ROUTING.md 4).

Time, randomness and packets are passed in. Every call takes lab time in seconds and may leave packets in
`packets()`, networks for the routing table in `changes()` and facts in `events()`; `next_timer()` says when `tick` is
due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.eigrp import reception
from iosemu.routing.eigrp.advertising import Advertising
from iosemu.routing.eigrp.config import Given, InterfaceConfig, NoPolicy, Policy, ProcessConfig
from iosemu.routing.eigrp.dual import Dual
from iosemu.routing.eigrp.events import (
    Datagram,
    Event,
    Fsm,
    Ignored,
    NeighborDown,
    NeighborUp,
    Received,
    Resync,
    Sent,
)
from iosemu.routing.eigrp.metric import INFINITY, Vector, composite
from iosemu.routing.eigrp.neighbor import Neighbor, Port
from iosemu.routing.eigrp.packets import GROUP, Flags, Opcode, Packet, build, parse
from iosemu.routing.eigrp.tlvs import GOODBYE, Parameters, RouteTlv, Software, Stub, Termination, Tlv
from iosemu.routing.eigrp.topology import Entry, Kind, Path, Topology
from iosemu.routing.eigrp.transport import Transport

MODERN = (15, 0)
"""The first release that says whom it ends an adjacency with."""
_NAMES = {
    Opcode.UPDATE: "update", Opcode.QUERY: "query", Opcode.REPLY: "reply", Opcode.HELLO: "hello",
    Opcode.SIA_QUERY: "sia-query", Opcode.SIA_REPLY: "sia-reply",
}  # fmt: skip


class Eigrp:
    """One autonomous system. `random` gives floats in [0, 1)."""

    def __init__(
        self, config: ProcessConfig, random: Callable[[], float], now: float, policy: Policy | None = None
    ) -> None:
        self.config = config
        self.policy: Policy = policy or NoPolicy()
        self.random = random
        self.started = now
        self.ports: dict[str, Port] = {}
        self.topology = Topology()
        self.transport = Transport(self)
        self.dual = Dual(self)
        self.advertising = Advertising(self)
        self.traffic: Counter[tuple[str, str]] = Counter()
        """Packets by (`sent` or `received`, `hello`, `ack`, `update` …)."""
        self.gateways: dict[IPv4Address, float] = {}
        """Who told of routes, and when last."""
        self.trace = False
        """Whether steps of DUAL are noted."""
        self._dirty: dict[Entry, None] = {}
        self._touched: dict[IPv4Network, None] = {}
        self._queries: dict[Entry, list[Neighbor]] = {}
        self._replies: dict[Neighbor, dict[int, list[RouteTlv]]] = {}
        self._out: list[Datagram] = []
        self._events: list[Event] = []

    @property
    def neighbors(self) -> Iterator[Neighbor]:
        """All, by interface."""
        return (each for port in list(self.ports.values()) for each in list(port.neighbors.values()))

    # --- what changes ----------------------------------------------------------------------------------

    def configure(self, config: ProcessConfig, now: float) -> None:
        """Another configuration of the process."""
        old, self.config = self.config, config
        if old.weights != config.weights or old.router_id != config.router_id:
            self._reset_all("metric changed" if old.weights != config.weights else "router-id changed", now)
            self._recompute(now)
        elif old.stub != config.stub:
            self._reset_all("peer info changed", now)
        if old.auto_summary != config.auto_summary:
            self._renew(now)
        if (old.variance, old.maximum_paths) != (config.variance, config.maximum_paths):
            self._touched.update(dict.fromkeys(self.topology.entries))
        self._flush(now)

    def interface_up(self, config: InterfaceConfig, now: float) -> None:
        """EIGRP runs on an interface that is up, or its configuration is another."""
        port = self.ports.get(config.name)
        if port is None:
            # the first hello soon: not all routers of a lab at once
            self.ports[config.name] = Port(config, now + 0.1 + self.random() * 0.5)
            self._connect(config, now)
            self._renew_summaries(now)
            self._flush(now)
            return
        old, port.config = port.config, config
        reason = _reason(old, config)
        if reason:
            self.goodbye(port, now)
            for each in list(port.neighbors.values()):
                self.neighbor_down(each, reason, now)
            port.next_hello = now
        if old.connected != config.connected:
            self._disconnect(old.name, set(old.connected) - set(config.connected), now)
        if old.connected != config.connected or old.link != config.link:
            self._connect(config, now)
            for each in port.neighbors.values():
                self._reapply(each, now)
        if (old.summaries, old.split_horizon, old.next_hop_self) != (
            config.summaries, config.split_horizon, config.next_hop_self,
        ):  # fmt: skip
            for each in port.neighbors.values():
                changed = old.summaries != config.summaries
                what = "summary configured" if changed else "split horizon changed"
                self.note(Resync(port.name, each.address, what))
        if old.next_hop_self != config.next_hop_self:
            for entry in self.topology:  # the same routes are told again, with another next hop
                entry.advertised.pop(port.name, None)
        if old != config:
            self._renew(now)
        if old.hello != config.hello:
            port.next_hello = min(port.next_hello, now + config.hello)
        self._flush(now)

    def interface_down(self, name: str, now: float, reason: str = "interface down") -> None:
        """An interface went down, or no longer runs EIGRP."""
        port = self.ports.get(name)
        if port is None:
            return
        self.goodbye(port, now)
        for each in list(port.neighbors.values()):
            self.neighbor_down(each, reason, now)
        del self.ports[name]
        for entry in self.topology:
            entry.advertised.pop(name, None)
        self._disconnect(name, set(port.config.connected), now)
        self._renew_summaries(now)
        self._flush(now)

    def redistribute(
        self, lost: Iterable[tuple[str, IPv4Network]], found: Iterable[Given], now: float
    ) -> None:
        """Other protocols no longer have, or have, these routes."""
        for origin, network in lost:
            entry = self.topology.entries.get(network)
            if entry is not None:
                self.lose(entry, ("given", origin), now)
        for each in found:
            entry = self.topology.entry(each.network)
            distance = self.composite(each.vector)
            entry.paths["given", each.origin] = Path(
                Kind.REDISTRIBUTED, each.vector, distance, outside=each.outside, origin=each.origin,
                next_hop=None, router=self.config.router_id,
            )  # fmt: skip
            self.dual.settle(entry, now)
            self.changed(entry, now)
        self._flush(now)

    def filters_changed(self, now: float, noted: str = "") -> None:
        """Filters and offsets say something else than before."""
        for each in self.neighbors:
            if noted:
                self.note(Resync(each.port.name, each.address, noted))
            self._reapply(each, now)
        self._renew(now)
        self._flush(now)

    def clear(self, now: float, interface: str | None = None, address: IPv4Address | None = None) -> int:
        """End adjacencies: all, those of an interface, one. Returns how many."""
        wanted = [
            each
            for each in self.neighbors
            if interface in (None, each.port.name) and address in (None, each.address)
        ]
        for each in wanted:
            if self.config.release >= MODERN:
                self.emit(each.port, None, self._hello(each.port, (Termination((each.address,)),)))
            self.neighbor_down(each, "manually cleared", now)
        self._flush(now)
        return len(wanted)

    def resync(self, now: float, interface: str | None = None, address: IPv4Address | None = None) -> None:
        """Tell neighbours everything once more, and have them do so, without ending adjacencies."""
        for each in self.neighbors:
            if each.up and interface in (None, each.port.name) and address in (None, each.address):
                self.note(Resync(each.port.name, each.address, "manually cleared"))
                self.advertising.table(each, now, Flags.RESTART | Flags.INIT)
        self._flush(now)

    def end(self, now: float) -> None:
        """It is no longer configured."""
        for name in list(self.ports):
            self.interface_down(name, now, "procinfo free")

    def _reset_all(self, reason: str, now: float) -> None:
        for port in self.ports.values():
            if port.neighbors:
                self.goodbye(port, now)
            for each in list(port.neighbors.values()):
                self.neighbor_down(each, reason, now)
            port.next_hello = now

    def _recompute(self, now: float) -> None:
        for entry in self.topology:
            for path in entry.paths.values():
                path.distance = self.composite(path.vector)
                path.router = self.config.router_id if path.kind is not Kind.LEARNED else path.router
            entry.feasible = INFINITY
            self.dual.settle(entry, now)
            self.changed(entry, now)

    def _renew_summaries(self, now: float) -> None:
        """Other networks are attached: automatic summaries may be others."""
        if self.config.auto_summary:
            self._renew(now)
        self.advertising.summarise(now)

    def _renew(self, now: float) -> None:
        """What is told may be other: it is compared with what was told."""
        self._dirty.update(dict.fromkeys(self.topology))
        if not self.topology.entries:
            self.advertising.summarise(now)

    # --- connected networks ----------------------------------------------------------------------------

    def _connect(self, config: InterfaceConfig, now: float) -> None:
        for network in config.connected:
            entry = self.topology.entry(network)
            distance = self.composite(config.link)
            entry.paths["connected", config.name] = Path(
                Kind.CONNECTED, config.link, distance, interface=config.name, router=self.config.router_id
            )
            self.dual.settle(entry, now)

    def _disconnect(self, name: str, networks: Iterable[IPv4Network], now: float) -> None:
        for network in networks:
            entry = self.topology.entries.get(network)
            if entry is not None:
                self.lose(entry, ("connected", name), now)

    def lose(self, entry: Entry, key: tuple[object, ...], now: float) -> None:
        """A path of our own is gone."""
        path = entry.paths.pop(key, None)
        if path is not None:
            path.vector, path.distance = path.vector.lost(), INFINITY
            self.dual.settle(entry, now)

    # --- neighbours ------------------------------------------------------------------------------------

    def new_neighbor(self, port: Port, address: IPv4Address, hold: float, now: float) -> Neighbor:
        """Somebody is there: say hello at once, and begin (RFC 7868 5.3.1)."""
        taken = {each.handle for each in self.neighbors}
        handle = next(number for number in range(len(taken) + 1) if number not in taken)
        neighbor = Neighbor(port, address, handle, hold, now + hold, now)
        port.neighbors[address] = neighbor
        self.note(NeighborUp(port.name, address))
        port.counters["expedited hellos"] += 1
        self.hello(port, now)
        self.transport.unicast(neighbor, Opcode.UPDATE, (), now, Flags.INIT)
        return neighbor

    def neighbor_down(self, neighbor: Neighbor, reason: str, now: float) -> None:
        """An adjacency ends."""
        port = neighbor.port
        if port.neighbors.get(neighbor.address) is not neighbor:
            return
        del port.neighbors[neighbor.address]
        neighbor.queue.clear()
        neighbor.resend_at = None
        self._replies.pop(neighbor, None)
        self.note(NeighborDown(port.name, neighbor.address, reason))
        for entry in self.topology:
            self.dual.gone(entry, neighbor, now)
        self.transport.pump(port, now)

    def exchange(self, neighbor: Neighbor, now: float) -> None:
        """Both have begun: tell everything."""
        if neighbor.up:
            self.advertising.table(neighbor, now)

    def _reapply(self, neighbor: Neighbor, now: float) -> None:
        for network, tlv in list(neighbor.heard.items()):
            entry = self.learn(neighbor, network, tlv)
            if entry is not None:
                self.dual.settle(entry, now)

    # --- routes ----------------------------------------------------------------------------------------

    def learn(self, neighbor: Neighbor, network: IPv4Network, tlv: RouteTlv) -> Entry | None:
        """Take over what a neighbour says of a network; None: it says nothing that concerns us."""
        vector, port = tlv.vector, neighbor.port
        key = ("learned", neighbor)
        usable = (
            vector.reachable
            and vector.hops < self.config.maximum_hops
            and self.policy.accepts(
                port.name, neighbor.address, network, tlv.outside.tag if tlv.outside else vector.tag
            )
        )
        entry = self.topology.entries.get(network)
        if not usable:
            path = entry.paths.pop(key, None) if entry is not None else None
            if path is not None:
                path.vector, path.distance = path.vector.lost(), INFINITY
            return entry
        entry = entry or self.topology.entry(network)
        offset = self.policy.offset(False, port.name, network)
        told = vector.further(offset, self.config.weights.wide)
        told = replace(told, flags=told.flags & ~4)
        total = told.over(port.config.link)
        hop = tlv.next_hop if int(tlv.next_hop) else neighbor.address
        origin = tlv.outside.router if tlv.outside is not None else tlv.origin
        path = entry.paths.get(key)
        if path is None:
            path = entry.paths[key] = Path(Kind.LEARNED, total, 0, neighbor=neighbor, interface=port.name)
        path.vector, path.distance = total, self.composite(total)
        path.told, path.reported = told, self.composite(told)
        path.next_hop, path.outside, path.router = hop, tlv.outside, origin
        return entry

    def installed(self, network: IPv4Network) -> list[Path]:
        """The paths for the routing table, the best first: learned ones, or a summary."""
        entry = self.topology.entries.get(network)
        best = entry.successor if entry is not None else None
        if entry is None or best is None or best.kind in (Kind.CONNECTED, Kind.REDISTRIBUTED):
            return []
        if entry.active:
            return [each for each in entry.successors if each.reachable]
        limit = entry.successors[0].distance * self.config.variance
        fit = [
            each
            for each in entry.fitting()
            if each.kind is best.kind and each.distance <= limit
        ]  # fmt: skip
        return fit[: self.config.maximum_paths]

    def composite(self, vector: Vector) -> int:
        """The metric by our K values."""
        return composite(vector, self.config.weights)

    def changed(self, entry: Entry, now: float) -> None:
        """A route is another: for the table, and for the neighbours."""
        self.topology.number(entry, now)
        self.touch(entry)
        self._dirty[entry] = None

    def touch(self, entry: Entry) -> None:
        """The routing table looks at it again."""
        self._touched[entry.network] = None

    def forget(self, entry: Entry) -> None:
        """Nobody has a path to it."""
        if self.topology.entries.get(entry.network) is entry:
            del self.topology.entries[entry.network]
            self.touch(entry)

    # --- what DUAL wants said --------------------------------------------------------------------------

    def query(self, entry: Entry, wanted: list[Neighbor], now: float) -> None:
        """Ask neighbours, at the end of what happens now."""
        self._queries[entry] = wanted

    def reply(self, entry: Entry, neighbor: Neighbor, now: float, opcode: int = Opcode.REPLY) -> None:
        """Tell a neighbour what we have, or that we have nothing."""
        vector, outside = entry.frozen if entry.active else None, None
        if not entry.active:
            told = self.advertising.outgoing(entry, neighbor.port)
            if told is not None:
                vector, outside = told
        if vector is None:
            known = next(iter(entry.paths.values()), None)
            vector = known.vector.lost() if known is not None else Vector(1, -1)
        tlv = self.advertising.route(neighbor.port, entry, vector, outside)
        self._replies.setdefault(neighbor, {}).setdefault(opcode, []).append(tlv)

    def tell(self, neighbor: Neighbor, opcode: int, entry: Entry, vector: Vector, now: float) -> None:
        """One network to one neighbour."""
        tlv = self.advertising.route(neighbor.port, entry, vector, None)
        self.transport.unicast(neighbor, opcode, (tlv,), now)

    def _flush(self, now: float) -> None:
        """Send what came together."""
        while self._dirty or self._queries or self._replies:
            if self._dirty:
                self.advertising.summarise(now)
            queries, self._queries = self._queries, {}
            replies, self._replies = self._replies, {}
            dirty, self._dirty = self._dirty, {}
            for neighbor, kinds in replies.items():
                for opcode, tlvs in kinds.items():
                    for batch in self.advertising.packets(neighbor.port, tlvs):
                        self.transport.unicast(neighbor, opcode, batch, now)
            self._send_queries(queries, now)
            self.advertising.update(dirty, now)
        for each in self.neighbors:
            self.transport.acknowledge(each)

    def _send_queries(self, queries: dict[Entry, list[Neighbor]], now: float) -> None:
        groups: dict[tuple[Port, tuple[Neighbor, ...]], list[RouteTlv]] = {}
        for entry, wanted in queries.items():
            vector = entry.frozen
            if not entry.active or vector is None:
                continue
            for port in self.ports.values():
                asked = tuple(each for each in wanted if each.port is port and each in entry.pending)
                if not asked:
                    continue
                outside = next((each.outside for each in entry.successors), None)
                if all(each in asked for each in port.neighbors.values() if each.up):
                    entry.advertised[port.name] = (vector, outside)
                tlv = self.advertising.route(port, entry, vector, outside)
                groups.setdefault((port, asked), []).append(tlv)
        for (port, asked), tlvs in groups.items():
            everybody = {each for each in port.neighbors.values() if each.up} == set(asked)
            for batch in self.advertising.packets(port, tlvs):
                if everybody:
                    self.transport.multicast(port, Opcode.QUERY, batch, now)
                else:
                    for each in asked:
                        self.transport.unicast(each, Opcode.QUERY, batch, now)

    # --- packets ---------------------------------------------------------------------------------------

    def _hello(self, port: Port, more: tuple[Tlv, ...] = ()) -> Packet:
        config = self.config
        hold = min(int(port.config.hold), 65535)
        tlvs: tuple[Tlv, ...] = (Parameters(config.weights.k, hold), Software(config.release, config.tlv))
        if config.stub is not None:
            tlvs = (*tlvs, Stub(config.stub))
        return Packet(Opcode.HELLO, 0, tlvs=(*tlvs, *more))

    def hello(self, port: Port, now: float, more: tuple[Tlv, ...] = ()) -> None:
        """Say that we are there."""
        port.counters["hellos"] += 1
        self.emit(port, None, self._hello(port, more))

    def goodbye(self, port: Port, now: float) -> None:
        """Say that we leave."""
        if not port.config.passive or port.neighbors:
            tlvs = (
                Parameters(GOODBYE, int(port.config.hold)),
                Software(self.config.release, self.config.tlv),
            )
            self.emit(port, None, Packet(Opcode.HELLO, 0, tlvs=tlvs))

    def emit(
        self, port: Port, neighbor: Neighbor | None, packet: Packet, retry: int = 0, now: float | None = None
    ) -> float:
        """Send a packet to a neighbour, or to all of an interface.

        With `now` it is one of those that keep to their share of the link: the lab time at which it leaves is returned.
        """
        leaves = now or 0.0
        packet = replace(packet, system=self.config.system)
        config = port.config
        mode = config.authentication
        key = config.keys.sending() if mode is not None and config.keys is not None else None
        if mode is not None and key is None:
            return leaves  # a chain without a key that may be sent: nothing goes out
        data = build(packet, mode, key, config.address.ip)
        kind = (
            "ack" if packet.is_acknowledgement and not packet.tlvs else _NAMES.get(Opcode(packet.opcode), "")
        )
        self.traffic["sent", kind] += 1
        everybody = sorted(config.neighbors) or [GROUP]
        targets = everybody if neighbor is None else [neighbor.address]
        for each in targets:
            if now is not None:
                leaves = port.departure(len(data), now)
            self._out.append(Datagram(port.name, config.address.ip, each, data, leaves))
        self.note(
            Sent(
                port.name, packet, len(data), neighbor.address if neighbor is not None else None, retry,
                int(neighbor.rto) if neighbor is not None else 0,
                len(neighbor.queue) if neighbor is not None else 0,
            )
        )  # fmt: skip
        return leaves

    def receive(
        self, interface: str, source: IPv4Address, destination: IPv4Address, payload: bytes, now: float
    ) -> None:
        """A packet of IP protocol 88 came."""
        port = self.ports.get(interface)
        if port is None or port.config.passive:
            return
        try:
            packet = parse(payload)
        except MalformedPacket:
            self.note(Ignored(interface, source, payload[1] if len(payload) > 1 else 0, "malformed packet"))
            return
        if packet.system != self.config.system:
            return
        if any(source == each.ip for each in port.config.addresses):
            return
        if port.config.neighbors and (source not in port.config.neighbors or destination == GROUP):
            return
        neighbor = port.neighbors.get(source)
        fault = reception.unproven(port, packet, payload, source)
        if fault:
            self.note(Ignored(interface, source, packet.opcode, fault))
            if neighbor is not None:
                self.neighbor_down(neighbor, "Auth failure", now)
                self._flush(now)
            return
        kind = "ack" if packet.is_acknowledgement and not packet.tlvs else _name(packet.opcode)
        self.traffic["received", kind] += 1
        queued = len(neighbor.queue) if neighbor is not None else 0
        self.note(Received(interface, source, packet, len(payload), neighbor is not None, queued))
        reception.take(self, port, source, packet, now)
        self._flush(now)

    # --- time and answers ------------------------------------------------------------------------------

    def next_timer(self) -> float:
        """Lab time at which `tick` is due."""
        times = [port.next_hello for port in self.ports.values() if not port.config.passive]
        times += [each.expires for each in self.neighbors]
        times += self.transport.due(self.neighbors, self.ports.values())
        times += [
            each.sia_at for each in self.topology.entries.values() if each.active and each.sia_at is not None
        ]
        return min(times, default=float("inf"))

    def tick(self, now: float) -> None:
        """Do what is due: hellos, holding times, retransmissions, routes stuck in active."""
        for port in list(self.ports.values()):
            if not port.config.passive and port.next_hello <= now:
                port.next_hello = now + port.config.hello * (0.88 + 0.1 * self.random())
                self.hello(port, now)
            self.transport.pump(port, now)
        for neighbor in self.neighbors:
            if neighbor.expires <= now:
                self.neighbor_down(neighbor, "holding time expired", now)
            else:
                self.transport.tick(neighbor, now)
        for entry in self.topology:
            if entry.active:
                self.dual.tick(entry, now)
        self._flush(now)

    def note(self, event: Event) -> None:
        """Keep it for `events`."""
        if self.trace or not isinstance(event, Fsm):
            self._events.append(event)

    def packets(self) -> list[Datagram]:
        """What is to be sent since the last call."""
        out, self._out = self._out, []
        return out

    def events(self) -> list[Event]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def changes(self) -> list[IPv4Network]:
        """The networks whose routes are to be read again by `installed`."""
        touched, self._touched = self._touched, {}
        return list(touched)


def _name(opcode: int) -> str:
    try:
        return _NAMES.get(Opcode(opcode), "")
    except ValueError:
        return ""


def _reason(old: InterfaceConfig, new: InterfaceConfig) -> str:
    """Why a change of an interface ends its adjacencies; empty: it does not."""
    if old.passive != new.passive and new.passive:
        return "interface passive"
    if old.authentication != new.authentication:
        return "authentication mode changed"
    if old.key_name != new.key_name:
        return "keychain changed"
    if old.address != new.address:
        return "address changed"
    if old.neighbors != new.neighbors:
        return "Static peer configured" if new.neighbors - old.neighbors else "Static peer removed"
    return ""
