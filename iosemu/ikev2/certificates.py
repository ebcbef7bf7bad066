"""Certificates in messages: themselves, or by what their digest is and where they are (RFC 7296, 3.6)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from iosemu.ike.proof import X509_SIGNATURE, Postponed
from iosemu.ikev2.machine import Machine
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import Notify
from iosemu.ikev2.payloads import CertificateData, CertificateRequest, Notification, Payload

HASH_AND_URL: Final = 12
"""Encoding: SHA-1 of a certificate, and its URL."""
BUNDLE_HASH_AND_URL: Final = 13
"""The same of a bundle of certificates and revocation lists."""
DIGEST: Final = 20
"""Octets of SHA-1."""
MOST_CERTIFICATES: Final = 8
"""Certificates of a message that are looked at."""


def of(machine: Machine, message: Message) -> tuple[bytes, ...]:
    """The certificates of a message; raises `Postponed` while some of them are fetched."""
    found: list[bytes] = []
    waiting = False
    looks = machine.configuration.http_url() and machine.configuration.signs(None)
    for each in islice(message.all(CertificateData), MOST_CERTIFICATES):
        if each.encoding == X509_SIGNATURE:
            found.append(each.data)
        elif each.encoding in (HASH_AND_URL, BUNDLE_HASH_AND_URL) and looks:
            url = each.data[DIGEST:].rstrip(b"\0").decode("ascii", "replace")
            bundle = each.encoding == BUNDLE_HASH_AND_URL
            try:
                found += machine.configuration.fetched(each.data[:DIGEST], url, bundle=bundle)
            except Postponed:  # ask for the others meanwhile
                waiting = True
    if waiting:
        raise Postponed
    return tuple(found[:MOST_CERTIFICATES])


def asking(machine: Machine, authorities: bytes) -> list[Payload]:
    """The request for a certificate of these authorities, and that a URL of one does as well."""
    if not authorities:
        return []
    asked: list[Payload] = [CertificateRequest(X509_SIGNATURE, authorities)]
    if machine.configuration.http_url():
        asked.append(Notification(Notify.HTTP_CERT_LOOKUP_SUPPORTED))
    return asked


def authorities_of(requests: Iterable[CertificateRequest]) -> bytes:
    """The authorities that a peer names: SHA-1 of the key of each."""
    return b"".join(each.authorities for each in requests if each.encoding == X509_SIGNATURE)
