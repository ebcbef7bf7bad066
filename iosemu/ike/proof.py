"""Signatures in place of pre-shared keys: what a configuration gives an engine, of either version of IKE."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.pki.certificate import Key
from iosemu.pki.ecdsa import EcKeyPair
from iosemu.pki.rsa import KeyPair

X509_SIGNATURE = 4
"""Encoding of a certificate, and of a request for one (RFC 2408, 3.9; RFC 7296, 3.6)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What this side proves itself with."""

    name: str
    """The trustpoint."""
    certificates: tuple[bytes, ...]
    """Its own, then those that lead to the authority."""
    key: KeyPair | EcKeyPair = field(repr=False)
    subject: str = ""
    """Whose certificate it is, as it is printed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is thought of a peer's certificates."""

    key: Key | None = None
    """Its public key, where they are believed and say what it claims to be."""
    pending: bool = False
    """It is not known yet: the message is to be looked at again."""


class Postponed(Exception):  # noqa: N818 - a fact, not a fault
    """A message cannot be judged yet; it counts as not arrived until it is brought again."""
