"""`crypto ikev2 name-mangler NAME`: the part of a peer's identity that names its authorization policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from iosemu.ike.types import Identity, IdType
from iosemu.pki.names import Name

DN_PARTS: Final = {
    "common-name": "2.5.4.3",
    "country": "2.5.4.6",
    "domain": "0.9.2342.19200300.100.1.25",
    "locality": "2.5.4.7",
    "organization": "2.5.4.10",
    "organization-unit": "2.5.4.11",
    "state": "2.5.4.8",
}
"""Parts of a distinguished name, and their object identifiers (RFC 4519)."""


@dataclass
class NameMangler:
    """What is taken of identities of each type; empty: nothing, peers of that type have no policy."""

    name: str
    fqdn: str = ""
    """`all`, `domain` or `hostname`."""
    email: str = ""
    """`all`, `domain` or `username`."""
    dn: str = ""
    """A key of `DN_PARTS`."""

    def derived(self, identity: Identity) -> str | None:
        """The name that an identity leads to; None: there is none in it."""
        text = str(identity)
        if identity.type == IdType.FQDN:
            host, _, domain = text.partition(".")
            return {"all": text, "hostname": host, "domain": domain}.get(self.fqdn) or None
        if identity.type == IdType.USER_FQDN:
            user, _, domain = text.partition("@")
            return {"all": text, "username": user, "domain": domain}.get(self.email) or None
        if identity.type == IdType.DER_ASN1_DN and self.dn:
            try:
                return Name.load(identity.data).first(DN_PARTS[self.dn])
            except ValueError:
                return None
        return None
