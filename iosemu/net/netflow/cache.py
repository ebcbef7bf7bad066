"""The cache of flows: what packets of one kind passed, and when a flow is over."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.packets.ipv4 import IPv4Packet, Protocol

FIN_OR_RST = 0x05
ENDING = 1.0
"""Seconds after which the ager finds a TCP flow that has ended."""
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


class FlowCache:
    """Flows of at most `entries`; `inactive` and `active` are seconds after which one is over.

    Both orders, that of the last packets and that of the first ones, are kept: what is over is found without looking
    at all.
    """

    def __init__(self, entries: int = 4096, active: float = 1800.0, inactive: float = 15.0) -> None:
        self.entries, self.active, self.inactive = entries, active, inactive
        self.flows: OrderedDict[FlowKey, Flow] = OrderedDict()
        """Those whose last packet is the oldest come first."""
        self._by_age: OrderedDict[FlowKey, Flow] = OrderedDict()
        self._ended: OrderedDict[FlowKey, Flow] = OrderedDict()
        """TCP flows that were closed."""
        self.added = 0
        self.polls = 0
        self.failures = 0
        self.totals: dict[str, Total] = {}
        self.sizes = [0] * (len(SIZES) + 1)
        """Packets by their length."""
        self.packets = 0
        self.cleared: float | None = None
        """Lab time at which the statistics were cleared."""
        self._over: list[Flow] = []

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
            if len(self.flows) >= self.entries:
                self._end(next(iter(self.flows)), now)
            flow = self.flows[key] = self._by_age[key] = Flow(key, now, now, interface)
            self.added += 1
        else:
            self.flows.move_to_end(key)
        flow.last = now
        flow.packets += 1
        flow.octets += octets
        flow.tcp_flags |= flags
        if flags & FIN_OR_RST:
            self._ended[key] = flow
        return flow, new

    def _end(self, key: FlowKey, now: float) -> None:
        flow = self.flows.pop(key)
        self._by_age.pop(key, None)
        self._ended.pop(key, None)
        total = self.totals.setdefault(row_of(key), Total())
        total.flows += 1
        total.packets += flow.packets
        total.octets += flow.octets
        total.active += flow.last - flow.first
        total.idle += now - flow.last
        self._over.append(flow)

    def age(self, now: float) -> None:
        """Take out the flows that are over."""
        self.polls += 1
        for key, flow in list(self._ended.items()):
            if flow.last + ENDING > now:
                break
            self._end(key, now)
        while self.flows and next(iter(self.flows.values())).last + self.inactive <= now:
            self._end(next(iter(self.flows)), now)
        while self._by_age and next(iter(self._by_age.values())).first + self.active <= now:
            self._end(next(iter(self._by_age)), now)

    def next_timer(self) -> float | None:
        """Lab time at which some flow may be over; None: there are none."""
        if not self.flows:
            return None
        due = min(
            next(iter(self.flows.values())).last + self.inactive,
            next(iter(self._by_age.values())).first + self.active,
        )
        if self._ended:
            due = min(due, next(iter(self._ended.values())).last + ENDING)
        return due

    def over(self) -> list[Flow]:
        """The flows that ended since the last call, in the order in which they did."""
        ended, self._over = self._over, []
        return ended

    def end_all(self, now: float) -> None:
        """All flows are over."""
        for key in list(self.flows):
            self._end(key, now)

    def clear(self, now: float) -> None:
        """`clear ip flow stats`: forget what was counted, and the flows."""
        self.flows.clear()
        self._by_age.clear()
        self._ended.clear()
        self._over.clear()
        self.totals.clear()
        self.sizes = [0] * (len(SIZES) + 1)
        self.packets = self.added = self.polls = self.failures = 0
        self.cleared = now
