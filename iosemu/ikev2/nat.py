"""NAT detection (RFC 7296, 2.23)."""

from __future__ import annotations

from typing import Final

from iosemu.ike.algorithms import digest
from iosemu.ike.types import Endpoint, Hash
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import Notify
from iosemu.ikev2.payloads import Notification
from iosemu.ikev2.sa import Nat

KEEPALIVE: Final = b"\xff"


def natd_hash(spi_i: bytes, spi_r: bytes, endpoint: Endpoint) -> bytes:
    """SHA-1 of both SPIs, address and port."""
    return digest(Hash.SHA, spi_i + spi_r + endpoint.address.packed + endpoint.port.to_bytes(2, "big"))


def notifications(spi_i: bytes, spi_r: bytes, local: Endpoint, peer: Endpoint) -> list[Notification]:
    """What this side says of both ends."""
    return [
        Notification(Notify.NAT_DETECTION_SOURCE_IP, natd_hash(spi_i, spi_r, local)),
        Notification(Notify.NAT_DETECTION_DESTINATION_IP, natd_hash(spi_i, spi_r, peer)),
    ]


def detect(message: Message, local: Endpoint, peer: Endpoint) -> Nat:
    """Judge what the peer says: of itself in SOURCE (several are possible), of this side in DESTINATION."""
    spis = (message.header.spi_i, message.header.spi_r)
    sources, destinations = (
        [each.data for each in message.all(Notification) if each.type == kind]
        for kind in (Notify.NAT_DETECTION_SOURCE_IP, Notify.NAT_DETECTION_DESTINATION_IP)
    )
    if not sources or not destinations:
        return Nat()
    return Nat(natd_hash(*spis, local) not in destinations, natd_hash(*spis, peer) not in sources)
