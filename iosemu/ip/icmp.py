"""ICMP for one IP stack: answers to echo, errors, their rate limit, and who listens for replies."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ip import debug
from iosemu.ip.config import IcmpConfig, IpSettings
from iosemu.packets import icmp
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType, TimeExceededCode, UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol

if TYPE_CHECKING:
    from iosemu.box.interface import Interface
    from iosemu.ip.stack import IpStack
    from iosemu.ip.vrf import Vrf

DAY_MS = 86_400_000

IcmpListener = Callable[[IPv4Packet, IcmpMessage, "Vrf"], None]


class IcmpHandler:
    """Answers and makes ICMP messages.

    `listeners` are called with every reply and error that comes in for this box,
    and the routing instance that it came in by.
    """

    def __init__(self, stack: IpStack) -> None:
        self.stack = stack
        self.listeners: list[IcmpListener] = []
        self.received: dict[int, int] = {}
        """Messages in by type."""
        self.sent: dict[int, int] = {}
        self._next_unreachable: dict[bool, float] = {}

    def receive(self, packet: IPv4Packet, interface: Interface) -> None:
        """Take an ICMP packet addressed to this box; malformed ones are ignored."""
        try:
            message = IcmpMessage.parse(packet.payload)
        except MalformedPacket:
            self.stack.counters.header_errors += 1
            return
        debug.icmp(self.stack.device, packet.source, packet.destination, message, sent=False)
        self.received[message.type] = self.received.get(message.type, 0) + 1
        if message.type == IcmpType.ECHO:
            self._reply(packet, icmp.echo_reply(message), interface)
        elif message.type == IcmpType.TIMESTAMP and len(message.payload) >= 12:
            now = int(self.stack.device.now * 1000) % DAY_MS
            self._reply(packet, icmp.timestamp_reply(message, now, now), interface)
        else:
            vrf = self.stack.vrf_of(interface.name)
            for listener in list(self.listeners):
                listener(packet, message, vrf)

    def _reply(self, packet: IPv4Packet, message: IcmpMessage, interface: Interface) -> None:
        source, vrf = packet.destination, self.stack.vrf_of(interface.name)
        if not vrf.is_local(source):
            address = self.stack.address_towards(interface.name, packet.source)
            if address is None:
                return
            source = address.ip
        self.send(source, packet.source, message, tos=packet.tos, vrf=vrf)

    def send(
        self,
        source: IPv4Address,
        destination: IPv4Address,
        message: IcmpMessage,
        *,
        tos: int = 0,
        ttl: int | None = None,
        dont_fragment: bool = False,
        vrf: Vrf | None = None,
    ) -> bool:
        """Send a message; False: dropped at once."""
        debug.icmp(self.stack.device, source, destination, message, sent=True)
        self.sent[message.type] = self.sent.get(message.type, 0) + 1
        packet = IPv4Packet(
            source,
            destination,
            Protocol.ICMP,
            message.to_bytes(),
            self.stack.ttl if ttl is None else ttl,
            tos=tos,
            dont_fragment=dont_fragment,
        )
        return self.stack.send(packet, vrf=vrf)

    def unreachable(
        self, code: UnreachableCode, packet: IPv4Packet, interface: Interface, mtu: int = 0
    ) -> None:
        """Say "unreachable" about a packet that came in on `interface`, at the permitted rate."""
        if (
            not self.stack.forwarding
            and code is not UnreachableCode.PORT
            and code is not UnreachableCode.PROTOCOL
        ):
            return
        if self.stack.forwarding:
            # "fragmentation needed" has a limit of its own, so that path MTU discovery is not starved
            kind = code is UnreachableCode.FRAGMENTATION_NEEDED
            limits = self.stack.device.config.find(IcmpConfig) or IcmpConfig()
            limit = limits.fragmentation_needed if kind else limits.unreachable
            now = self.stack.device.now
            if limit is not None and now < self._next_unreachable.get(kind, 0.0):
                return
            self._next_unreachable[kind] = now + (limit or 0) / 1000
        self._error(packet, interface, icmp.unreachable(code, packet.to_bytes(), mtu))

    def time_exceeded(self, packet: IPv4Packet, interface: Interface) -> None:
        """The TTL ran out here."""
        self._error(packet, interface, icmp.time_exceeded(packet.to_bytes()))

    def reassembly_time_exceeded(self, vrf: Vrf, packet: IPv4Packet) -> None:
        """Fragments of a datagram addressed to this box did not all come."""
        interface = vrf.interface_of(packet.destination)
        if interface is not None:
            message = icmp.time_exceeded(packet.to_bytes(), TimeExceededCode.REASSEMBLY)
            self._error(packet, interface, message)

    def redirect_if_same_net(
        self,
        packet: IPv4Packet,
        interface: Interface,
        gateway: IPv4Address,
        source: IPv4Address | None = None,
    ) -> None:
        """Tell a neighbour of a better first hop on its own subnet (RFC 1812 section 5.2.7.2).

        `source` is the address that it knows this box by; None: our own there.
        """
        for address in interface.config.of(IpSettings).addresses:
            if packet.source in address.network and gateway in address.network:
                self._error(packet, interface, icmp.redirect(packet.to_bytes(), gateway), source)
                return

    def _error(
        self,
        packet: IPv4Packet,
        interface: Interface,
        message: IcmpMessage,
        source: IPv4Address | None = None,
    ) -> None:
        if not self._may_answer(packet):
            return
        address = self.stack.address_towards(interface.name, packet.source)
        if address is None:
            return
        vrf = self.stack.vrf_of(interface.name)
        if source is None:
            source = packet.destination if vrf.is_local(packet.destination) else address.ip
        self.send(source, packet.source, message, vrf=vrf)

    def _may_answer(self, packet: IPv4Packet) -> bool:
        """No error about an error, a later fragment or a broadcast (RFC 1122 section 3.2.2)."""
        source = packet.source
        if (
            packet.fragment_offset
            or packet.destination.is_multicast
            or not int(source)
            or source.is_multicast
        ):
            return False
        if packet.protocol != Protocol.ICMP:
            return True
        try:
            return not IcmpMessage.parse(packet.payload, verify=False).is_error
        except MalformedPacket:
            return False
