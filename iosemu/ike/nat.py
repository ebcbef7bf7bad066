"""NAT detection and traversal (RFC 3947; RFC 3948 for the marker and keepalives)."""

from __future__ import annotations

from typing import Final

from iosemu.ike.algorithms import digest
from iosemu.ike.sa import IsakmpSa, Nat
from iosemu.ike.types import Endpoint

PORT: Final = 500
FLOAT_PORT: Final = 4500
NON_ESP_MARKER: Final = bytes(4)
KEEPALIVE: Final = b"\xff"


def natd_hash(sa: IsakmpSa, endpoint: Endpoint) -> bytes:
    """HASH(CKY-I | CKY-R | IP | Port) with the negotiated hash."""
    assert sa.policy is not None
    material = sa.cookie_i + sa.cookie_r + endpoint.address.packed + endpoint.port.to_bytes(2, "big")
    return digest(sa.policy.hash, material)


def detect(sa: IsakmpSa, received: tuple[bytes, ...]) -> Nat:
    """Judge the peer's NAT-D payloads: the first is of us as it sees us, the others are of itself."""
    if len(received) < 2:
        return Nat()
    local = received[0] != natd_hash(sa, sa.local)
    peer = natd_hash(sa, sa.peer) not in received[1:]
    return Nat(local, peer)


def float_ports(sa: IsakmpSa) -> None:
    """Move the initiator's SA to port 4500 (RFC 3947, 4)."""
    sa.local = Endpoint(sa.local.address, FLOAT_PORT)
    sa.peer = Endpoint(sa.peer.address, FLOAT_PORT)
