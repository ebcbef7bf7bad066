"""What comes from the wire for the crypto engine of a router, and what IKE sends: datagrams, ESP and AH."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike.types import Datagram, Endpoint
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.ipsec.esp import is_esp
from iosemu.ipsec.sadb import AH, ESP
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.crypto.service.ikev2 import is_ikev2
from iosemu.subjects.crypto.service.traffic import ISAKMP_PORT, NAT_T_PORT

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

LIMITED_BROADCAST = IPv4Address("255.255.255.255")
INTERNETWORK_CONTROL = 0xC0
"""TOS byte of IKE packets: DSCP CS6, as of all that a router says for itself (RFC 4594, 3.2)."""


class Wire:
    """The ports and protocols of one router's crypto engine."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device

    def start(self) -> None:
        """Take protected packets."""
        stack = self.device.service(IpStack)
        stack.bind_protocol(ESP, self._protected, every_vrf=True)
        stack.bind_protocol(AH, self._protected, every_vrf=True)

    def listen(self, on: bool) -> None:
        """Take datagrams of IKE, or no more."""
        stack = self.device.service(IpStack)
        stack.bind_udp(ISAKMP_PORT, self._udp if on else None, vrf=None)
        stack.bind_udp(NAT_T_PORT, self._udp if on else None, vrf=None)

    def transmit(self, datagram: Datagram) -> None:
        """Send a datagram of IKE."""
        source, destination = datagram.source, datagram.destination
        data = UdpDatagram(source.port, destination.port, datagram.data).to_bytes(
            source.address, destination.address
        )
        stack = self.device.service(IpStack)
        stack.counters.udp_sent += 1
        packet = IPv4Packet(
            source.address, destination.address, Protocol.UDP, data, stack.ttl, tos=INTERNETWORK_CONTROL
        )
        stack.send(packet, bypass=True, vrf=self.crypto.fronts.of(source.address, destination.address))

    def _protected(self, packet: IPv4Packet, interface: str) -> None:
        """ESP or AH for this router; the stack handles what is inside as if it had come in there."""
        opened = self.crypto.traffic.receive_esp(packet, interface)
        if opened is not None:
            inner, inside = opened
            stack = self.device.service(IpStack)
            stack.decapsulated(inner, interface, stack.find_vrf(inside))

    def _udp(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        """A datagram for port 500 or 4500: IKE, or ESP in UDP."""
        if datagram.destination_port == NAT_T_PORT and is_esp(datagram.payload):
            wrapped = IPv4Packet(
                packet.source, packet.destination, ESP, datagram.payload, packet.ttl, packet.identification
            )
            self._protected(wrapped, interface)
            return
        if not self.may_be_peer(packet.source, interface):
            return
        vrf = self.device.service(IpStack).vrf_of(interface)
        self.crypto.fronts.note(packet.destination, packet.source, vrf.name)
        local = Endpoint(packet.destination, datagram.destination_port)
        peer = Endpoint(packet.source, datagram.source_port)
        if self.crypto.ikev2.knows() and is_ikev2(datagram.payload, local.port):
            self.crypto.ikev2.receive(datagram.payload, local, peer)
        else:
            self.crypto.ike.receive(datagram.payload, local, peer, self.crypto.now)
        self.crypto.pump()

    def may_be_peer(self, source: IPv4Address, interface: str) -> bool:
        """Whether an address can be that of another router: one host's, and not our own."""
        if source.is_unspecified or source.is_multicast or source.is_loopback or source == LIMITED_BROADCAST:
            return False
        config = self.device.config.interfaces.get(interface)
        address = config.of(IpSettings).address if config is not None else None
        network = address.network if address is not None else None
        nobody = (network.network_address, network.broadcast_address) if network is not None else ()
        if network is not None and network.prefixlen < 31 and source in nobody:
            return False
        return not self.device.service(IpStack).vrf_of(interface).is_local(source)
