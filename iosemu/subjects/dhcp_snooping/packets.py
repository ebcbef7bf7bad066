"""DHCP messages in frames, and option 82 as a Catalyst writes it (RFC 3046; SWITCHING.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from iosemu.net.dhcp.relay import information
from iosemu.packets.addresses import MacAddress
from iosemu.packets.dhcp import CLIENT_PORT, SERVER_PORT, DhcpMessage, Option
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import IPV4, EthernetFrame
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

_PORTS = (SERVER_PORT, CLIENT_PORT)
_CIRCUIT = b"\x00\x04"
"""Type and length of a circuit identifier: VLAN, module, port."""
_REMOTE = b"\x00\x06"
"""Type and length of a remote identifier: the switch's address."""
FIRST_PORT = 3
"""The number of Fa0/1 in circuit identifiers."""


def is_dhcp(frame: bytes) -> bool:
    """Whether an untagged frame is for a DHCP port, read without parsing it."""
    if frame[12:14] != IPV4 or len(frame) < 42 or frame[23] != Protocol.UDP or frame[20] & 0x1F:
        return False
    at = 14 + (frame[14] & 0x0F) * 4 + 2
    return int.from_bytes(frame[at : at + 2], "big") in _PORTS


@dataclass(frozen=True, slots=True)
class Carried:
    """A message with the layers around it."""

    message: DhcpMessage
    frame: EthernetFrame
    packet: IPv4Packet
    datagram: UdpDatagram

    @classmethod
    def parse(cls, data: bytes) -> Carried:
        """Read a frame; MalformedPacket where one of its layers cannot be read."""
        frame = EthernetFrame.parse(data)
        packet = IPv4Packet.parse(frame.payload)
        if packet.is_fragment:
            raise MalformedPacket("DHCP: a fragment")
        datagram = UdpDatagram.parse(packet.payload)
        return cls(DhcpMessage.parse(datagram.payload), frame, packet, datagram)

    def with_information(self, value: bytes | None) -> bytes:
        """The frame with another option 82, or (None) without."""
        kept = tuple(
            each for each in self.message.options if each[0] not in (Option.RELAY_INFORMATION, Option.PAD)
        )
        options = kept if value is None else (*kept, (int(Option.RELAY_INFORMATION), value))
        message = replace(self.message, options=options, trailing=b"", ended=True)
        datagram = replace(self.datagram, payload=message.to_bytes())
        payload = datagram.to_bytes(self.packet.source, self.packet.destination)
        packet = replace(self.packet, payload=payload)
        return replace(self.frame, payload=packet.to_bytes()).to_bytes()


def written(vlan: int, number: int, switch: MacAddress) -> bytes:
    """Option 82 in the format vlan-mod-port; `number` counts the ports of the box from 0."""
    circuit = _CIRCUIT + vlan.to_bytes(2, "big") + bytes((0, number + FIRST_PORT & 0xFF))
    return information(circuit, _REMOTE + bytes(switch))
