"""The cache of flows: what packets of one kind passed, and when a flow is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.net.netflow.aging import AgingCache
from iosemu.packets.ipv4 import IPv4Packet, Protocol

FIN_OR_RST = 0x05
SIZES = (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512, 544, 576, 1024, 1536, 2048, 2560,
         3072, 3584, 4096, 4608)  # fmt: skip
"""Octets up to which packets are counted together."""


@dataclass(frozen=True, slots=True)
class FlowKey:
    """What the packets of a flow have in common."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    source_port: int
    destination_port: int
    """For ICMP the type and the code."""
    tos: int
    interface: str
    """Where they came in, or where they leave."""
    egress: bool = False


@dataclass(eq=False, slots=True)
class Flow:
    """A flow: lab seconds of its first and last packet, and what it had."""

    key: FlowKey
    first: float
    last: float
    came_in: str
    out: str = "Null"
    """The interface that it leaves by; `Null`: it is dropped, `Local`: it is for this box."""
    next_hop: IPv4Address = field(default_factory=lambda: IPv4Address(0))
    packets: int = 0
    octets: int = 0
    tcp_flags: int = 0


@dataclass(slots=True)
class Total:
    """What flows of one protocol had that are over."""

    flows: int = 0
    packets: int = 0
    octets: int = 0
    active: float = 0.0
    """Seconds between first and last packet, all flows together."""
    idle: float = 0.0
    """Seconds from the last packet until they were taken out."""


PROTOCOLS = (
    ("TCP-Telnet", Protocol.TCP, (23,)),
    ("TCP-FTP", Protocol.TCP, (21,)),
    ("TCP-FTPD", Protocol.TCP, (20,)),
    ("TCP-WWW", Protocol.TCP, (80,)),
    ("TCP-SMTP", Protocol.TCP, (25,)),
    ("TCP-X", Protocol.TCP, tuple(range(6000, 6064))),
    ("TCP-BGP", Protocol.TCP, (179,)),
    ("TCP-NNTP", Protocol.TCP, (119,)),
    ("TCP-Frag", Protocol.TCP, ()),
    ("TCP-other", Protocol.TCP, None),
    ("UDP-DNS", Protocol.UDP, (53,)),
    ("UDP-NTP", Protocol.UDP, (123,)),
    ("UDP-TFTP", Protocol.UDP, (69,)),
    ("UDP-Frag", Protocol.UDP, ()),
    ("UDP-other", Protocol.UDP, None),
    ("ICMP", Protocol.ICMP, None),
    ("IGMP", Protocol.IGMP, None),
    ("IPv6INIP", 41, None),
    ("GRE", Protocol.GRE, None),
    ("IP-other", -1, None),
)
"""The rows of `show ip cache flow`: protocol and ports; None: any."""


def row_of(key: FlowKey) -> str:
    """The row that a flow is counted in."""
    for name, protocol, ports in PROTOCOLS:
        if protocol == key.protocol and (
            ports is None or key.destination_port in ports or key.source_port in ports
        ):
            return name
    return "IP-other"


def key_of(packet: IPv4Packet, interface: str, egress: bool) -> tuple[FlowKey, int]:
    """The flow of a packet, and its TCP flags; a later fragment shows no ports."""
    source_port = destination_port = flags = 0
    data = packet.payload
    if not packet.fragment_offset and len(data) >= 4:
        if packet.protocol in (Protocol.TCP, Protocol.UDP):
            source_port, destination_port = data[0] << 8 | data[1], data[2] << 8 | data[3]
            if packet.protocol == Protocol.TCP and len(data) >= 14:
                flags = data[13]
        elif packet.protocol == Protocol.ICMP:
            destination_port = data[0] << 8 | data[1]
    key = FlowKey(
        packet.source,
        packet.destination,
        packet.protocol,
        source_port,
        destination_port,
        packet.tos,
        interface,
        egress,
    )
    return key, flags


class FlowCache(AgingCache[FlowKey, Flow]):
    """The cache of `ip flow`, and what it counts of flows that are over."""

    def __init__(self, entries: int = 4096, active: float = 1800.0, inactive: float = 15.0) -> None:
        super().__init__(entries, active, inactive)
        self.polls = 0
        self.failures = 0
        self.totals: dict[str, Total] = {}
        self.sizes = [0] * (len(SIZES) + 1)
        """Packets by their length."""
        self.packets = 0
        self.cleared: float | None = None
        """Lab time at which the statistics were cleared."""

    def packet(
        self, packet: IPv4Packet, interface: str, now: float, egress: bool = False
    ) -> tuple[Flow, bool]:
        """Count a packet; its flow, and whether that is new."""
        key, flags = key_of(packet, interface, egress)
        octets = packet.total_length
        self.packets += 1
        self.sizes[next((n for n, most in enumerate(SIZES) if octets <= most), len(SIZES))] += 1
        flow = self.flows.get(key)
        new = flow is None
        if flow is None:
            flow = Flow(key, now, now, interface)
            self._begin(key, flow, now)
        else:
            self.flows.move_to_end(key)
        flow.last = now
        flow.packets += 1
        flow.octets += octets
        flow.tcp_flags |= flags
        if flags & FIN_OR_RST:
            self._ended[key] = flow
        return flow, new

    def _end(self, key: FlowKey, now: float) -> Flow:
        flow = super()._end(key, now)
        total = self.totals.setdefault(row_of(key), Total())
        total.flows += 1
        total.packets += flow.packets
        total.octets += flow.octets
        total.active += flow.last - flow.first
        total.idle += now - flow.last
        return flow

    def age(self, now: float) -> None:
        """Take out the flows that are over."""
        self.polls += 1
        super().age(now)

    def clear(self, now: float) -> None:
        """`clear ip flow stats`: forget what was counted, and the flows."""
        self.forget()
        self.totals.clear()
        self.sizes = [0] * (len(SIZES) + 1)
        self.packets = self.added = self.polls = self.failures = 0
        self.cleared = now
