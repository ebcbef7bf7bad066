"""One echo or traceroute probe and what came back for it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.signal import Signal
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType, echo
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

IP_AND_ICMP = 28
"""Octets of the IPv4 and ICMP headers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the ICMP message, from whom, with which TTL, after how many seconds."""

    message: IcmpMessage
    source: IPv4Address
    ttl: int
    seconds: float

    @property
    def milliseconds(self) -> int:
        """Whole milliseconds, cut off."""
        return int(self.seconds * 1000)


class Probe:
    """Sends one packet when made and listens until `close` (use it as a context manager).

    `answer` stays None while nothing has come back; `sent` is False when the packet could not even leave.
    """

    def __init__(
        self,
        stack: IpStack,
        destination: IPv4Address,
        source: IPv4Address | None,
        vrf: Vrf | None = None,
    ) -> None:
        self.stack = stack
        self.vrf = vrf
        """Where it is sent; None: in the default instance."""
        self.destination = destination
        self.source = source
        self.answer: Answer | None = None
        self.arrived = Signal()
        """Something came back."""
        self.sent = False
        self.started = stack.device.now
        self._key: tuple[int, ...] = ()
        stack.icmp.listeners.append(self._listen)

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        if self._listen in self.stack.icmp.listeners:
            self.stack.icmp.listeners.remove(self._listen)

    @property
    def answered(self) -> bool:
        """Whether something came back."""
        return self.answer is not None

    def echo(
        self,
        identifier: int,
        sequence: int,
        payload: bytes,
        *,
        ttl: int | None = None,
        tos: int = 0,
        dont_fragment: bool = False,
    ) -> Probe:
        """Send an echo request."""
        self._key = (IcmpType.ECHO, identifier, sequence)
        if self.source is not None:
            message = echo(identifier, sequence, payload)
            self.sent = self.stack.icmp.send(
                self.source,
                self.destination,
                message,
                ttl=ttl,
                tos=tos,
                dont_fragment=dont_fragment,
                vrf=self.vrf,
            )
        return self

    def udp(self, source_port: int, port: int, ttl: int, payload: bytes = bytes(12)) -> Probe:
        """Send a datagram that nobody expects, as traceroute does."""
        self._key = (Protocol.UDP, source_port, port)
        if self.source is not None:
            data = UdpDatagram(source_port, port, payload).to_bytes(self.source, self.destination)
            packet = IPv4Packet(self.source, self.destination, Protocol.UDP, data, ttl)
            self.sent = self.stack.send(packet, vrf=self.vrf)
        return self

    def _listen(self, packet: IPv4Packet, message: IcmpMessage, vrf: Vrf) -> None:
        sent_in = self.vrf or self.stack.default
        if self.answer is None and vrf is sent_in and self._is_mine(packet, message):
            seconds = self.stack.device.now - self.started
            self.answer = Answer(message, packet.source, packet.ttl, seconds)
            self.arrived.emit()

    def _is_mine(self, packet: IPv4Packet, message: IcmpMessage) -> bool:
        if message.type == IcmpType.ECHO_REPLY:
            return (IcmpType.ECHO, message.identifier, message.sequence) == self._key
        if not message.is_error or message.type == IcmpType.REDIRECT:
            return False  # a redirected packet goes on to where it is sent
        try:
            quoted = IPv4Packet.parse(message.payload, verify=False)
            if quoted.protocol == Protocol.ICMP:
                inner = IcmpMessage.parse(quoted.payload, verify=False)
                return (IcmpType.ECHO, inner.identifier, inner.sequence) == self._key
        except MalformedPacket:
            return False
        data = quoted.payload
        if quoted.protocol != Protocol.UDP or len(data) < 4:
            return False
        ports = (data[0] << 8 | data[1], data[2] << 8 | data[3])
        return (Protocol.UDP, *ports) == self._key and quoted.destination == self.destination
