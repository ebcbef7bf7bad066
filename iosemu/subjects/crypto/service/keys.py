"""From what quick mode agreed to the SAs of the datapath, and the keys that decrypt a capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from iosemu.ike.proposals import PLAIN_FORMS
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import ChildKeys, ChildSa, Encapsulation, Phase2Proposal, ProtocolId
from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.sadb import AH, ESP, SadbPair, SecurityAssociation
from iosemu.ipsec.transforms import AhProtection, Authenticator, EspCipher, Protection
from iosemu.subjects.crypto.config.session_keys import AH_AUTHENTICATORS, AUTHENTICATORS, CIPHERS
from iosemu.subjects.crypto.service.flow import selector_of

IP_PROTOCOLS = {ProtocolId.AH: AH, ProtocolId.ESP: ESP}
"""IP protocol numbers by the IPsec DOI's protocol identifiers (RFC 2407, 4.4.1)."""
PROTOCOL_IDS = {number: identifier for identifier, number in IP_PROTOCOLS.items()}

TSHARK_CIPHERS = {
    EspCipher.NULL: "NULL",
    EspCipher.DES: "DES-CBC [RFC2405]",
    EspCipher.TRIPLE_DES: "TripleDES-CBC [RFC2451]",
    EspCipher.AES_CBC: "AES-CBC [RFC3602]",
    EspCipher.AES_GCM_16: "AES-GCM with 16 octet ICV [RFC4106]",
    EspCipher.AES_GMAC: "NULL",
}
TSHARK_AUTHENTICATORS = {
    None: "NULL",
    Authenticator.HMAC_MD5_96: "HMAC-MD5-96 [RFC2403]",
    Authenticator.HMAC_SHA1_96: "HMAC-SHA-1-96 [RFC2404]",
    Authenticator.HMAC_SHA256_128: "HMAC-SHA-256-128 [RFC4868]",
    Authenticator.HMAC_SHA384_192: "HMAC-SHA-384-192 [RFC4868]",
    Authenticator.HMAC_SHA512_256: "HMAC-SHA-512-256 [RFC4868]",
}


ANY_ADDRESS = "*"
"""As Wireshark's table has it."""


def pair_of(child: ChildSa, now: float, replay_window: int) -> SadbPair:
    """The SAs of a finished quick mode; raises ValueError when a key does not fit its transform."""
    inbound = tuple(
        _association(keys, child, replay_window, inbound=True) for keys in _ordered(child.inbound)
    )
    outbound = tuple(
        _association(keys, child, replay_window, inbound=False) for keys in _ordered(child.outbound)
    )
    return SadbPair(
        selector_of(child.local_selector, child.remote_selector),
        child.local.address,
        child.peer.address,
        inbound,
        outbound,
        now,
        child.lifetime_seconds,
        child.lifetime_kilobytes,
        volume=child.lifetime_kilobytes * 1024,
        pfs_group=child.pfs_group,
        initiator=child.initiator,
        usable=child.initiator,
        last_used=now,
        peer_port=child.peer.port,
    )


def _ordered(keys: Iterable[ChildKeys]) -> list[ChildKeys]:
    return sorted(keys, key=lambda each: each.protocol is not ProtocolId.ESP)


def _association(
    keys: ChildKeys, child: ChildSa, replay_window: int, *, inbound: bool
) -> SecurityAssociation:
    encapsulation = child.proposal.encapsulation
    ports = (child.local.port, child.peer.port) if encapsulation in PLAIN_FORMS else None
    return SecurityAssociation(
        IP_PROTOCOLS[keys.protocol],
        keys.spi,
        keys.source,
        keys.destination,
        _protection(keys, child.proposal),
        tunnel=PLAIN_FORMS.get(encapsulation, encapsulation) is Encapsulation.TUNNEL,
        udp_ports=ports,
        window=ReplayWindow(replay_window if inbound else 0),
    )


def _protection(keys: ChildKeys, proposal: Phase2Proposal) -> Protection | AhProtection:
    if keys.protocol is ProtocolId.ESP:
        assert proposal.esp is not None
        return Protection(
            CIPHERS[proposal.esp.cipher],
            keys.encryption_key,
            AUTHENTICATORS.get(proposal.esp.auth),
            keys.authentication_key,
        )
    assert proposal.ah is not None
    return AhProtection(AH_AUTHENTICATORS[proposal.ah.transform], keys.authentication_key)


def ike_keys(sas: Iterable[IsakmpSa]) -> Iterator[dict[str, str]]:
    """Keys of ISAKMP SAs, hex, in the form that Wireshark's decryption tables take (`key` is Ka)."""
    for sa in sas:
        exported = sa.export()
        if exported:
            yield exported


def esp_key(sa: SecurityAssociation, *, of_a_group: bool = False) -> dict[str, Any] | None:
    """The row of Wireshark's ESP table for an SA; None for AH, which hides nothing.

    The packets of a group come from anywhere and go anywhere.
    """
    protection = sa.protection
    if isinstance(protection, AhProtection):
        return None
    return {
        "src": ANY_ADDRESS if of_a_group else str(sa.source),
        "dst": ANY_ADDRESS if of_a_group else str(sa.destination),
        "spi": f"0x{sa.spi:08x}",
        "enc": TSHARK_CIPHERS[protection.cipher],
        "enckey": protection.encryption_key.hex() if protection.cipher.value.encrypts else "",
        "auth": TSHARK_AUTHENTICATORS[protection.authenticator],
        "authkey": protection.authentication_key.hex(),
    }
