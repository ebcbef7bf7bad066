"""RIP as `show ip protocols`, `show ip route` and the other protocols see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from iosemu.box.clock_text import span
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.rip import InterfaceConfig, State
from iosemu.subjects.rip.config import RipProcess
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocol

if TYPE_CHECKING:
    from iosemu.subjects.rip.instance import RipInstance


class RipProtocol(RoutingProtocol):
    """`router rip`, in one routing instance."""

    source = RouteSource.RIP
    process = "rip"

    def __init__(self, instance: RipInstance) -> None:
        self._instance = instance
        self.vrf = instance.vrf

    def covers(self, interface: str) -> bool:
        """Whether RIP runs there."""
        return self._instance.covers(interface)

    def facts(self, route: Route) -> RouteFacts:
        """Who told, and how long the route is held down."""
        known = self._instance.engine.database.known.get(route.network)
        if known is None:
            return RouteFacts()
        source = next((each.source for each in known.paths if each.gateway == route.next_hop), None)
        lines: tuple[str, ...] = ()
        if known.state is State.HELD_DOWN:
            left = max(0, int(known.held_until - self._instance.device.now))
            lines = (f"Hold down timer expires in {left} secs",)
        return RouteFacts(advertiser=source, lines=lines)

    def updated(self, route: Route) -> float:
        """When the neighbour last told of it."""
        known = self._instance.engine.database.known.get(route.network)
        paths = known.paths if known is not None else []
        return next((each.updated for each in paths if each.gateway == route.next_hop), route.updated)

    def clear(self, network: IPv4Network | None) -> None:
        """Forget what was learned, and ask the neighbours."""
        self._instance.clear(network)

    def summary(self) -> Iterable[str]:
        """`show ip protocols` (outputs/show_ip_protocols 4 and 5)."""
        process, engine = self._instance.config, self._instance.engine
        if process.output_delay is not None:
            yield f"  Output delay {process.output_delay} milliseconds between packets"
        yield from _filters(process)
        timers, left = process.timers, max(0, round(engine.next_update - self._instance.device.now))
        yield f"  Sending updates every {timers.update:.0f} seconds, next due in {left} seconds"
        yield (
            f"  Invalid after {timers.invalid:.0f} seconds, hold down {timers.holddown:.0f}, "
            f"flushed after {timers.flush:.0f}"
        )
        if process.default_metric is not None:
            yield f"  Default redistribution metric is {process.default_metric}"
        yield f"  Redistributing: {', '.join([*sorted(process.redistribute), 'rip'])}"
        if process.neighbors:
            yield "  Neighbor(s):"
            yield from (f"    {each}" for each in sorted(process.neighbors))
        yield from self._versions(process, list(engine.interfaces.values()))
        yield from self._networks(process)
        yield "  Routing Information Sources:"
        yield "    Gateway         Distance      Last Update"
        for gateway, heard in engine.gateways.items():
            distance = next(
                (each.distance for each in process.distances if each.covers(gateway)), process.distance
            )
            yield f"    {gateway!s:<16}{distance:>8}      {span(self._instance.device.now - heard)}"
        yield f"  Distance: (default is {process.distance})"
        for each in process.distances:
            yield f"    {each.address!s:<16}{each.distance:>8}      {each.wildcard}"

    def _versions(self, process: RipProcess, interfaces: list[InterfaceConfig]) -> Iterator[str]:
        # the captured outputs are of IOS-XE, whose table is wider and has words for what there is not
        version = process.version
        send, receive = (1, "any version") if version is None else (version, f"version {version}")
        yield f"  Default version control: send version {send}, receive {receive}"
        if interfaces:
            yield f"    {'Interface':<22}Send  Recv  Triggered RIP  Key-chain"
        for each in sorted(interfaces, key=lambda config: config.name):
            if each.passive:
                continue
            sends, receives = " ".join(map(str, each.send)), " ".join(map(str, each.receive))
            yield f"    {each.name:<22}{sends:<6}{receives:<21}{each.key_chain}"
        state = "" if process.auto_summary else "not "
        yield f"  Automatic network summarization is {state}in effect"
        summaries = [(network, each.name) for each in interfaces for network in each.summaries]
        if summaries:
            yield "  Address Summarization:"
            yield from (f"    {network} for {name}" for network, name in summaries)
        yield f"  Maximum path: {process.maximum_paths}"

    def _networks(self, process: RipProcess) -> Iterator[str]:
        yield "  Routing for Networks:"
        yield from (f"    {network.network_address}" for network in sorted(process.networks))
        passive = [name for name in self._instance.table.interfaces if process.passive(name)]
        if passive and not process.passive_default:
            yield "  Passive Interface(s):"
            yield from (f"    {name}" for name in passive)
        elif passive:
            covered = [name for name in passive if self._instance.covers(name)]
            yield "  Passive Interface(s):"
            yield from (f"    {name}" for name in covered)


def _filters(process: RipProcess) -> Iterator[str]:
    for outgoing, word in ((True, "Outgoing"), (False, "Incoming")):
        whole = process.lists.get((outgoing, "", ""))
        if whole is None:
            said = "not set"
        elif whole.access_list:
            said = whole.access_list
        else:
            said = f"(prefix-list) {whole.prefix_list or whole.gateway}"
        yield f"  {word} update filter list for all interfaces is {said}"
        for each in process.lists.values():
            if each.outgoing == outgoing and each.interface:
                named = each.access_list or f"(prefix-list) {each.prefix_list or each.gateway}"
                default = "not set" if whole is None else said
                yield f"    {each.interface} filtered by {named} (per-user), default is {default}"
            elif each.outgoing == outgoing and each.origin:
                yield f"    Redistributed {each.origin} filtered by {each.access_list or each.prefix_list}"
    yield from (offset.told for offset in process.offsets)
