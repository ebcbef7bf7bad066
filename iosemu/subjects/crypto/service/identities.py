"""Whether peers are what `set identity` wants, in phase 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.ike.types import Identity
from iosemu.subjects.crypto.config.identity import CryptoIdentities

if TYPE_CHECKING:
    from iosemu.box.device import Device

COMPLAINT = "encrypted connection attempted with a peer without the configured certificate attributes"


class Identities:
    """The crypto identities of one router at work."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def fit(self, wanted: str | None, identity: Identity | None, certificate: bytes) -> bool:
        """Whether a peer that proved to be this, by a certificate or a key, is what a map wants."""
        return self.device.config.of(CryptoIdentities).fits(wanted, identity, certificate)

    def admit(self, wanted: str | None, identity: Identity | None, certificate: bytes) -> bool:
        """The same of a peer that is refused otherwise: that is logged."""
        fits = self.fit(wanted, identity, certificate)
        if not fits:
            self.device.log("CRYPTO", 4, "IKE_QUICKMODE_BAD_CERT", COMPLAINT)
        return fits
