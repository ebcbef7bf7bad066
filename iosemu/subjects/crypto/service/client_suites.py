"""What an Easy VPN client offers in both phases, and asks for: nobody configures it."""

from __future__ import annotations

from itertools import product

from iosemu.ike.mode_config import ConfigAttribute
from iosemu.ike.types import (
    AuthAlgorithm,
    Authentication,
    Encryption,
    EspSuite,
    EspTransform,
    Hash,
    Phase1Policy,
    Phase2Proposal,
)

FIRST_PRIORITY = 65515
LIFE = 2147483
"""Seconds of phase 1."""
CIPHERS = (
    (Encryption.AES, 128),
    (Encryption.AES, 192),
    (Encryption.AES, 256),
    (Encryption.TRIPLE_DES, 0),
    (Encryption.DES, 0),
)
ESP_CIPHERS = (
    (EspTransform.AES_CBC, 128),
    (EspTransform.AES_CBC, 192),
    (EspTransform.AES_CBC, 256),
    (EspTransform.TRIPLE_DES, 0),
    (EspTransform.DES, 0),
)
METHODS = (Authentication.XAUTH_PRE_SHARE, Authentication.PRE_SHARE)
CLIENT_POLICIES = tuple(
    Phase1Policy(FIRST_PRIORITY + number, encryption, bits, digest, method, 2, LIFE)
    for number, (method, (encryption, bits), digest) in enumerate(
        product(METHODS, CIPHERS, (Hash.SHA, Hash.MD5))
    )
)
"""All of group 2: each cipher with SHA and MD5, with XAUTH first."""
CLIENT_PROPOSALS = tuple(
    Phase2Proposal(EspSuite(transform, bits, auth))
    for transform, bits in ESP_CIPHERS
    for auth in (AuthAlgorithm.HMAC_SHA, AuthAlgorithm.HMAC_MD5)
)
ASKED = (
    ConfigAttribute.IP4_ADDRESS,
    ConfigAttribute.IP4_NETMASK,
    ConfigAttribute.IP4_DNS,
    ConfigAttribute.IP4_NBNS,
    ConfigAttribute.ADDRESS_EXPIRY,
    ConfigAttribute.APPLICATION_VERSION,
    ConfigAttribute.BANNER,
    ConfigAttribute.DEFAULT_DOMAIN,
    ConfigAttribute.SPLIT_INCLUDE,
    ConfigAttribute.SPLIT_DNS,
    ConfigAttribute.INCLUDE_LOCAL_LAN,
    ConfigAttribute.SAVE_PASSWORD,
    ConfigAttribute.PFS,
    ConfigAttribute.BACKUP_SERVER,
)
"""What a client asks for; the first two not in network extension mode."""
