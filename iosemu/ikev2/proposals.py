"""Offers and choices: what IKE SAs and child SAs may use, and which of it both sides have (RFC 7296, 2.7, 3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from iosemu.ike.algorithms import GROUPS
from iosemu.ike.types import (
    AhSuite,
    AhTransform,
    AuthAlgorithm,
    Encapsulation,
    EspSuite,
    EspTransform,
    Phase2Proposal,
)
from iosemu.ikev2.keys import IkeSuite
from iosemu.ikev2.numbers import Encr, Esn, Integ, Prf, Protocol, TransformType
from iosemu.ikev2.payloads import Proposal, SecurityAssociation, Transform

AEADS: Final = (Encr.AES_GCM_16,)
ESP_CIPHERS: Final = {
    EspTransform.DES: Encr.DES,
    EspTransform.TRIPLE_DES: Encr.TRIPLE_DES,
    EspTransform.NULL: Encr.NULL,
    EspTransform.AES_CBC: Encr.AES_CBC,
    EspTransform.AES_GCM_16: Encr.AES_GCM_16,
    EspTransform.AES_GMAC: Encr.AES_GMAC,
}
ESP_INTEGS: Final = {
    AuthAlgorithm.HMAC_MD5: Integ.MD5_96,
    AuthAlgorithm.HMAC_SHA: Integ.SHA1_96,
    AuthAlgorithm.HMAC_SHA256: Integ.SHA256_128,
    AuthAlgorithm.HMAC_SHA384: Integ.SHA384_192,
    AuthAlgorithm.HMAC_SHA512: Integ.SHA512_256,
}
AH_INTEGS: Final = {
    AhTransform.MD5: Integ.MD5_96,
    AhTransform.SHA: Integ.SHA1_96,
    AhTransform.SHA256: Integ.SHA256_128,
    AhTransform.SHA384: Integ.SHA384_192,
    AhTransform.SHA512: Integ.SHA512_256,
}


@dataclass(frozen=True, slots=True)
class IkeProposal:
    """What one `crypto ikev2 proposal` allows, each kind in order of preference."""

    name: str
    encryption: tuple[tuple[Encr, int], ...]
    """Cipher and key length in bits, 0 where it is fixed."""
    integrity: tuple[Integ, ...]
    """Empty with GCM."""
    prfs: tuple[Prf, ...]
    groups: tuple[int, ...]

    def offer(self, number: int, spi: bytes = b"") -> Proposal:
        """As it is offered; `spi` is that of an SA that takes another's place."""
        transforms = [Transform(TransformType.ENCR, kind, bits) for kind, bits in self.encryption]
        transforms += [Transform(TransformType.PRF, kind) for kind in self.prfs]
        transforms += [Transform(TransformType.INTEG, kind) for kind in self.integrity]
        transforms += [Transform(TransformType.DH, group) for group in self.groups]
        return Proposal(number, Protocol.IKE, spi, tuple(transforms))

    def choose(self, offered: Proposal) -> IkeSuite | None:
        """What both have, by the own preference; None when a kind has nothing in common."""
        ciphers = {(each.id, each.key_bits) for each in offered.of(TransformType.ENCR)}
        cipher = next((each for each in self.encryption if each in ciphers), None)
        prf = _common(self.prfs, offered, TransformType.PRF)
        group = _common(self.groups, offered, TransformType.DH)
        if cipher is None or prf is None or group is None:
            return None
        integ: int | None = int(Integ.NONE)
        if cipher[0] not in AEADS:
            integ = _common(self.integrity, offered, TransformType.INTEG)
            if integ is None:
                return None
        elif any(each.id != Integ.NONE for each in offered.of(TransformType.INTEG)):
            return None
        return IkeSuite(cipher[0], cipher[1], Prf(prf), Integ(integ or Integ.NONE), group)


def _common(mine: Iterable[int], offered: Proposal, kind: TransformType) -> int | None:
    theirs = {each.id for each in offered.of(kind)}
    return next((each for each in mine if each in theirs), None)


def ike_offer(proposals: Sequence[IkeProposal], spi: bytes = b"") -> SecurityAssociation:
    """The SA payload of a list of proposals."""
    return SecurityAssociation(tuple(each.offer(number, spi) for number, each in enumerate(proposals, 1)))


def choose_ike(mine: Sequence[IkeProposal], offered: SecurityAssociation) -> tuple[Proposal, IkeSuite] | None:
    """The first of the own proposals that has something in common with one of the peer's."""
    for own in mine:
        for each in offered.proposals:
            suite = own.choose(each) if each.protocol == Protocol.IKE else None
            if suite is not None and suite.group in GROUPS:
                return each, suite
    return None


def chosen_ike(mine: Sequence[IkeProposal], answer: SecurityAssociation) -> IkeSuite | None:
    """What an answer has chosen of the own offer; None when it is nothing that was offered."""
    if len(answer.proposals) != 1 or not 1 <= answer.proposals[0].number <= len(mine):
        return None
    chosen = answer.proposals[0]
    types = [each.type for each in chosen.transforms]
    if len(types) != len(set(types)):
        return None
    return mine[chosen.number - 1].choose(chosen)


def ike_answer(offered: Proposal, suite: IkeSuite, spi: bytes = b"") -> SecurityAssociation:
    """The SA payload that says what was chosen of a proposal."""
    transforms = [
        Transform(TransformType.ENCR, suite.encr, suite.key_bits),
        Transform(TransformType.PRF, suite.prf),
    ]
    if suite.integ is not Integ.NONE:
        transforms.append(Transform(TransformType.INTEG, suite.integ))
    transforms.append(Transform(TransformType.DH, suite.group))
    return SecurityAssociation((Proposal(offered.number, Protocol.IKE, spi, tuple(transforms)),))


# Child SAs.


def negotiable(proposal: Phase2Proposal) -> bool:
    """Whether IKEv2 has a form for it: ESP or AH, not one inside the other (RFC 7296, 3.3)."""
    return (proposal.esp is None) != (proposal.ah is None)


def child_transforms(proposal: Phase2Proposal) -> tuple[int, list[Transform]]:
    """Protocol and transforms of one transform set, without a group."""
    if proposal.esp is not None:
        transforms = [Transform(TransformType.ENCR, ESP_CIPHERS[proposal.esp.cipher], proposal.esp.key_bits)]
        if proposal.esp.auth in ESP_INTEGS:
            transforms.append(Transform(TransformType.INTEG, ESP_INTEGS[proposal.esp.auth]))
        protocol = Protocol.ESP
    else:
        assert proposal.ah is not None
        transforms = [Transform(TransformType.INTEG, AH_INTEGS[proposal.ah.transform])]
        protocol = Protocol.AH
    return protocol, transforms


def child_offer(
    proposals: Sequence[Phase2Proposal], spi: bytes, group: int | None = None
) -> SecurityAssociation:
    """The SA payload of transform sets; `group` where a fresh exchange is wanted."""
    made = []
    for number, each in enumerate(proposals, 1):
        protocol, transforms = child_transforms(each)
        if group is not None:
            transforms.append(Transform(TransformType.DH, group))
        transforms.append(Transform(TransformType.ESN, Esn.NO))
        made.append(Proposal(number, protocol, spi, tuple(transforms)))
    return SecurityAssociation(tuple(made))


@dataclass(frozen=True, slots=True)
class OfferedChild:
    """One alternative of a child SA that a peer offers."""

    proposal: Proposal
    suite: Phase2Proposal
    groups: tuple[int, ...]
    """Empty: no fresh exchange."""

    @property
    def spi(self) -> bytes:
        """The peer's SPI."""
        return self.proposal.spi

    def answer(self, spi: bytes, group: int | None) -> SecurityAssociation:
        """The SA payload that chooses it, with the own SPI."""
        protocol, transforms = child_transforms(self.suite)
        if group is not None:
            transforms.append(Transform(TransformType.DH, group))
        if any(each.type == TransformType.ESN for each in self.proposal.transforms):
            transforms.append(Transform(TransformType.ESN, Esn.NO))
        return SecurityAssociation((Proposal(self.proposal.number, protocol, spi, tuple(transforms)),))


def offered_children(payload: SecurityAssociation, encapsulation: Encapsulation) -> list[OfferedChild]:
    """All alternatives of an offer that have a form here, in the peer's order."""
    return [
        OfferedChild(each, replace(suite, encapsulation=encapsulation), groups)
        for each in payload.proposals
        for suite, groups in _suites(each)
    ]


def _suites(proposal: Proposal) -> Iterator[tuple[Phase2Proposal, tuple[int, ...]]]:
    if proposal.protocol not in (Protocol.ESP, Protocol.AH) or len(proposal.spi) != 4:
        return
    esn = [each.id for each in proposal.of(TransformType.ESN)]
    if esn and Esn.NO not in esn:
        return
    groups = tuple(each.id for each in proposal.of(TransformType.DH) if each.id)
    integs = [each.id for each in proposal.of(TransformType.INTEG)]
    if proposal.protocol == Protocol.AH:
        for transform, number in AH_INTEGS.items():
            if number in integs:
                yield Phase2Proposal(None, AhSuite(transform)), groups
        return
    ciphers = {number: cipher for cipher, number in ESP_CIPHERS.items()}
    auths = {int(number): auth for auth, number in ESP_INTEGS.items()}
    for each in proposal.of(TransformType.ENCR):
        cipher = ciphers.get(Encr(each.id)) if each.id in Encr.__members__.values() else None
        if cipher is None:
            continue
        if cipher in (EspTransform.AES_GCM_16, EspTransform.AES_GMAC):
            if all(integ == Integ.NONE for integ in integs):
                yield Phase2Proposal(EspSuite(cipher, each.key_bits, AuthAlgorithm.NONE)), groups
            continue
        if not integs:
            yield Phase2Proposal(EspSuite(cipher, each.key_bits, AuthAlgorithm.NONE)), groups
        for integ in integs:
            auth = AuthAlgorithm.NONE if integ == Integ.NONE else auths.get(integ)
            if auth is not None:
                yield Phase2Proposal(EspSuite(cipher, each.key_bits, auth)), groups


def chosen_child(
    mine: Sequence[Phase2Proposal], answer: SecurityAssociation, group: int | None
) -> tuple[Phase2Proposal, bytes] | None:
    """Which of the own transform sets an answer has chosen, and the peer's SPI; None when it is none of them."""
    if len(answer.proposals) != 1 or not 1 <= answer.proposals[0].number <= len(mine):
        return None
    own = mine[answer.proposals[0].number - 1]
    for offered in offered_children(answer, own.encapsulation):
        if offered.suite == own and offered.groups in ((), (group,) if group is not None else ()):
            if group is not None and not offered.groups:
                return None
            return own, offered.spi
    return None
