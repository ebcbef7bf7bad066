"""Which inside global address a host gets: that of an interface, the next of a pool, a port of an overloaded one."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.nat.config import NatConfig, Pool, Rule, Static
from iosemu.subjects.nat.table import PORT_GROUPS, Address, NatTable


class OuterAddresses:
    """What rules give out; no more than what the table has not taken."""

    def __init__(self, device: Device, table: NatTable) -> None:
        self.device = device
        self.table = table
        self.misses: dict[str, int] = {}
        """By pool: how often it had nothing left."""

    def of_static(self, static: Static) -> IPv4Address | None:
        """The outer address of a static translation; None while its interface has none."""
        return static.outer if static.interface is None else self._address_of(static.interface)

    def of_rule(self, rule: Rule) -> Pool | tuple[IPv4Address, ...]:
        """The addresses that a rule gives out."""
        if rule.pool is not None:
            return self.device.config.of(NatConfig).pools.get(rule.pool) or ()
        own = self._address_of(rule.interface or "")
        return (own,) if own is not None else ()

    def overloaded(self, rule: Rule, protocol: int, local: Address) -> Address | None:
        """An outer address and port: the port that the host uses if it is free, else one of its group."""
        pool = self.of_rule(rule)
        first = next(iter(pool), None) if isinstance(pool, tuple) else pool.start
        last = first if isinstance(pool, tuple) else pool.end
        if first is None or last is None:
            return None
        wanted = local[1]
        for number in range(int(first), int(last) + 1):
            address = IPv4Address(number)
            if not wanted or self._free(rule, protocol, (address, wanted), local):
                return address, wanted
            group = next(each for each in PORT_GROUPS if wanted <= each[1])
            for port in range(group[0], group[1] + 1):
                if self._free(rule, protocol, (address, port), local):
                    return address, port
        if rule.pool is not None:
            self.misses[rule.pool] = self.misses.get(rule.pool, 0) + 1
        return None

    def next_of(self, rule: Rule) -> IPv4Address | None:
        """The first free address of a rule."""
        pool = self.of_rule(rule)
        taken = {
            entry.outer[0]
            for entry in self.table
            if entry.protocol is None and entry.outside_vrf == rule.outside_vrf
        }
        numbers = (
            range(int(pool.start), int(pool.end) + 1)
            if isinstance(pool, Pool)
            else [int(each) for each in pool]
        )
        for number in numbers:
            address = IPv4Address(number)
            if address not in taken:
                return address
        name = rule.pool or ""
        self.misses[name] = self.misses.get(name, 0) + 1
        return None

    def _address_of(self, interface: str) -> IPv4Address | None:
        config = self.device.config.interfaces.get(interface)
        return primary_address(config)

    def _free(self, rule: Rule, protocol: int, outer: Address, local: Address) -> bool:
        stack = self.device.service(IpStack)
        own = stack.vrf(rule.outside_vrf).is_local(outer[0])
        if protocol == Protocol.UDP and own and stack.listens(outer[1], rule.outside_vrf):
            return False
        return self.table.port_free(rule, protocol, outer, local)
