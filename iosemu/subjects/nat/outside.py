"""Outside sources: hosts beyond that are known inside by other addresses (`ip nat outside source`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.stack import IpStack
from iosemu.net.rewrite import Ends
from iosemu.net.routing import Route, RouteSource
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.nat.config import NUMBERS, NatConfig, OutsideRule, OutsideStatic
from iosemu.subjects.nat.table import Address

if TYPE_CHECKING:
    from iosemu.box.device import Device

ROUTE_OWNER = "ip nat outside source"


@dataclass(slots=True, eq=False)
class OutsideEntry:
    """One outside host that has an address inside."""

    outer: Address
    local: Address
    protocol: int | None
    origin: OutsideRule | OutsideStatic
    created: float
    used: float

    @property
    def vrf(self) -> str:
        """The routing instance of the inside."""
        return self.origin.vrf

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.origin.outside_vrf

    @property
    def length(self) -> int:
        """How many bits of the addresses are mapped."""
        return self.origin.length if isinstance(self.origin, OutsideStatic) else 32


class OutsideSources:
    """Who is known inside by which address."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._dynamic: dict[tuple[str, str, IPv4Address], OutsideEntry] = {}
        """By the instances of the inside and the outside, and the global address."""
        self._statics: dict[OutsideStatic, OutsideEntry] = {}

    @property
    def _config(self) -> NatConfig:
        return self.device.config.of(NatConfig)

    def __iter__(self) -> Iterator[OutsideEntry]:
        yield from list(self._statics.values())
        yield from list(self._dynamic.values())

    def __len__(self) -> int:
        return len(self._statics) + len(self._dynamic)

    def fit(self) -> None:
        """Take notice of what was typed."""
        config, now = self._config, self.device.now
        self._statics = {
            each: self._statics.get(each)
            or OutsideEntry(
                (each.outer, each.outer_port),
                (each.local, each.local_port),
                NUMBERS.get(each.protocol),
                each,
                now,
                now,
            )
            for each in config.outside_statics
        }
        for place, entry in list(self._dynamic.items()):
            if entry.origin not in config.outside_rules:
                del self._dynamic[place]
        self.fit_routes()

    def clear(self, vrf: str | None = None, local: IPv4Address | None = None) -> int:
        """Forget those that were dealt out, of one instance of the inside or one local address; how many."""
        gone = [
            place
            for place, entry in self._dynamic.items()
            if vrf in (None, entry.vrf) and local in (None, entry.local[0])
        ]
        for place in gone:
            del self._dynamic[place]
        self.fit_routes()
        return len(gone)

    def fit_routes(self) -> None:
        """Offer the routes of `add-route`; one that leads out of its instance goes by the interface there."""
        stack = self.device.service(IpStack)
        routes: dict[str, list[Route]] = {name: [] for name in stack.vrfs}
        for entry in self:
            if not entry.origin.add_route or entry.vrf not in routes:
                continue
            hop = stack.vrf(entry.outside_vrf).hop(entry.outer[0])
            if entry.outside_vrf == entry.vrf:
                interface = None
            elif hop is not None:
                interface = hop.interface
            else:
                continue
            prefix = IPv4Network((entry.local[0], entry.length))
            route = Route(prefix, RouteSource.STATIC, interface, entry.outer[0], 1, updated=entry.created)
            routes[entry.vrf].append(route)
        for name, offered in routes.items():
            stack.vrf(name).set_static_routes(ROUTE_OWNER, offered)

    def answers(self, address: IPv4Address, vrf: str) -> bool:
        """Whether an address stands for an outside host in an instance."""
        return any(
            entry.local[0] == address and entry.vrf == vrf
            for entry in self
            if isinstance(entry.origin, OutsideRule) or not entry.origin.no_alias
        )

    def to_global(self, ends: Ends, vrf: str, outside_vrf: str) -> Address | None:
        """The outside host that the destination of a packet from inside stands for."""
        for entry in self:
            if (entry.vrf, entry.outside_vrf) != (vrf, outside_vrf):
                continue
            if entry.protocol not in (None, ends.protocol) or (
                entry.protocol is not None and entry.local[1] != ends.destination_port
            ):
                continue
            static = entry.origin if isinstance(entry.origin, OutsideStatic) else None
            found = (
                static.mapped(ends.destination, back=True)
                if static is not None
                else entry.outer[0]
                if entry.local[0] == ends.destination
                else None
            )
            if found is not None:
                entry.used = self.device.now
                return found, entry.outer[1] if entry.protocol is not None else ends.destination_port
        return None

    def known(self, protocol: int, outer: Address, vrf: str, outside_vrf: str) -> Address | None:
        """The address by which an outside host is known inside."""
        for entry in self:
            if (entry.vrf, entry.outside_vrf) != (vrf, outside_vrf):
                continue
            if entry.protocol is not None:
                if entry.protocol == protocol and entry.outer == outer:
                    return entry.local
                continue
            static = entry.origin if isinstance(entry.origin, OutsideStatic) else None
            found = (
                static.mapped(outer[0])
                if static is not None
                else entry.local[0]
                if entry.outer[0] == outer[0]
                else None
            )
            if found is not None:
                return found, outer[1]
        return None

    def to_local(self, packet: IPv4Packet, ends: Ends, vrf: str, outside_vrf: str) -> Address | None:
        """The address by which the source of a packet from outside is known inside, perhaps from now on."""
        found = self.known(ends.protocol, (ends.source, ends.source_port), vrf, outside_vrf)
        if found is not None:
            return found
        config, acls = self._config, self.device.config.of(AclsConfig)
        for rule in config.outside_rules:
            if (rule.vrf, rule.outside_vrf) != (vrf, outside_vrf):
                continue
            access_list = acls.get(rule.access_list)
            line = find(access_list, Flow.of(packet)) if access_list is not None else None
            if line is None or line.action is not Action.PERMIT:
                continue
            line.matches += 1
            pool = config.pools.get(rule.pool)
            taken = {entry.local[0] for entry in self._dynamic.values() if entry.vrf == vrf}
            for number in range(int(pool.start), int(pool.end) + 1) if pool is not None else ():
                address = IPv4Address(number)
                if address not in taken:
                    now = self.device.now
                    self._dynamic[vrf, outside_vrf, ends.source] = OutsideEntry(
                        (ends.source, 0), (address, 0), None, rule, now, now
                    )
                    self.fit_routes()
                    return address, ends.source_port
            return None
        return None
