"""IPv4 fragmentation and reassembly (RFC 791 section 3.2, RFC 815, RFC 1122 section 3.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.packets.ipv4 import MAXIMUM_LENGTH, IPv4Packet

REASSEMBLY_TIMEOUT = 30.0
"""Seconds after its first fragment arrives that an incomplete datagram is given up; IOS's default is 30
(`ip virtual-reassembly` aside), within the 15 s to 120 s of RFC 791 and RFC 1122."""
MAXIMUM_DATAGRAMS = 256
"""Incomplete datagrams held at once; the oldest goes when one more begins."""
_COPIED = 0x80
_END, _NO_OPERATION = 0, 1


class FragmentationNeededError(ValueError):
    """The packet exceeds the MTU and says "don't fragment"; `mtu` in octets goes into the ICMP error."""

    def __init__(self, mtu: int) -> None:
        super().__init__(f"packet is longer than the MTU of {mtu} octets and must not be fragmented")
        self.mtu = mtu


def fragment(packet: IPv4Packet, mtu: int) -> list[IPv4Packet]:
    """Cut a packet into fragments of at most `mtu` octets; the packet itself if it fits.

    FragmentationNeededError if it does not fit and DF is set; ValueError if 8 octets do not fit.
    """
    if packet.total_length <= mtu:
        return [packet]
    if packet.dont_fragment:
        raise FragmentationNeededError(mtu)
    later_options = copied_options(packet.options)
    pieces: list[IPv4Packet] = []
    position = 0
    while position < len(packet.payload):
        options = packet.options if position == 0 else later_options
        room = mtu - 20 - len(options)
        rest = len(packet.payload) - position
        take = rest if rest <= room else room & ~7
        if take <= 0:
            raise ValueError(f"an MTU of {mtu} octets has no room for a fragment")
        last = position + take == len(packet.payload)
        pieces.append(
            IPv4Packet(
                packet.source,
                packet.destination,
                packet.protocol,
                packet.payload[position : position + take],
                packet.ttl,
                packet.identification,
                packet.tos,
                False,
                packet.more_fragments or not last,
                packet.fragment_offset + position,
                options,
            )
        )
        position += take
    return pieces


def copied_options(options: bytes) -> bytes:
    """The options that every fragment carries: those with the copied flag (RFC 791 section 3.1), padded."""
    kept = bytearray()
    at = 0
    while at < len(options) and options[at] != _END:
        if options[at] == _NO_OPERATION:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2:
            break
        if options[at] & _COPIED:
            kept += options[at : at + length]
        at += length
    return bytes(kept) + bytes(-len(kept) % 4)


_Key = tuple[IPv4Address, IPv4Address, int, int]


@dataclass(slots=True)
class _Datagram:
    """The holes of RFC 815, kept as the pieces that have come, sorted by offset and without overlap."""

    deadline: float
    pieces: dict[int, bytes] = field(default_factory=dict)
    first: IPv4Packet | None = None
    length: int | None = None
    octets: int = 0

    def add(self, packet: IPv4Packet) -> bool:
        """Fit a fragment in; False when it contradicts what is there, and then the datagram is worthless."""
        start = packet.fragment_offset
        end = start + len(packet.payload)
        if end > MAXIMUM_LENGTH - packet.header_length or (packet.more_fragments and len(packet.payload) % 8):
            return False
        if not packet.more_fragments:
            if self.length not in (None, end):
                return False
            self.length = end
        for at, piece in self.pieces.items():
            if at < end and start < at + len(piece):
                return at == start and piece == packet.payload
        if self.length is not None and (end > self.length or any(at >= self.length for at in self.pieces)):
            return False
        self.pieces[start] = packet.payload
        self.octets += len(packet.payload)
        if start == 0:
            self.first = packet
        return True

    @property
    def complete(self) -> bool:
        return self.first is not None and self.octets == self.length


class Reassembler:
    """Puts fragments together; overlapping fragments discard the datagram (RFC 1858), copies do not."""

    def __init__(self, timeout: float = REASSEMBLY_TIMEOUT, limit: int = MAXIMUM_DATAGRAMS) -> None:
        self.timeout = timeout
        self.limit = limit
        self._datagrams: dict[_Key, _Datagram] = {}

    def add(self, packet: IPv4Packet, now: float) -> IPv4Packet | None:
        """Take a packet: itself if it is whole, the datagram that it completes, or None while pieces lack."""
        if not packet.is_fragment:
            return packet
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        datagram = self._datagrams.get(key)
        if datagram is None or datagram.deadline <= now:
            self._datagrams.pop(key, None)
            if len(self._datagrams) >= self.limit:
                self._datagrams.pop(next(iter(self._datagrams)))
            datagram = self._datagrams[key] = _Datagram(now + self.timeout)
        if not datagram.add(packet):
            del self._datagrams[key]
            return None
        if not datagram.complete or datagram.first is None:
            return None
        del self._datagrams[key]
        first = datagram.first
        return IPv4Packet(
            first.source,
            first.destination,
            first.protocol,
            b"".join(datagram.pieces[at] for at in sorted(datagram.pieces)),
            first.ttl,
            first.identification,
            first.tos,
            options=first.options,
        )

    def next_timer(self) -> float | None:
        """When the next incomplete datagram is given up, in lab seconds."""
        return min((datagram.deadline for datagram in self._datagrams.values()), default=None)

    def tick(self, now: float) -> list[IPv4Packet]:
        """Give up what is due; returns the first fragments of those that came (for ICMP 11/1)."""
        due = [key for key, datagram in self._datagrams.items() if datagram.deadline <= now]
        given_up = [self._datagrams.pop(key).first for key in due]
        return [first for first in given_up if first is not None]
