"""SA payloads from and to policies and proposals, and the rules of choosing (RFC 2409, 5; RFC 2407, 4.5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Final

from iosemu.ike.sa_payload import Attribute, Proposal, SecurityAssociation, Transform
from iosemu.ike.types import (
    AhSuite,
    AhTransform,
    AuthAlgorithm,
    Authentication,
    ChildRequest,
    Encapsulation,
    Encryption,
    EspSuite,
    EspTransform,
    Phase1Policy,
    Phase2Proposal,
    ProtocolId,
)

# Phase 1 attributes (RFC 2409, appendix A).
ENCRYPTION, HASH, AUTHENTICATION, GROUP = 1, 2, 3, 4
LIFE_TYPE, LIFE_DURATION, KEY_LENGTH = 11, 12, 14
KEY_IKE: Final = 1

# Phase 2 attributes (RFC 2407, 4.5).
SA_LIFE_TYPE, SA_LIFE_DURATION, GROUP_DESCRIPTION, ENCAPSULATION, AUTH_ALGORITHM, ESP_KEY_LENGTH = (
    1,
    2,
    3,
    4,
    5,
    6,
)
SECONDS, KILOBYTES = 1, 2
DEFAULT_SA_LIFE: Final = 28800
"""Seconds, where an offer says nothing (RFC 2407, 4.5)."""

PLAIN_FORMS: Final = {
    Encapsulation.UDP_TUNNEL: Encapsulation.TUNNEL,
    Encapsulation.UDP_TRANSPORT: Encapsulation.TRANSPORT,
}
"""Modes of NAT traversal (RFC 3947, 5.1) to what is inside the UDP."""
MODES: Final = frozenset(map(int, Encapsulation))
UDP_FORMS: Final = {plain: udp for udp, plain in PLAIN_FORMS.items()}

_AH_AUTH: Final = {
    AhTransform.MD5: AuthAlgorithm.HMAC_MD5,
    AhTransform.SHA: AuthAlgorithm.HMAC_SHA,
    AhTransform.SHA256: AuthAlgorithm.HMAC_SHA256,
    AhTransform.SHA384: AuthAlgorithm.HMAC_SHA384,
    AhTransform.SHA512: AuthAlgorithm.HMAC_SHA512,
}


def policy_transform(number: int, policy: Phase1Policy) -> Transform:
    """A policy as IOS offers it, attributes in its order."""
    attributes = [Attribute.number(ENCRYPTION, policy.encryption)]
    if policy.encryption is Encryption.AES:
        attributes.append(Attribute.number(KEY_LENGTH, policy.key_bits))
    attributes += [
        Attribute.number(HASH, policy.hash),
        Attribute.number(GROUP, policy.group),
        Attribute.number(AUTHENTICATION, policy.authentication),
        Attribute.number(LIFE_TYPE, SECONDS),
        Attribute.number(LIFE_DURATION, policy.lifetime),
    ]
    return Transform(number, KEY_IKE, tuple(attributes))


def phase1_offer(policies: Sequence[Phase1Policy]) -> SecurityAssociation:
    """All policies as the transforms of one proposal."""
    transforms = tuple(policy_transform(number, policy) for number, policy in enumerate(policies, 1))
    return SecurityAssociation((Proposal(1, ProtocolId.ISAKMP, b"", transforms),))


class Mismatch(Enum):
    """The attribute of an offered phase 1 transform that differs first; the value is what debug says."""

    ENCRYPTION = "Encryption algorithm offered does not match policy!"
    HASH = "Hash algorithm offered does not match policy!"
    AUTHENTICATION = "Authentication method offered does not match policy!"
    GROUP = "Diffie-Hellman group offered does not match policy!"
    KEY_LENGTH = "Proposed key length does not match policy"
    NO_KEY = "Preshared authentication offered but does not match policy!"
    NO_XAUTH = "Xauth authentication by pre-shared key offered but does not match policy!"


def compare(
    transform: Transform, policy: Phase1Policy, methods: Collection[Authentication]
) -> Mismatch | None:
    """The first attribute of an offered transform that differs from a policy, None when it fits.

    `methods` are those that this side has what it takes for.
    """
    if transform.get(ENCRYPTION) != policy.encryption:
        return Mismatch.ENCRYPTION
    if transform.get(HASH) != policy.hash:
        return Mismatch.HASH
    authentication = transform.get(AUTHENTICATION)
    try:
        plain = Authentication(authentication or 0).plain
    except ValueError:
        return Mismatch.AUTHENTICATION
    if policy.authentication not in (authentication, plain):
        return Mismatch.AUTHENTICATION
    if transform.get(GROUP) != policy.group:
        return Mismatch.GROUP
    if policy.encryption is Encryption.AES and transform.get(KEY_LENGTH) != policy.key_bits:
        return Mismatch.KEY_LENGTH
    if authentication in methods:
        return None
    # encrypted nonces nobody here does; signatures need a certificate
    if authentication == Authentication.XAUTH_PRE_SHARE:
        return Mismatch.NO_XAUTH
    return Mismatch.NO_KEY if authentication == Authentication.PRE_SHARE else Mismatch.AUTHENTICATION


@dataclass(frozen=True, slots=True)
class Choice:
    """An accepted phase 1 transform."""

    proposal: Proposal
    transform: Transform
    policy: Phase1Policy
    lifetime: int
    """Seconds, the smaller of both."""
    offered_lifetime: int | None
    basic: bool


def choose_phase1(
    offer: SecurityAssociation,
    policies: Sequence[Phase1Policy],
    methods: Collection[Authentication],
    report: Callable[[Transform, Phase1Policy, Mismatch | None, int], None] | None,
) -> Choice | None:
    """The first transform that fits the policies in order of priority; `report` is told every comparison."""
    offered = [
        (proposal, index, transform)
        for proposal in offer.proposals
        if proposal.protocol == ProtocolId.ISAKMP
        for index, transform in enumerate(proposal.transforms)
        if transform.identifier == KEY_IKE
    ]
    for policy in policies:
        for proposal, index, transform in offered:
            mismatch = compare(transform, policy, methods)
            if report is not None:
                report(transform, policy, mismatch, 0 if index == len(proposal.transforms) - 1 else 3)
            if mismatch is None:
                life, basic = _phase1_life(transform)
                agreed = policy.lifetime if life is None else min(life, policy.lifetime)
                return Choice(proposal, transform, policy, agreed, life, basic)
    return None


def _phase1_life(transform: Transform) -> tuple[int | None, bool]:
    unit = 0
    for attribute in transform.attributes:
        if attribute.type == LIFE_TYPE:
            unit = attribute.value
        elif attribute.type == LIFE_DURATION and unit == SECONDS and attribute.value:
            return attribute.value, attribute.basic
    return None, True


def encapsulate(mode: Encapsulation, udp: bool) -> Encapsulation:
    """The UDP form of a mode, where NAT was found (RFC 3947, 5.1), or the plain form."""
    plain = PLAIN_FORMS.get(mode, mode)
    return UDP_FORMS[plain] if udp else plain


def _life_attributes(request: ChildRequest) -> list[Attribute]:
    found = [
        Attribute.number(SA_LIFE_TYPE, SECONDS),
        Attribute.number(SA_LIFE_DURATION, request.lifetime_seconds),
    ]
    if request.lifetime_kilobytes:
        kilobytes = request.lifetime_kilobytes.to_bytes(4, "big")
        found.append(Attribute.number(SA_LIFE_TYPE, KILOBYTES))
        found.append(Attribute(SA_LIFE_DURATION, kilobytes, basic=False))
    return found


def phase2_offer(request: ChildRequest, spis: dict[int, bytes], udp: bool) -> SecurityAssociation:
    """The transform sets of a request, each a proposal of its own; AH before ESP where they are combined."""
    made: list[Proposal] = []
    for number, proposal in enumerate(request.proposals, 1):
        mode = Attribute.number(ENCAPSULATION, encapsulate(proposal.encapsulation, udp))
        common = [mode, *_life_attributes(request)]
        tail = [] if request.pfs_group is None else [Attribute.number(GROUP_DESCRIPTION, request.pfs_group)]
        if proposal.ah is not None:
            auth = Attribute.number(AUTH_ALGORITHM, _AH_AUTH[proposal.ah.transform])
            transform = Transform(1, proposal.ah.transform, (*common, auth, *tail))
            made.append(Proposal(number, ProtocolId.AH, spis[ProtocolId.AH], (transform,)))
        if proposal.esp is not None:
            attributes = list(common)
            if proposal.esp.auth is not AuthAlgorithm.NONE:
                attributes.append(Attribute.number(AUTH_ALGORITHM, proposal.esp.auth))
            if proposal.esp.key_bits:
                attributes.append(Attribute.number(ESP_KEY_LENGTH, proposal.esp.key_bits))
            transform = Transform(1, proposal.esp.cipher, (*attributes, *tail))
            made.append(Proposal(number, ProtocolId.ESP, spis[ProtocolId.ESP], (transform,)))
    return SecurityAssociation(tuple(made))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing a peer offers in phase 2: a proposal number with one transform of each protocol."""

    proposal: Phase2Proposal
    """With the encapsulation as offered, UDP forms included."""
    parts: tuple[tuple[Proposal, Transform], ...]
    seconds: int
    kilobytes: int
    """0 where no volume was offered."""
    group: int | None

    def answer(self, spis: dict[int, bytes]) -> SecurityAssociation:
        """The SA payload that accepts it, with this side's SPIs."""
        return SecurityAssociation(
            tuple(
                Proposal(proposal.number, proposal.protocol, spis[proposal.protocol], (transform,))
                for proposal, transform in self.parts
            )
        )


def _lives(transform: Transform) -> tuple[int, int]:
    seconds, kilobytes, unit = DEFAULT_SA_LIFE, 0, 0
    for attribute in transform.attributes:
        if attribute.type == SA_LIFE_TYPE:
            unit = attribute.value
        elif attribute.type == SA_LIFE_DURATION and attribute.value:
            if unit == SECONDS:
                seconds = attribute.value
            elif unit == KILOBYTES:
                kilobytes = attribute.value
    return seconds, kilobytes


def _suite(protocol: int, transform: Transform) -> EspSuite | AhSuite | None:
    auth = transform.get(AUTH_ALGORITHM)
    try:
        if protocol == ProtocolId.AH:
            ah = AhTransform(transform.identifier)
            return AhSuite(ah) if auth == _AH_AUTH[ah] else None
        cipher = EspTransform(transform.identifier)
        bits = transform.get(ESP_KEY_LENGTH)
        if cipher in (EspTransform.AES_CBC, EspTransform.AES_GCM_16, EspTransform.AES_GMAC):
            bits = 128 if bits is None else bits
            return EspSuite(cipher, bits, AuthAlgorithm(auth or 0)) if bits in (128, 192, 256) else None
        return EspSuite(cipher, 0, AuthAlgorithm(auth or 0))
    except ValueError:
        return None


def alternatives(offer: SecurityAssociation) -> Iterator[Alternative]:
    """What an offer comes to, in order of preference; what is not supported is left out."""
    numbers = dict.fromkeys(proposal.number for proposal in offer.proposals)
    for number in numbers:
        group = [proposal for proposal in offer.proposals if proposal.number == number]
        protocols = [proposal.protocol for proposal in group]
        if len(set(protocols)) != len(protocols) or set(protocols) - {ProtocolId.AH, ProtocolId.ESP}:
            continue
        if any(len(proposal.spi) != 4 for proposal in group):
            continue
        for transforms in product(*(proposal.transforms for proposal in group)):
            parts = tuple(zip(group, transforms, strict=True))
            esp: EspSuite | None = None
            ah: AhSuite | None = None
            supported = True
            for proposal, transform in parts:
                suite = _suite(proposal.protocol, transform)
                if isinstance(suite, EspSuite):
                    esp = suite
                elif isinstance(suite, AhSuite):
                    ah = suite
                else:
                    supported = False
            modes = {transform.get(ENCAPSULATION) for transform in transforms}
            groups = {transform.get(GROUP_DESCRIPTION) for transform in transforms}
            mode = modes.pop() if len(modes) == 1 else None
            if not supported or len(groups) != 1 or mode is None or mode not in MODES:
                continue
            seconds, kilobytes = _lives(transforms[0])
            proposal2 = Phase2Proposal(esp, ah, Encapsulation(mode))
            yield Alternative(proposal2, parts, seconds, kilobytes, groups.pop())
