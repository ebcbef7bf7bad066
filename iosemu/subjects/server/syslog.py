"""A collector of syslog messages (RFC 3164) on a server."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.server.config import ServerConfig

PORT = 514
MOST = 1000
"""Messages that are kept."""
LONGEST = 1024
"""Octets of a message (RFC 3164 section 4.1)."""
NOTICE = 13
"""The priority of a message that tells none (RFC 3164 section 4.3.3)."""
_PRIORITY = re.compile(r"<(\d{1,3})>")


@dataclass(frozen=True, slots=True)
class Collected:
    """One message."""

    time: float
    """Lab seconds."""
    source: IPv4Address
    facility: int
    severity: int
    text: str


class SyslogCollector(Service):
    """UDP port 514."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.messages: deque[Collected] = deque(maxlen=MOST)

    def changed(self) -> None:
        """The services were chosen."""
        wanted = self.device.config.of(ServerConfig).syslog
        self.device.service(IpStack).bind_udp(PORT, self._receive if wanted else None)

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        text = datagram.payload[:LONGEST].decode("utf-8", "replace")
        found = _PRIORITY.match(text)
        told = int(found[1]) if found is not None else NOTICE
        priority = told if told < 192 else NOTICE
        body = text[found.end() :] if found is not None else text
        shown = "".join(sign if sign.isprintable() else " " for sign in body).strip()
        self.messages.append(Collected(self.device.now, packet.source, priority >> 3, priority & 7, shown))
