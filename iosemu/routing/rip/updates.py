"""What goes into an update (RFC 2453 3.10, and the summaries of IOS)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.rip.config import InterfaceConfig, Policy
from iosemu.routing.rip.database import Known, Origin, major
from iosemu.routing.rip.packets import INFINITY, Entry

_ANY = IPv4Address(0)


@dataclass(slots=True)
class Advertised:
    """One network as an interface tells it; a summary has the best metric of its parts."""

    network: IPv4Network
    metric: int
    tag: int = 0
    gateway: IPv4Address | None = None
    changed: bool = False

    def add(self, metric: int, changed: bool) -> None:
        """Another part of a summary."""
        self.metric = min(self.metric, metric)
        self.changed = self.changed or changed


def advertised(
    known: Iterable[Known], interface: InterfaceConfig, version: int, auto_summary: bool, policy: Policy
) -> Iterator[Advertised]:
    """What `interface` tells of the database, by network, in a message of `version`."""
    home = major(interface.address.ip)
    summaries: dict[IPv4Network, Advertised] = {}
    single: list[Advertised] = []
    for route in known:
        if not _goes_out(route, interface, policy):
            continue
        metric = route.told
        if route.reachable:
            metric = min(INFINITY, metric + policy.offset(True, interface.name, route.network))
        whole = _summary_of(route.network, interface, home, version, auto_summary)
        if whole is None:
            if version > 1 or _fits_version_1(route.network, interface, home):
                gateway = route.gateway
                if gateway is not None and gateway not in interface.address.network:
                    gateway = None
                single.append(Advertised(route.network, metric, route.tag, gateway, route.changed))
        elif whole in summaries:
            summaries[whole].add(metric, route.changed)
        else:
            summaries[whole] = Advertised(whole, metric, changed=route.changed)
    own = {each.network for each in single}
    single += [each for network, each in summaries.items() if network not in own]
    yield from sorted(single, key=lambda each: each.network)


def _goes_out(route: Known, interface: InterfaceConfig, policy: Policy) -> bool:
    if interface.split_horizon and _came_from(route, interface):
        return False
    if route.origin is Origin.LEARNED and policy.overruled(route.network):
        return False
    return policy.advertises(interface.name, route.process, route.network)


def _came_from(route: Known, interface: InterfaceConfig) -> bool:
    """Whether the link knows it anyhow; a lost route goes back where it came from, too: poison reverse."""
    if route.origin is Origin.CONNECTED:
        return any(route.network == each.network for each in interface.addresses)
    return route.origin is Origin.LEARNED and route.reachable and interface.name in route.interfaces()


def _summary_of(
    network: IPv4Network, interface: InterfaceConfig, home: IPv4Network, version: int, auto_summary: bool
) -> IPv4Network | None:
    """The network that stands for this one on the interface; None: it goes out by itself."""
    if version > 1:
        for summary in interface.summaries:
            if network != summary and network.subnet_of(summary):
                return summary
    classful = major(network)
    if network.prefixlen <= classful.prefixlen:
        return None
    return classful if classful != home and (auto_summary or version == 1) else None


def _fits_version_1(network: IPv4Network, interface: InterfaceConfig, home: IPv4Network) -> bool:
    """Whether version 1, which has no masks, can say it (RFC 1058 3.2)."""
    classful = major(network)
    if network.prefixlen == 0 or network == classful:
        return True
    return classful == home and network.prefixlen in (interface.address.network.prefixlen, 32)


def entry(each: Advertised, version: int) -> Entry:
    """The entry of a message."""
    address = each.network.network_address
    if version == 1:
        return Entry(address, metric=each.metric)
    return Entry(address, each.network.netmask, each.gateway or _ANY, each.metric, each.tag)


def network_of(told: Entry, version: int, interface: InterfaceConfig) -> IPv4Network | None:
    """The network that an entry of a neighbour means; None: none that can be."""
    value = int(told.address)
    if value >> 24 in (127,) or value >= 0xE0000000 or (value >> 24 == 0 and value):
        return None
    if version > 1 and int(told.mask):
        return told.network
    if not value:
        return IPv4Network("0.0.0.0/0")
    classful = major(told.address)
    if told.address == classful.network_address:
        return classful
    # version 1: subnets of the link's own network have its mask, others are hosts
    for each in interface.addresses:
        if major(each.network) == classful and not value & int(each.network.hostmask):
            return IPv4Network((value, each.network.prefixlen))
    return IPv4Network((value, 32))
