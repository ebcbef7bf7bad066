"""Assigned numbers of GDOI (RFC 6407, 5 and IANA's gdoi-payloads; RFC 8263 for acknowledgements)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

PORT: Final = 848
"""UDP (RFC 6407, 2.2)."""


class PayloadType(IntEnum):
    """Payloads that GDOI adds to ISAKMP (RFC 6407, 5)."""

    SA = 1
    SAK = 15
    SAT = 16
    KD = 17
    SEQ = 18
    GAP = 22


class ExchangeType(IntEnum):
    """Exchanges of GDOI (RFC 6407, 3.2 and 4.2; RFC 8263, 3)."""

    PULL = 32
    PUSH = 33
    PUSH_ACK = 35


class KekAttribute(IntEnum):
    """Attributes of the SA KEK payload (RFC 6407, 5.3; RFC 8263, 2)."""

    ALGORITHM = 2
    KEY_LENGTH = 3
    KEY_LIFETIME = 4
    SIGNATURE_HASH = 5
    SIGNATURE_ALGORITHM = 6
    SIGNATURE_KEY_LENGTH = 7
    ACK_REQUESTED = 9


class KekAlgorithm(IntEnum):
    """Ciphers of the KEK, all with CBC (RFC 6407, 5.3.3)."""

    DES = 1
    TRIPLE_DES = 2
    AES = 3


class SignatureHash(IntEnum):
    """Digests of the signature of a rekey (RFC 6407, 5.3.6)."""

    SHA1 = 2
    SHA256 = 3
    SHA384 = 4
    SHA512 = 5


RSA: Final = 1
"""SIG_ALGORITHM: RSA with the padding of PKCS #1 v1.5 (RFC 6407, 5.3.7)."""
ACK_KEK_SHA256: Final = 1
"""REKEY_ACK_KEK_SHA256 (RFC 8263, 2)."""
PROTOCOL_ESP: Final = 1
"""GDOI_PROTO_IPSEC_ESP (RFC 6407, 5.5)."""


class SaAttribute(IntEnum):
    """Attributes of an ESP SA in the SA TEK payload (RFC 2407, 4.5; RFC 6407, 5.5.1.1), and two of our own."""

    LIFE_TYPE = 1
    LIFE_DURATION = 2
    ENCAPSULATION = 4
    AUTHENTICATION = 5
    KEY_LENGTH = 6
    ADDRESS_PRESERVATION = 14
    SA_DIRECTION = 15
    ACTION = 32001
    """Private: 1 where the line of the policy denies."""
    REPLAY_COUNTER = 32002
    """Private: packets of the replay window."""
    REPLAY_TIME = 32003
    """Private: seconds of the window of time based anti-replay."""


SOURCE_AND_DESTINATION: Final = 4
"""Address preservation of both addresses."""
SYMMETRIC: Final = 3
"""SA direction: everybody sends and receives."""


class GapAttribute(IntEnum):
    """Attributes of the group associated policy (RFC 6407, 5.4), and one of our own."""

    ACTIVATION_DELAY = 1
    DEACTIVATION_DELAY = 2
    PSEUDOTIME = 32001
    """Private: milliseconds of the group's clock, which time based anti-replay goes by."""
    DELETE_NOW = 32002
    """Private: what was downloaded is to be dropped, and the member to register again within so many seconds."""


class KeyType(IntEnum):
    """Kinds of key packets (RFC 6407, 5.6)."""

    TEK = 1
    KEK = 2


class TekKey(IntEnum):
    """Attributes of a TEK's key packet (RFC 6407, 5.6.1.1)."""

    ALGORITHM = 1
    INTEGRITY = 2


class KekKey(IntEnum):
    """Attributes of a KEK's key packet (RFC 6407, 5.6.2.1)."""

    ALGORITHM = 1
    SIGNATURE = 2
