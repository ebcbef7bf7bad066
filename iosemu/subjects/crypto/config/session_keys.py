"""`set session-key …`: the keys of a crypto map entry of type ipsec-manual, typed in the place of IKE."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.ike.types import AhTransform, AuthAlgorithm, EspTransform, Phase2Proposal
from iosemu.ipsec.transforms import Authenticator, EspCipher

CIPHERS = {
    EspTransform.DES: EspCipher.DES,
    EspTransform.TRIPLE_DES: EspCipher.TRIPLE_DES,
    EspTransform.NULL: EspCipher.NULL,
    EspTransform.AES_CBC: EspCipher.AES_CBC,
    EspTransform.AES_GCM_16: EspCipher.AES_GCM_16,
    EspTransform.AES_GMAC: EspCipher.AES_GMAC,
}
AUTHENTICATORS = {
    AuthAlgorithm.HMAC_MD5: Authenticator.HMAC_MD5_96,
    AuthAlgorithm.HMAC_SHA: Authenticator.HMAC_SHA1_96,
    AuthAlgorithm.HMAC_SHA256: Authenticator.HMAC_SHA256_128,
    AuthAlgorithm.HMAC_SHA384: Authenticator.HMAC_SHA384_192,
    AuthAlgorithm.HMAC_SHA512: Authenticator.HMAC_SHA512_256,
}
AH_AUTHENTICATORS = {
    AhTransform.MD5: Authenticator.HMAC_MD5_96,
    AhTransform.SHA: Authenticator.HMAC_SHA1_96,
    AhTransform.SHA256: Authenticator.HMAC_SHA256_128,
    AhTransform.SHA384: Authenticator.HMAC_SHA384_192,
    AhTransform.SHA512: Authenticator.HMAC_SHA512_256,
}


class KeyLengthError(ValueError):
    """Typed keys do not do for the transforms; the text says why."""


@dataclass(frozen=True)
class SessionKey:
    """One direction of ESP or AH; keys are hexadecimal digits as typed."""

    spi: int
    cipher: str = ""
    """ESP only."""
    authenticator: str = ""
    """Of ESP, empty where none was typed; of AH."""

    def esp_keys(self, proposal: Phase2Proposal) -> tuple[bytes, bytes]:
        """Cipher's and authenticator's key, cut to the length that ESP's transforms take.

        Raises KeyLengthError when one is too short, or the cipher must not be keyed by hand (RFC 4106, 2).
        """
        assert proposal.esp is not None
        cipher = CIPHERS[proposal.esp.cipher]
        if cipher.value.icv:
            raise KeyLengthError("% Session keys can't be set by hand for esp-gcm and esp-gmac")
        size = proposal.esp.key_bits // 8 or cipher.value.keys[0]
        return _cut(self.cipher, size, "cipher"), self._authenticator(AUTHENTICATORS.get(proposal.esp.auth))

    def ah_key(self, proposal: Phase2Proposal) -> bytes:
        """The key of AH, cut to length; raises KeyLengthError when it is too short."""
        assert proposal.ah is not None
        return self._authenticator(AH_AUTHENTICATORS[proposal.ah.transform])

    def _authenticator(self, authenticator: Authenticator | None) -> bytes:
        size = authenticator.value.key if authenticator is not None else 0
        return _cut(self.authenticator, size, "authenticator")


def _cut(digits: str, size: int, what: str) -> bytes:
    """Keys longer than needed are cut, shorter ones do not do (the command reference's `set session-key`)."""
    if len(digits) < 2 * size:
        raise KeyLengthError(
            f"% Invalid {what} key length: {len(digits) // 2} bytes; the transform set needs {size}"
        )
    return bytes.fromhex(digits[: 2 * size])


@dataclass
class SessionKeys:
    """What was typed for one direction of an entry."""

    esp: SessionKey | None = None
    ah: SessionKey | None = None

    def check(self, proposal: Phase2Proposal) -> None:
        """Whether the keys that are there do for the transforms; raises KeyLengthError."""
        if self.esp is not None and proposal.esp is not None:
            self.esp.esp_keys(proposal)
        if self.ah is not None and proposal.ah is not None:
            self.ah.ah_key(proposal)

    def whole(self, proposal: Phase2Proposal) -> bool:
        """Whether there is a key for each protocol of the transforms."""
        return (proposal.esp is None or self.esp is not None) and (proposal.ah is None or self.ah is not None)


@dataclass
class ManualKeys:
    """Both directions; an entry of type ipsec-manual has them, whether or not any was typed."""

    inbound: SessionKeys = field(default_factory=SessionKeys)
    outbound: SessionKeys = field(default_factory=SessionKeys)

    def of(self, direction: str) -> SessionKeys:
        """Those of `inbound` or `outbound`."""
        return self.inbound if direction == "inbound" else self.outbound

    def __bool__(self) -> bool:
        """Whether any was typed."""
        return self != ManualKeys()
