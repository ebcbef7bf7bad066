"""The numbers of IKEv2 (RFC 7296, 3; IANA's ikev2-parameters)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class PayloadType(IntEnum):
    """Payload types (RFC 7296, 3.2; RFC 7383, 2.5 for SKF)."""

    NONE = 0
    SA = 33
    KE = 34
    ID_I = 35
    ID_R = 36
    CERT = 37
    CERTREQ = 38
    AUTH = 39
    NONCE = 40
    NOTIFY = 41
    DELETE = 42
    VENDOR_ID = 43
    TS_I = 44
    TS_R = 45
    SK = 46
    CP = 47
    EAP = 48
    SKF = 53


class ExchangeType(IntEnum):
    """Exchange types (RFC 7296, 3.1)."""

    IKE_SA_INIT = 34
    IKE_AUTH = 35
    CREATE_CHILD_SA = 36
    INFORMATIONAL = 37


class Notify(IntEnum):
    """Notify message types: below 16384 errors, above statuses (RFC 7296, 3.10.1; RFC 7383)."""

    UNSUPPORTED_CRITICAL_PAYLOAD = 1
    INVALID_IKE_SPI = 4
    INVALID_MAJOR_VERSION = 5
    INVALID_SYNTAX = 7
    INVALID_MESSAGE_ID = 9
    INVALID_SPI = 11
    NO_PROPOSAL_CHOSEN = 14
    INVALID_KE_PAYLOAD = 17
    AUTHENTICATION_FAILED = 24
    SINGLE_PAIR_REQUIRED = 34
    NO_ADDITIONAL_SAS = 35
    INTERNAL_ADDRESS_FAILURE = 36
    FAILED_CP_REQUIRED = 37
    TS_UNACCEPTABLE = 38
    INVALID_SELECTORS = 39
    TEMPORARY_FAILURE = 43
    CHILD_SA_NOT_FOUND = 44
    INITIAL_CONTACT = 16384
    SET_WINDOW_SIZE = 16385
    ADDITIONAL_TS_POSSIBLE = 16386
    IPCOMP_SUPPORTED = 16387
    NAT_DETECTION_SOURCE_IP = 16388
    NAT_DETECTION_DESTINATION_IP = 16389
    COOKIE = 16390
    USE_TRANSPORT_MODE = 16391
    HTTP_CERT_LOOKUP_SUPPORTED = 16392
    REKEY_SA = 16393
    ESP_TFC_PADDING_NOT_SUPPORTED = 16394
    NON_FIRST_FRAGMENTS_ALSO = 16395
    IKEV2_FRAGMENTATION_SUPPORTED = 16430
    SIGNATURE_HASH_ALGORITHMS = 16431


FIRST_STATUS: Final = 16384
"""The lowest notify type that is a status, not an error."""


class Protocol(IntEnum):
    """Protocol identifiers (RFC 7296, 3.3.1)."""

    NONE = 0
    IKE = 1
    AH = 2
    ESP = 3


class TransformType(IntEnum):
    """Transform types (RFC 7296, 3.3.2)."""

    ENCR = 1
    PRF = 2
    INTEG = 3
    DH = 4
    ESN = 5


class Encr(IntEnum):
    """Encryption transforms."""

    DES = 2
    TRIPLE_DES = 3
    NULL = 11
    AES_CBC = 12
    AES_GCM_16 = 20
    AES_GMAC = 21


class Prf(IntEnum):
    """Pseudorandom functions, all HMAC."""

    MD5 = 1
    SHA1 = 2
    SHA256 = 5
    SHA384 = 6
    SHA512 = 7


class Integ(IntEnum):
    """Integrity transforms, all HMAC, with the length that is kept in bits."""

    NONE = 0
    MD5_96 = 1
    SHA1_96 = 2
    SHA256_128 = 12
    SHA384_192 = 13
    SHA512_256 = 14


class Esn(IntEnum):
    """Extended sequence numbers."""

    NO = 0
    YES = 1


class AuthMethod(IntEnum):
    """Authentication methods (RFC 7296, 3.8; RFC 4754; RFC 7427)."""

    RSA_SIGNATURE = 1
    SHARED_KEY = 2
    DSS_SIGNATURE = 3
    ECDSA_256 = 9
    ECDSA_384 = 10
    ECDSA_521 = 11
    DIGITAL_SIGNATURE = 14


class IdType(IntEnum):
    """Identification types (RFC 7296, 3.5)."""

    IPV4_ADDR = 1
    FQDN = 2
    RFC822_ADDR = 3
    IPV6_ADDR = 5
    DER_ASN1_DN = 9
    DER_ASN1_GN = 10
    KEY_ID = 11


class ConfigType(IntEnum):
    """Kinds of configuration payload (RFC 7296, 3.15)."""

    REQUEST = 1
    REPLY = 2
    SET = 3
    ACK = 4


APPLICATION_VERSION: Final = 7
"""The configuration attribute that every peer asks for and tells (RFC 7296, 3.15.1)."""


class Attribute(IntEnum):
    """Configuration attributes (RFC 7296, 3.15.1), and one of Cisco's."""

    IP4_ADDRESS = 1
    IP4_NETMASK = 2
    IP4_DNS = 3
    IP4_SUBNET = 13
    DEFAULT_DOMAIN = 28674


NO_SPI: Final = bytes(8)
"""The responder's SPI before there is one."""
