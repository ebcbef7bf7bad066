"""ARP at work for one IP stack: the cache, its timers, who answers for what, and CEF adjacencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING

from iosemu.box.interface import Interface
from iosemu.ip import arp_tracing, debug
from iosemu.ip.config import IpSettings
from iosemu.net.arp_table import ArpAction, ArpKind, ArpSend, ArpTable, Unresolved
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import BROADCAST, MacAddress, ipv4
from iosemu.packets.arp import ArpOperation, ArpPacket, is_exchange
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType

if TYPE_CHECKING:
    from iosemu.ip.vrf import Vrf

ADJACENCY_RETRY = 10.0
"""Seconds between requests for the unresolved next hop of an installed static route."""
CISCO_GROUP = MacAddress.from_string("0100.0ccd.cdcd")


@dataclass(frozen=True, slots=True)
class _Link:
    """The address of an interface, and as numbers: itself, its subnet, and the mask."""

    address: IPv4Interface
    own: int
    network: int
    mask: int

    @classmethod
    def of(cls, address: IPv4Interface) -> _Link:
        subnet = address.network
        return cls(address, int(address.ip), int(subnet.network_address), int(subnet.netmask))


class Arp:
    """Resolves next hops in one routing instance of a stack.

    A router drops the packet that meets an unresolved address; a host keeps it. The next hops of static
    routes are resolved ahead of traffic, as CEF completes their adjacencies.
    """

    def __init__(self, vrf: Vrf, policy: Unresolved) -> None:
        self.vrf = vrf
        self.stack = vrf.stack
        self.table = ArpTable(self._mac_of, policy)
        self.aliases: list[Callable[[IPv4Address], bool]] = []
        """Who knows further addresses that are answered for (inside global ones of NAT, virtual routers)."""
        self.duplicates: list[Callable[[Interface, IPv4Address], None]] = []
        """Who wants to know that another station uses an address of ours."""
        self._links: dict[str, _Link] = {}
        self._timer: Timer | None = None
        self._adjacencies: dict[IPv4Address, int] = {}
        """Next hops that routes need, with how many need each."""
        self._adjacency_timer: Timer | None = None

    def receive(self, interface: Interface, payload: bytes) -> None:
        """Take the payload of an ARP frame; malformed ones and those from a wrong cable are ignored."""
        context = self.stack.device.scheduler.context
        if context is None and not self.stack.device.debugging.any and self._passes_by(interface, payload):
            self.table.passed_by(request=payload[7] == ArpOperation.REQUEST)
            return
        try:
            packet = ArpPacket.parse(payload)
        except MalformedPacket:
            return
        if int(packet.sender_ip) and not self._belongs(interface, packet.sender_ip):
            if context is not None:
                arp_tracing.filtered(interface, context, packet)
            debug.arp(self.stack.device, interface.name, packet, "filtered")
            return
        debug.arp(self.stack.device, interface.name, packet, "rcvd")
        now = self.stack.device.now
        if self.duplicates and packet.sender_mac != interface.mac:
            for address in interface.config.of(IpSettings).addresses:
                if address.ip == packet.sender_ip:
                    for tell in self.duplicates:
                        tell(interface, address.ip)
                    break
        if context is not None:
            arp_tracing.received(interface, context, packet, self._answers_for(interface, packet.target_ip))
        self._perform(
            self.table.receive(
                interface.name,
                packet,
                lambda ip: self._answers_for(interface, ip),
                now,
                lambda asked: self._station(interface, asked),
            )
        )

    def _passes_by(self, interface: Interface, payload: bytes) -> bool:
        """A stranger asks for another station, or announces itself: nothing comes of it but that it is counted.

        On a link with N stations each gets the requests of all others, so this is what most of ARP is. It is
        decided by numbers; what is less common (further addresses, other subnets) goes the long way.
        """
        settings = interface.config.of(IpSettings)
        own = settings.address
        if own is None or settings.secondary or not is_exchange(payload):
            return False
        link = self._links.get(interface.name)
        if link is None or link.address is not own:
            link = self._links[interface.name] = _Link.of(own)
        sender, target = payload[14:18], payload[24:28]
        for octets in (sender, target):
            number = int.from_bytes(octets)
            if number & link.mask != link.network or number == link.own:
                return False
        if self.table.concerns(ipv4(bytes(sender))):
            return False
        asked, answers = ipv4(bytes(target)), self.stack.virtual.answers
        if answers and (interface.name, asked) in answers:
            return False
        return not any(known_to(asked) for known_to in self.aliases)

    def resolve(self, interface: Interface, next_hop: IPv4Address, packet: bytes) -> MacAddress | None:
        """The hardware address of a next hop; None: `packet` was dropped or waits, and a request is out."""
        source = self._source(interface, next_hop)
        context = self.stack.device.scheduler.context
        if source is None:
            if context is not None:
                arp_tracing.no_source(interface, context)
            return None
        mac, actions = self.table.resolve(interface.name, source, next_hop, packet, self.stack.device.now)
        if context is not None:
            arp_tracing.resolving(interface, context, next_hop, mac, packet, self.table.policy)
        self._perform(actions)
        return mac

    def ask(self, interface: Interface, next_hop: IPv4Address) -> None:
        """Have a next hop resolved before there is a packet for it."""
        if self.table.lookup(next_hop) is None:
            self.resolve(interface, next_hop, b"")

    def announce(self, interface: Interface) -> None:
        """Enter the interface's own addresses and tell the link about them (gratuitous ARP)."""
        for address in interface.config.of(IpSettings).addresses:
            if (interface.name, address.ip) in self.stack.virtual.answers:
                continue  # it is at a virtual router's station, which tells of it itself
            self.table.add(
                interface.name, address.ip, interface.mac, self.stack.device.now, ArpKind.INTERFACE
            )
            self._perform([self.table.announce(interface.name, address.ip)])

    def announce_virtual(self, interface: Interface, address: IPv4Address, mac: MacAddress) -> None:
        """Tell the link that an address is at a station address that is not the interface's own.

        Told twice, to all stations and to a group that Cisco's switches listen to.
        """
        for everybody in (BROADCAST, CISCO_GROUP):
            packet = ArpPacket(ArpOperation.REPLY, mac, address, everybody, address)
            self._perform([ArpSend(interface.name, packet, everybody)])

    def interface_down(self, interface: Interface) -> None:
        """Forget what was learned on an interface, and its own addresses."""
        self.table.interface_down(interface.name)

    def keep(self, next_hop: IPv4Address) -> None:
        """Keep a next hop resolved from now on, as often as it is asked for; a new one is asked for at once."""
        self._adjacencies[next_hop] = self._adjacencies.get(next_hop, 0) + 1
        if self._adjacencies[next_hop] == 1:
            self._complete_soon(0.0)

    def complete(self) -> None:
        """Ask now for the next hops that are kept and not resolved; a way to them may have come."""
        if self._adjacencies:
            self._complete_soon(0.0)

    def release(self, next_hop: IPv4Address) -> None:
        """Undo one `keep`."""
        count = self._adjacencies.get(next_hop, 0) - 1
        if count > 0:
            self._adjacencies[next_hop] = count
        else:
            self._adjacencies.pop(next_hop, None)

    def clear(self) -> None:
        """`arp -d`: forget what was learned and ask again for what routes need."""
        self.table.clear()
        self._reassert()

    def refresh(self) -> None:
        """`clear arp-cache`: ask whether what was learned is still true; who does not answer is forgotten."""
        self._perform(self.table.refresh(self.stack.device.now))
        self._reassert()

    def _reassert(self) -> None:
        for interface in self.vrf.interfaces.values():
            if interface.protocol_up and self.stack.is_ethernet(interface):
                self.announce(interface)
        self._complete_adjacencies()

    def stop(self) -> None:
        """Forget all timers; the box is switched off."""
        for timer in (self._timer, self._adjacency_timer):
            if timer is not None:
                timer.cancel()

    def _complete_soon(self, seconds: float) -> None:
        due = self.stack.device.now + seconds
        if self._adjacency_timer is not None and not self._adjacency_timer.cancelled:
            if self._adjacency_timer.when <= due:
                return
            self._adjacency_timer.cancel()
        self._adjacency_timer = self.stack.device.scheduler.at(due, self._complete_adjacencies)

    def _complete_adjacencies(self) -> None:
        self._adjacency_timer = None
        if not self.stack.device.powered or not self.stack.forwarding:
            return
        missing = [hop for hop in self._adjacencies if self.table.lookup(hop) is None]
        for next_hop in missing:
            hop = self.vrf.routes.hop(next_hop)
            interface = self.vrf.interfaces.get(hop.interface) if hop else None
            if interface is not None and self.stack.is_ethernet(interface) and interface.protocol_up:
                self.resolve(interface, next_hop, b"")
        if missing:
            self._complete_soon(ADJACENCY_RETRY)

    def _belongs(self, interface: Interface, address: IPv4Address) -> bool:
        """Whether an address can be on this link: in its subnets, or where a route says so without a next hop.

        With a route to an Ethernet interface a neighbour answers by proxy for whatever lies behind it (RFC 1027).
        """
        if any(address in each.network for each in interface.config.of(IpSettings).addresses):
            return True
        hop = self.vrf.routes.hop(address)
        return hop is not None and hop.interface == interface.name and hop.next_hop is None

    def _mac_of(self, interface: str) -> MacAddress:
        return self.stack.interfaces[interface].mac

    def _source(self, interface: Interface, next_hop: IPv4Address) -> IPv4Address | None:
        addresses = interface.config.of(IpSettings).addresses
        for address in addresses:
            if next_hop in address.network:
                return address.ip
        return addresses[0].ip if addresses else None

    def _answers_for(self, interface: Interface, address: IPv4Address) -> bool:
        """Own addresses on this interface, and by proxy whatever is reached through another one."""
        settings = interface.config.of(IpSettings)
        addresses, answers = settings.addresses, self.stack.virtual.answers
        on_link = False
        for own in addresses:
            if own.ip == address:
                return True
            on_link = on_link or address in own.network
        if answers and (interface.name, address) in answers:
            return True
        for known_to in self.aliases:
            if known_to(address):
                return on_link
        if on_link or not self.stack.forwarding or not settings.proxy_arp:
            return False
        hop = self.vrf.routes.hop(address)
        return hop is not None and hop.interface != interface.name

    def _station(self, interface: Interface, asked: ArpPacket) -> MacAddress | None:
        """What a request is answered with: a virtual router's address at its own station."""
        answer = self.stack.virtual.answers.get((interface.name, asked.target_ip))
        return answer(asked) if answer is not None else interface.mac

    def _perform(self, actions: Iterable[ArpAction]) -> None:
        context = self.stack.device.scheduler.context
        for action in actions:
            interface = self.stack.interfaces.get(action.interface)
            if interface is None:
                continue
            if isinstance(action, ArpSend):
                destination = action.destination or BROADCAST
                # a virtual router answers from its own station address, so that switches know where that is
                source = action.packet.sender_mac
                frame = EthernetFrame(destination, source, EtherType.ARP, action.packet.to_bytes())
                debug.arp(self.stack.device, interface.name, action.packet, "sent")
                if context is not None:
                    arp_tracing.send(interface, context, action.packet, frame.to_bytes())
                    continue
                interface.send(frame.to_bytes())
            elif action.mac is not None:
                for packet in filter(None, action.packets):
                    if context is not None:
                        with context.resumed(packet):
                            self.stack.transmit(interface, action.mac, packet)
                        continue
                    self.stack.transmit(interface, action.mac, packet)
            else:
                if context is not None:
                    arp_tracing.unanswered(interface, context, action)
                self.stack.unresolved(filter(None, action.packets))
        self._arm()

    def _arm(self) -> None:
        due = self.table.next_timer()
        if self._timer is not None:
            if due is not None and not self._timer.cancelled and self._timer.when == due:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self.stack.device.scheduler.at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if not self.stack.device.powered:
            return
        self._perform(self.table.tick(self.stack.device.now))
        if not self._adjacencies.keys().isdisjoint(self.table.expired()):
            self._complete_adjacencies()
