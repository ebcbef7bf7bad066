"""Who is answered for by ARP: addresses that are given out, and those that go with a first-hop group."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.nat.config import NatConfig
from iosemu.subjects.nat.outside import OutsideSources


class Answers:
    """Has inside global addresses that no interface has found by ARP."""

    def __init__(self, device: Device, outside: OutsideSources) -> None:
        self.device = device
        self.outside = outside
        self.active = False
        """An interface is inside or outside."""
        self._redundant: dict[tuple[str, IPv4Address], MacAddress] = {}
        """The addresses that are answered for with a first-hop group, and its station."""
        self._answering: dict[str, Vrf] = {}
        """The tables in which ARP asks here for addresses that are given out."""

    def fit(self) -> None:
        """Have ARP answered for the addresses that are given out, in the tables where the outside is."""
        config, stack = self.device.config.of(NatConfig), self.device.service(IpStack)
        homes = {each.outside_vrf for each in config.rules} | {each.outside_vrf for each in config.statics}
        homes |= {each.vrf for each in config.outside_rules} | {each.vrf for each in config.outside_statics}
        for name in {"", *homes}:
            vrf = stack.vrf(name)
            if self._answering.get(name) is not vrf:
                self._answering[name] = vrf
                vrf.arp.aliases.append(partial(self._answers, name))

    def _answers(self, vrf: str, address: IPv4Address) -> bool:
        """Whether ARP answers in a table for an inside global address that no interface has."""
        if not self.active:
            return False
        config = self.device.config.of(NatConfig)
        homes: dict[str, set[str]] = {}
        for rule in config.rules:
            homes.setdefault(rule.pool or "", set()).add(rule.outside_vrf)
        if any(address in pool and vrf in homes.get(name, {""}) for name, pool in config.pools.items()):
            return True
        if self.outside.answers(address, vrf):
            return True
        return any(
            static.mapped(address, back=True) is not None if static.is_network else address == static.outer
            for static in config.statics
            if not static.no_alias and not static.redundancy and static.outside_vrf == vrf
        )

    def redundancy_changed(self, name: str) -> None:
        """A first-hop group is active now, or not."""
        if any(static.redundancy == name for static in self.device.config.of(NatConfig).statics):
            self.fit_redundancy()

    def fit_redundancy(self) -> None:
        """Answer for the addresses that go with a first-hop group, as long as that is active here."""
        stack = self.device.service(IpStack)
        virtual = stack.virtual
        wanted: dict[tuple[str, IPv4Address], MacAddress] = {}
        for static in self.device.config.of(NatConfig).statics if self.active else ():
            group = virtual.redundancy.get(static.redundancy)
            if group is not None and group.active and static.outer is not None:
                wanted[group.interface, static.outer] = group.station
        for place in self._redundant.keys() - wanted.keys():
            virtual.forget(*place)
        for (interface, address), station in wanted.items():
            if self._redundant.get((interface, address)) != station:
                virtual.answer_for(stack.interfaces[interface], address, station)
        self._redundant = wanted
