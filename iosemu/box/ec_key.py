"""Elliptic curve keys of a box, from its own random numbers."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.model import RandomSource
from iosemu.pki.ecdsa import ORDERS, EcKeyPair


@dataclass(frozen=True)
class EcKey(EcKeyPair):
    """A key pair with its label."""

    name: str = ""
    made: float = 0.0
    """Lab seconds."""
    exportable: bool = False


def generate_ec(name: str, bits: int, rng: RandomSource, now: float, exportable: bool = False) -> EcKey:
    """A new pair on a curve of 256 or 384 bits (FIPS 186-4, B.4.1: extra random bits)."""
    number = int.from_bytes(rng.randbytes(bits // 8 + 8), "big") % (ORDERS[bits] - 1) + 1
    return EcKey(bits, number, name, now, exportable)
