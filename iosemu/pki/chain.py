"""Whether a certificate may be believed (RFC 5280, 6, as far as routers go)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from iosemu.pki.certificate import CERT_SIGN, Certificate

LONGEST: Final = 6
"""Certificates of a chain."""


class Fault(Enum):
    """Why a certificate is not believed."""

    UNKNOWN_ISSUER = "unknown issuer"
    BAD_SIGNATURE = "signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    REVOKED = "revoked"
    NO_LIST = "no revocation list"
    """The list is not to be had."""
    FETCHING = "fetching"
    """The list is on its way: to be asked again."""
    REFUSED = "refused"
    """A certificate map, or nothing that matches, says no."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of looking at a chain."""

    fault: Fault | None
    about: Certificate
    """The certificate at fault, or that of the peer."""
    anchor: Certificate | None = None
    """The authority that is trusted, where the chain leads to one."""


Revocation = Callable[[Certificate, Certificate], Fault | None]
"""Whether a certificate that an issuer made is revoked."""


def judge(
    given: Sequence[Certificate], anchors: Sequence[Certificate], now: datetime, revocation: Revocation
) -> Judgement:
    """Follow the chain of `given[0]`, by the others that came with it, to one of the anchors."""
    subject, anchor = given[0], None
    path = [subject]
    while anchor is None:
        found = [each for each in anchors if each.subject.folded == subject.issuer.folded]
        anchor = next((each for each in found if subject.signed_by(each)), None)
        if anchor is not None:
            break
        if found:
            return Judgement(Fault.BAD_SIGNATURE, subject)
        between = [
            each
            for each in given[1:]
            if each.subject.folded == subject.issuer.folded and each.authority and each not in path
            and (each.usage is None or CERT_SIGN in each.usage)
        ]  # fmt: skip
        if not between or len(path) >= LONGEST:
            return Judgement(Fault.UNKNOWN_ISSUER, subject)
        if not subject.signed_by(between[0]):
            return Judgement(Fault.BAD_SIGNATURE, subject)
        subject = between[0]
        path.append(subject)
    for each in [*path, anchor]:
        fault = validity(each, now)
        if fault is not None:
            return Judgement(fault, each, anchor)
    for each, issuer in zip(path, [*path[1:], anchor], strict=True):
        fault = revocation(each, issuer)
        if fault is not None:
            return Judgement(fault, each, anchor)
    return Judgement(None, given[0], anchor)


def validity(certificate: Certificate, now: datetime) -> Fault | None:
    """Whether it counts at a moment."""
    if now < certificate.begins:
        return Fault.NOT_YET_VALID
    return Fault.EXPIRED if now > certificate.ends else None
