"""Streams of packets through the network of two routers, and how fast they arrive."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

from ip_network import Network
from session import configure, run

from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

PC, SERVER = IPv4Address("192.168.1.1"), IPv4Address("192.168.2.1")
HEADERS = 28


class Traffic:
    """Streams of UDP from the PC to the server, and what of them arrives."""

    def __init__(self, image: str = "15.1") -> None:
        self.network = Network(image)
        run(self.network, self.network.pc, "ping 192.168.2.1")
        self.octets: Counter[int] = Counter()
        self.delays: dict[int, list[float]] = {}
        self.tos: Counter[int] = Counter()
        self.network.server.service(IpStack).bind_protocol(Protocol.UDP, self._arrived)

    def configure(self, text: str) -> None:
        lines = configure(self.network, self.network.a, text)
        assert not lines, lines

    def _arrived(self, packet: IPv4Packet, _interface: str) -> None:
        port = packet.payload[2] << 8 | packet.payload[3]
        self.octets[port] += packet.total_length
        self.tos[packet.tos] += 1
        sent = float(bytes(packet.payload[8:28]).decode())
        self.delays.setdefault(port, []).append(self.network.scheduler.now - sent)

    def stream(self, port: int, bits: float, seconds: float, size: int = 1000, dscp: int = 0) -> None:
        """Send packets of `size` octets at so many bits per second."""
        scheduler, stack = self.network.scheduler, self.network.pc.service(IpStack)
        start, interval = scheduler.now, size * 8 / bits

        def send(number: int) -> None:
            text = f"{scheduler.now:020.9f}".encode().ljust(size - HEADERS, b".")
            data = UdpDatagram(4000, port, text).to_bytes(PC, SERVER)
            stack.send(IPv4Packet(PC, SERVER, Protocol.UDP, data, 64, tos=dscp << 2))
            if (number + 1) * interval < seconds:
                scheduler.at(start + (number + 1) * interval, lambda: send(number + 1))

        scheduler.at(start, lambda: send(0))

    def measure(self, seconds: float, warm: float = 0.5) -> dict[int, float]:
        """Bits per second of each stream that arrive, after a moment; octets of packets."""
        self.network.run(warm)
        self.octets.clear()
        self.delays.clear()
        self.network.run(seconds)
        return {port: octets * 8 / seconds for port, octets in self.octets.items()}


def wire(bits: float, size: int = 1000, extra: int = 14) -> float:
    """Bits of frames as policies count them, for bits of packets."""
    return bits * (size + extra) / size
