"""What the router's configuration answers about phase 1 on port 848."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.ike.admission import AdmissionLimits
from iosemu.ike.configuration import BaseConfiguration
from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.types import Identity, Party, Phase1Policy
from iosemu.subjects.crypto.service.credentials import Credentials


class GdoiCredentials(BaseConfiguration):
    """The keys, policies and certificates of IKE; but no NAT traversal, aggressive mode or dead peer detection."""

    def __init__(self, credentials: Credentials) -> None:
        self._of_ike = credentials

    def policies(self) -> Sequence[Phase1Policy]:
        """As for IPsec."""
        return self._of_ike.policies()

    def preshared_key(self, party: Party) -> bytes | None:
        """As for IPsec."""
        return self._of_ike.preshared_key(party)

    def nat_traversal(self) -> bool:
        """Members are not behind a NAT: their addresses are seen outside."""
        return False

    def aggressive_mode(self) -> bool:
        """Main mode only."""
        return False

    def identity(self, party: Party) -> Identity:
        """As for IPsec."""
        return self._of_ike.identity(party)

    def profile(self, identity: Identity, party: Party, certificates: Sequence[bytes] = ()) -> str | None:
        """As for IPsec."""
        return self._of_ike.profile(identity, party, certificates)

    def proof(self, party: Party, issuers: Sequence[bytes] = ()) -> Proof | None:
        """As for IPsec."""
        return self._of_ike.proof(party, issuers)

    def issuers(self, party: Party) -> Sequence[bytes]:
        """As for IPsec."""
        return self._of_ike.issuers(party)

    def signer_identity(self, party: Party, proof: Proof) -> Identity:
        """As for IPsec."""
        return self._of_ike.signer_identity(party, proof)

    def believe(self, certificates: Sequence[bytes], identity: Identity, party: Party) -> Verdict:
        """As for IPsec."""
        return self._of_ike.believe(certificates, identity, party)

    def admission(self) -> AdmissionLimits:
        """As for IPsec."""
        return self._of_ike.admission()
