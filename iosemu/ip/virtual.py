"""Addresses that an interface answers for while a first-hop protocol lets it, and frames to their stations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings
from iosemu.net.arp_table import ArpKind
from iosemu.packets.addresses import MacAddress
from iosemu.packets.arp import ArpPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.ipv4 import IPv4Packet

if TYPE_CHECKING:
    from iosemu.ip.interfaces import IpInterfaces
    from iosemu.ip.vrf import Vrf

Answer = Callable[[ArpPacket], MacAddress | None]
"""The station that a request is answered with; None: somebody else answers."""


Told = tuple[IPv4Address, IPv4Address | None]
"""The router that a host is sent to, and our address that it knows us by (None: the usual one)."""
Redirecting = Callable[[IPv4Address, bytes | None], Told | None]
"""Says what a host is told instead of a router's own address, from the station that its frame was for; or nothing."""


@dataclass(frozen=True, slots=True)
class Redundancy:
    """A group that others are bound to by its name (`redundancy NAME`)."""

    interface: str
    address: IPv4Address
    station: MacAddress
    active: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """The group for which a box takes frames to a station address."""

    protocol: str
    """`HSRP`, `VRRP` or `GLBP`."""
    group: int
    role: str
    """`active router`, `master` …"""
    line: str
    """What its line under the interface begins with: `standby 1 ip`."""


class VirtualAddresses:
    """What virtual routers add to the interfaces of a stack; whoever adds something takes it back.

    An address that is held is the box's own as long as it is; a station is an address that frames may be for.
    """

    def __init__(self, stack: IpInterfaces) -> None:
        self.stack = stack
        self.answers: dict[tuple[str, IPv4Address], Answer] = {}
        """Who answers ARP for an address on an interface."""
        self.groups: Counter[str] = Counter()
        """How many protocols have groups on an interface: redirects are sent then only as `redirecting` says."""
        self.redirecting: dict[str, Redirecting] = {}
        """By interface."""
        self.redundancy: dict[str, Redundancy] = {}
        """The groups by name, as they are now."""
        self.listeners: list[Callable[[str], None]] = []
        """Who is told the name of a group that became active or passive, that came or went."""
        self.duties: dict[tuple[str, bytes], Duty] = {}
        """By interface and station address, for which group frames to it are taken."""
        self._stations: dict[str, Counter[bytes]] = {}
        self._held: dict[tuple[str, IPv4Address], Vrf] = {}
        """The instance in which an address is held: the interface may be in another one by now."""

    def hold(
        self, interface: Interface, address: IPv4Address, answer: Answer, mac: MacAddress | None
    ) -> None:
        """Take packets to an address and answer ARP for it; `mac` stands in the ARP table (None: as `answer` says)."""
        self.answers[interface.name, address] = answer
        vrf = self._held[interface.name, address] = self.stack.vrf_of(interface.name)
        vrf.claim(address, interface.name)
        if mac is not None:
            vrf.arp.table.add(interface.name, address, mac, self.stack.device.now, ArpKind.INTERFACE)

    def release(self, interface: Interface, address: IPv4Address) -> None:
        """Undo `hold`."""
        if self.answers.pop((interface.name, address), None) is None:
            return
        vrf = self._held.pop((interface.name, address))
        vrf.disclaim(address, interface.name)
        table = vrf.arp.table
        known = table.lookup(address)
        if known is None or known.interface != interface.name or known.kind is not ArpKind.INTERFACE:
            return
        table.remove(address)
        if (
            vrf is self.stack.vrf_of(interface.name)
            and any(own.ip == address for own in interface.config.of(IpSettings).addresses)
            and interface.protocol_up
        ):
            table.add(interface.name, address, interface.mac, self.stack.device.now, ArpKind.INTERFACE)

    def answer_for(self, interface: Interface, address: IPv4Address, station: MacAddress) -> None:
        """Answer ARP for an address that is not the box's own, and say so; `forget` undoes it."""
        self.answers[interface.name, address] = lambda _asked: station
        self.announce(interface, address, station)

    def forget(self, interface: str, address: IPv4Address) -> None:
        """Undo `answer_for`."""
        self.answers.pop((interface, address), None)

    def redirect(self, interface: Interface, router: IPv4Address, station: bytes | None) -> Told | None:
        """What a host on an interface is told that had better go by another router; None: nothing."""
        if interface.name not in self.groups:
            return router, None
        asked = self.redirecting.get(interface.name)
        return asked(router, station) if asked is not None else None

    def add_group(self, interface: str) -> None:
        """An interface has one protocol more with groups, until `remove_group`."""
        self.groups[interface] += 1

    def remove_group(self, interface: str) -> None:
        """Undo one `add_group`."""
        self.groups[interface] -= 1
        if self.groups[interface] <= 0:
            del self.groups[interface]

    def add_station(self, interface: Interface, mac: MacAddress, duty: Duty) -> None:
        """Take frames to a station address, until as many `remove_station`."""
        self.duties[interface.name, bytes(mac)] = duty
        self._stations.setdefault(interface.name, Counter())[bytes(mac)] += 1
        interface.also.add(bytes(mac))

    def remove_station(self, interface: Interface, mac: MacAddress) -> None:
        """Undo one `add_station`."""
        stations = self._stations.get(interface.name, Counter())
        stations[bytes(mac)] -= 1
        if stations[bytes(mac)] <= 0:
            del stations[bytes(mac)]
            self.duties.pop((interface.name, bytes(mac)), None)
            interface.also.discard(bytes(mac))

    def set_redundancy(self, name: str, group: Redundancy | None) -> None:
        """Say how a named group is now; None: there is none of that name any more."""
        if self.redundancy.get(name) == group:
            return
        if group is None:
            del self.redundancy[name]
        else:
            self.redundancy[name] = group
        for listener in list(self.listeners):
            listener(name)

    def announce(self, interface: Interface, address: IPv4Address, mac: MacAddress) -> None:
        """Tell the link, and the tables of its switches, at which station an address is (gratuitous ARP)."""
        self.stack.vrf_of(interface.name).arp.announce_virtual(interface, address, mac)

    def send(self, interface: Interface, packet: IPv4Packet, station: MacAddress, mac: MacAddress) -> None:
        """Send a packet of ours to a station of the link, from the station address `mac`."""
        self.stack.counters.generated += 1
        self.stack.counters.multicasts_sent += station.is_multicast
        interface.send(EthernetFrame(station, mac, EtherType.IPV4, packet.to_bytes()).to_bytes())


class Holding:
    """What one group holds of an interface while it is the active router: addresses at one station."""

    def __init__(self, virtual: VirtualAddresses, interface: Interface, duty: Duty) -> None:
        self.virtual = virtual
        self.duty = duty
        self.interface = interface
        self.addresses: list[IPv4Address] = []
        self.station: MacAddress | None = None
        """None: nothing is held."""

    def take(self, addresses: list[IPv4Address], station: MacAddress) -> None:
        """Hold these addresses at this station, and no others; tell the link where they are when that is new."""
        if self.addresses == addresses and self.station == station:
            return
        self.give_up()
        self.station, self.addresses = station, list(addresses)
        self.virtual.add_station(self.interface, station, self.duty)
        for address in addresses:
            self.virtual.hold(self.interface, address, lambda _asked: station, station)
            self.virtual.announce(self.interface, address, station)

    def give_up(self) -> None:
        """Hold nothing any more."""
        for address in self.addresses:
            self.virtual.release(self.interface, address)
        if self.station is not None:
            self.virtual.remove_station(self.interface, self.station)
        self.station, self.addresses = None, []
