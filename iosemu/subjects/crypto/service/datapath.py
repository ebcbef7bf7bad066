"""IPv4 packets into ESP and AH and back (RFC 4301, 5; RFC 4303; RFC 4302; RFC 3948)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from iosemu.ipsec import ah, esp, pseudotime
from iosemu.ipsec import selectors as selector
from iosemu.ipsec.sadb import AH, ESP, SadbPair, SecurityAssociation
from iosemu.ipsec.transforms import AhProtection, Protection
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

OUTER_TTL = 255
UDP_HEADER = 8
IP_HEADER = 20


class DummyError(Exception):
    """There is nothing in the packet: who sends it hides when there is traffic (RFC 4303, 2.6)."""


class IdentityError(Exception):
    """The packet inside does not belong to the selectors of its SA (RFC 4301, 5.2)."""


def flow_of(packet: IPv4Packet) -> selector.Flow:
    """What the selectors look at in a packet."""
    source_port = destination_port = 0
    data = packet.payload
    if packet.protocol in (Protocol.TCP, Protocol.UDP) and not packet.fragment_offset and len(data) >= 4:
        source_port, destination_port = data[0] << 8 | data[1], data[2] << 8 | data[3]
    return selector.Flow(packet.source, packet.destination, packet.protocol, source_port, destination_port)


def protect(
    packet: IPv4Packet,
    pair: SadbPair,
    randbytes: Callable[[int], bytes],
    identification: Callable[[], int],
) -> IPv4Packet:
    """The packet that travels to the peer: each outbound SA of the pair applied in turn.

    DF and TOS are copied to the outer header (RFC 4301, 5.1.2.1). Raises SequenceExhaustedError.
    """
    tunnel = pair.outbound[0].tunnel
    payload, next_header = (packet.to_bytes(), esp.IP_IN_IP) if tunnel else (packet.payload, packet.protocol)
    if tunnel and pair.clock is not None:
        payload, next_header = pseudotime.stamped(payload, pair.clock()), pseudotime.NEXT_HEADER
    if tunnel:
        outer = IPv4Packet(
            packet.source if pair.preserves else pair.local,
            packet.destination if pair.preserves else pair.peer,
            ESP,
            b"",
            OUTER_TTL,
            identification(),
            packet.tos,
            packet.dont_fragment,
        )
    else:
        outer = replace(packet, payload=b"")
        if not outer.identification:
            outer = replace(outer, identification=identification())
    return _sealed(outer, payload, next_header, pair, randbytes)


def dummy(
    pair: SadbPair, size: int, randbytes: Callable[[int], bytes], identification: Callable[[], int]
) -> IPv4Packet:
    """A packet to the peer with `size` octets of nothing in it (RFC 4303, 2.6). Raises SequenceExhaustedError."""
    outer = IPv4Packet(pair.local, pair.peer, ESP, b"", OUTER_TTL, identification())
    return _sealed(outer, randbytes(size), esp.DUMMY, pair, randbytes)


def _sealed(
    outer: IPv4Packet, payload: bytes, next_header: int, pair: SadbPair, randbytes: Callable[[int], bytes]
) -> IPv4Packet:
    """The packet whose header is that of `outer`, with each outbound SA of the pair applied to a payload."""
    for sa in pair.outbound:
        if sa.protocol == ESP:
            assert isinstance(sa.protection, Protection)
            payload = esp.encapsulate(sa, payload, next_header, randbytes(sa.protection.iv_size))
        else:
            assert isinstance(sa.protection, AhProtection)
            length = len(payload) + sa.protection.size
            header = replace(outer, protocol=AH, payload=bytes(length)).to_bytes()[: outer.header_length]
            payload = ah.encapsulate(sa, header, payload, next_header)
        next_header = sa.protocol
    ports = pair.outbound[0].udp_ports
    if ports is not None:
        payload, next_header = UdpDatagram(*ports, payload).to_bytes(), Protocol.UDP
    return IPv4Packet(
        outer.source,
        outer.destination,
        next_header,
        payload,
        outer.ttl,
        outer.identification,
        outer.tos,
        outer.dont_fragment,
        outer.more_fragments,
        outer.fragment_offset,
        outer.options,
    )


def unprotect(
    packet: IPv4Packet, find: Callable[[int, int], tuple[SadbPair, SecurityAssociation] | None]
) -> tuple[IPv4Packet, SadbPair, int]:
    """The packet inside, the pair it came over, and how many SAs were removed.

    Raises LookupError with (protocol, SPI) for an SPI that is not ours, ValueError, ReplayError or
    IntegrityError as `ipsec.esp` and `ipsec.ah`, IdentityError when the selectors do not fit, DummyError
    when nothing is inside.
    """
    protocol, payload = packet.protocol, packet.payload
    pair: SadbPair | None = None
    removed = 0
    tunnel = False
    while protocol in (ESP, AH):
        codec = esp if protocol == ESP else ah
        spi = codec.spi_of(payload)
        found = find(protocol, spi)
        if found is None or (pair is not None and found[0] is not pair):
            raise LookupError(protocol, spi)
        pair, sa = found
        if protocol == ESP:
            payload, protocol = esp.decapsulate(sa, payload)
        else:
            header = replace(packet, protocol=AH, payload=payload).to_bytes()[: packet.header_length]
            payload, protocol = ah.decapsulate(sa, header, payload)
        tunnel = sa.tunnel
        removed += 1
        if removed > len(pair.inbound):
            raise IdentityError
    assert pair is not None
    if removed < len(pair.inbound):
        raise IdentityError
    if protocol == esp.DUMMY:
        raise DummyError
    if tunnel:
        if protocol != esp.IP_IN_IP:
            raise IdentityError
        inner = IPv4Packet.parse(payload)
    else:
        inner = replace(packet, protocol=protocol, payload=payload)
    if not pair.selector.inbound(flow_of(inner)):
        raise IdentityError
    return inner, pair, removed


def outer_size(pair: SadbPair, length: int) -> int:
    """Bytes of the packet on the wire for a packet of `length` bytes."""
    size = length if pair.outbound[0].tunnel else length - IP_HEADER
    if pair.clock is not None:
        size += pseudotime.SIZE
    for sa in pair.outbound:
        if isinstance(sa.protection, Protection):
            size += esp.overhead(sa.protection, size)
        else:
            size += sa.protection.size
    if pair.outbound[0].udp_ports is not None:
        size += UDP_HEADER
    return size + IP_HEADER


def plaintext_mtu(pair: SadbPair, mtu: int) -> int:
    """The longest packet that fits into `mtu` bytes once protected."""
    length = mtu
    while length > 0 and outer_size(pair, length) > mtu:
        length -= 1
    return length
