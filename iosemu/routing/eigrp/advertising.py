"""What is told on which interface: split horizon, stubs, summaries, filters (RFC 7868 3.3, 5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.routing.eigrp.config import (
    STUB_CONNECTED,
    STUB_LEAK,
    STUB_RECEIVE_ONLY,
    STUB_REDISTRIBUTED,
    STUB_STATIC,
    STUB_SUMMARY,
)
from iosemu.routing.eigrp.metric import Vector
from iosemu.routing.eigrp.neighbor import Neighbor, Port
from iosemu.routing.eigrp.packets import HEADER_LENGTH, Flags, Opcode
from iosemu.routing.eigrp.tlvs import Outside, RouteTlv, build_tlv
from iosemu.routing.eigrp.topology import Entry, Kind, Path

if TYPE_CHECKING:
    from iosemu.routing.eigrp.engine import Eigrp

Told = tuple[Vector, Outside | None]
WIDE_TLV = (2, 0)
_IP_HEADER, _PROOF = 20, 56
_ANY = IPv4Address(0)


def major(network: IPv4Network) -> IPv4Network:
    """The class A, B or C network that a network lies in; itself where it is larger."""
    first = int(network.network_address) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    return network if network.prefixlen <= length else network.supernet(new_prefix=length)


class Advertising:
    """Turns the topology table into what neighbours are told."""

    def __init__(self, engine: Eigrp) -> None:
        self.engine = engine
        self._summarised: set[IPv4Network] = set()

    # --- summaries -------------------------------------------------------------------------------------

    def summaries(self, port: Port) -> dict[IPv4Network, bool]:
        """The summaries of an interface; True: an automatic one."""
        found = dict.fromkeys(port.config.summaries, False)
        if self.engine.config.auto_summary:
            own = {major(each) for each in port.config.connected}
            for other in self.engine.ports.values():
                for network in other.config.connected:
                    whole = major(network)
                    if whole not in own and whole != network:
                        found.setdefault(whole, True)
        return found

    def summarise(self, now: float) -> None:
        """Bring the summaries in the topology table up to date with what they stand for."""
        wanted: dict[IPv4Network, bool] = {}
        for port in self.engine.ports.values():
            for network, automatic in self.summaries(port).items():
                wanted[network] = wanted.get(network, True) and automatic
        topology = self.engine.topology
        for network in self._summarised - set(wanted):
            known = topology.entries.get(network)
            if known is not None:
                self.engine.lose(known, ("summary",), now)
        self._summarised = set(wanted)
        for network, automatic in wanted.items():
            best = self._least(network, automatic)
            known = topology.entries.get(network)
            if best is None:
                if known is not None:
                    self.engine.lose(known, ("summary",), now)
                continue
            entry = topology.entry(network)
            path = entry.paths.get(("summary",))
            vector = replace(best.vector, hops=0, tag=0)
            if path is None or path.vector != vector:
                distance = self.engine.composite(vector)
                entry.paths["summary",] = Path(
                    Kind.SUMMARY, vector, distance, interface="Null0", router=self.engine.config.router_id
                )
                self.engine.dual.settle(entry, now)

    def components(self, network: IPv4Network, automatic: bool) -> Iterator[Entry]:
        """What a summary stands for."""
        for entry in self.engine.topology:
            if (
                entry.network != network
                and entry.network.prefixlen > network.prefixlen
                and entry.network.subnet_of(network)
            ):
                path = entry.successor
                if path is None or path.kind is Kind.SUMMARY or (automatic and path.outside is not None):
                    continue
                yield entry

    def _least(self, network: IPv4Network, automatic: bool) -> Path | None:
        paths = [each.successor for each in self.components(network, automatic)]
        return min((each for each in paths if each is not None), key=lambda each: each.distance, default=None)

    # --- one network on one interface ------------------------------------------------------------------

    def outgoing(self, entry: Entry, port: Port) -> Told | None:
        """What is told of a network on an interface; None: nothing."""
        if entry.active:
            return None
        summaries = self.summaries(port)
        path = self._path(entry, entry.network in summaries)
        if path is None or not self._may(entry, path, port) or self._hidden(entry, path, port):
            return None
        policy, config = self.engine.policy, self.engine.config
        if not policy.advertises(port.name, path.origin, entry.network):
            return None
        if path.vector.hops >= config.maximum_hops:
            return None
        offset = policy.offset(True, port.name, entry.network)
        return path.vector.further(offset, config.weights.wide), path.outside

    def _path(self, entry: Entry, summarised: bool) -> Path | None:
        """What is passed on: a summary only where it is configured, elsewhere what is beside it."""
        successor = entry.successor
        if successor is None or successor.kind is not Kind.SUMMARY or summarised:
            return successor
        return next((each for each in entry.fitting() if each.kind is not Kind.SUMMARY), None)

    def _may(self, entry: Entry, path: Path, port: Port) -> bool:
        if self.split(path, port):
            return False
        if path.kind is Kind.CONNECTED and entry.network in port.config.connected:
            return False
        stub = self.engine.config.stub
        if stub is None:
            return True
        if stub & STUB_RECEIVE_ONLY:
            return False
        if stub & STUB_LEAK and self.engine.policy.leaks(port.name, None, entry.network, path.vector.tag):
            return True
        if path.kind is Kind.LEARNED:
            return False
        if path.kind is Kind.CONNECTED:
            return bool(stub & STUB_CONNECTED)
        if path.kind is Kind.SUMMARY:
            return bool(stub & STUB_SUMMARY)
        if path.origin == "static" and stub & STUB_STATIC:
            return True
        if path.origin == "connected" and stub & STUB_CONNECTED:
            return True
        return bool(stub & STUB_REDISTRIBUTED)

    @staticmethod
    def split(path: Path, port: Port) -> bool:
        """Whether split horizon keeps a path from going back where it came from."""
        return path.kind is Kind.LEARNED and path.interface == port.name and port.config.split_horizon

    def _hidden(self, entry: Entry, path: Path, port: Port) -> bool:
        policy, tag = self.engine.policy, path.vector.tag
        return any(
            entry.network != each
            and entry.network.subnet_of(each)
            and not (automatic and path.outside is not None)
            and (automatic or not policy.leaks(port.name, each, entry.network, tag))
            for each, automatic in self.summaries(port).items()
        )

    # --- many networks ---------------------------------------------------------------------------------

    def update(self, entries: Iterable[Entry], now: float) -> None:
        """Tell what is other than before, on every interface."""
        entries = list(entries)
        for port in self.engine.ports.values():
            if not any(each.up for each in port.neighbors.values()):
                continue  # whoever comes is told everything
            rows = [(entry, told) for entry in entries if (told := self._difference(entry, port)) is not None]
            if rows:
                for tlvs in self.packets(port, self._tlvs(port, rows)):
                    self.engine.transport.multicast(port, Opcode.UPDATE, tlvs, now)

    def _difference(self, entry: Entry, port: Port) -> Told | None:
        if entry.active:
            return None
        told, before = self.outgoing(entry, port), entry.advertised.get(port.name)
        if told is None:
            path = entry.successor
            if before is not None and before[0].reachable:
                told = (before[0].lost(), before[1])
            elif before is None and path is not None and self.split(path, port):
                told = (path.vector.lost(), path.outside)  # poisoned once, so that nobody comes back to us
            else:
                return None
        if told == before:
            return None
        entry.advertised[port.name] = told
        return told

    def table(self, neighbor: Neighbor, now: float, flags: Flags = Flags.NONE) -> None:
        """Tell a neighbour everything; the last packet says that it is the last."""
        port = neighbor.port
        rows = []
        for entry in self.engine.topology:
            told = self.outgoing(entry, port)
            if told is not None:
                entry.advertised[port.name] = told
                rows.append((entry, told))
            elif not entry.active and entry.successor is None:
                continue
            else:
                entry.advertised.pop(port.name, None)
        packets = list(self.packets(port, self._tlvs(port, rows))) or [()]
        for index, tlvs in enumerate(packets):
            mark = Flags.END_OF_TABLE if index == len(packets) - 1 else Flags.NONE
            first = flags if index == 0 else Flags.NONE
            self.engine.transport.unicast(neighbor, Opcode.UPDATE, tlvs, now, mark | first)

    def route(self, port: Port, entry: Entry, vector: Vector, outside: Outside | None) -> RouteTlv:
        """One route, in the version that all who are there understand."""
        peers = [each for each in port.neighbors.values() if each.started]
        wide = self.engine.config.tlv >= WIDE_TLV and all(each.tlv >= WIDE_TLV for each in peers)
        path, next_hop, origin = entry.successor, _ANY, self.engine.config.router_id
        if path is not None:
            if path.kind is Kind.LEARNED:
                origin = path.router
            same = path.interface == port.name and path.next_hop is not None
            if not port.config.next_hop_self and same:
                next_hop = path.next_hop or _ANY
        return RouteTlv((entry.network,), vector, next_hop, outside, wide, origin)

    def _tlvs(self, port: Port, rows: Iterable[tuple[Entry, Told]]) -> list[RouteTlv]:
        return [self.route(port, entry, vector, outside) for entry, (vector, outside) in rows]

    @staticmethod
    def packets(port: Port, tlvs: Iterable[RouteTlv]) -> Iterator[tuple[RouteTlv, ...]]:
        """Routes in portions that the link carries in one packet."""
        room = port.config.mtu - _IP_HEADER - HEADER_LENGTH - _PROOF
        batch: list[RouteTlv] = []
        size = 0
        for each in tlvs:
            length = len(build_tlv(each))
            if batch and size + length > room:
                yield tuple(batch)
                batch, size = [], 0
            batch.append(each)
            size += length
        if batch:
            yield tuple(batch)
