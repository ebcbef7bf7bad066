"""What a group agrees on: lines of its policy, the keys of its traffic and of its rekeys; to and from messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from iosemu.gdoi.exchange import Grant
from iosemu.gdoi.numbers import (
    ACK_KEK_SHA256,
    PORT,
    PROTOCOL_ESP,
    RSA,
    SOURCE_AND_DESTINATION,
    SYMMETRIC,
    GapAttribute,
    KekAlgorithm,
    KekAttribute,
    KekKey,
    KeyType,
    SaAttribute,
    SignatureHash,
    TekKey,
)
from iosemu.gdoi.payloads import GroupSa, KeyDownload, KeyPacket, SaKek, SaTek, Selector
from iosemu.gdoi.rekey import Kek
from iosemu.ike.generic import malformed
from iosemu.ike.header import NotifyType
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import AuthAlgorithm, Encapsulation, Encryption, EspSuite, EspTransform
from iosemu.ipsec import selectors
from iosemu.pki.rsa import PublicKey

KEK_ALGORITHMS = {
    Encryption.DES: KekAlgorithm.DES,
    Encryption.TRIPLE_DES: KekAlgorithm.TRIPLE_DES,
    Encryption.AES: KekAlgorithm.AES,
}
KEK_SIZES = {KekAlgorithm.DES: (8, 8), KekAlgorithm.TRIPLE_DES: (8, 24), KekAlgorithm.AES: (16, 0)}
"""Octets of initialization vector and key; the key of AES has the length that the policy says."""
SECONDS = 1
UDP = 17


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the group's policy; the selector's local side is the source."""

    permit: bool
    selector: selectors.Selector


@dataclass(frozen=True, slots=True)
class Replay:
    """How packets that come again are told: by a window of packets, or by a clock that the group shares."""

    time: bool
    window: int
    """Packets, or seconds."""


@dataclass(frozen=True, slots=True)
class Tek:
    """A key for the group's traffic."""

    spi: int
    suite: EspSuite
    encryption_key: bytes = field(repr=False)
    authentication_key: bytes = field(repr=False)
    created: float
    """Lab time."""
    lifetime: int
    """Seconds."""
    rules: tuple[Rule, ...]
    replay: Replay | None
    number: int = 0
    """Of the `sa ipsec` that it belongs to; the key server's alone."""
    original: int = 0
    """Seconds of its life before that was shortened; 0: it was not."""

    @property
    def expires(self) -> float:
        """Lab time of its end."""
        return self.created + self.lifetime

    def remaining(self, now: float) -> int:
        """Whole seconds of life left."""
        return max(0, int(self.expires - now))


@dataclass(frozen=True, slots=True)
class Offer:
    """All that a key server tells its members."""

    server: IPv4Address
    teks: tuple[Tek, ...]
    kek: Kek | None
    signer: bytes = field(default=b"", repr=False)
    """The public key of who signs rekeys, as SubjectPublicKeyInfo."""
    signature_bits: int = 0
    sequence: int = 0
    pseudotime: float | None = None
    """Seconds of the group's clock."""
    delete_within: int | None = None
    """Seconds within which members are to register again, without what they had."""


def pack(offer: Offer, now: float) -> Grant:
    """The messages' parts of what a key server tells."""
    packets: list[KeyPacket] = []
    sats: list[SaTek] = []
    for tek in offer.teks:
        keys = [_key(TekKey.ALGORITHM, tek.encryption_key), _key(TekKey.INTEGRITY, tek.authentication_key)]
        spi = tek.spi.to_bytes(4, "big")
        packets.append(KeyPacket(KeyType.TEK, spi, tuple(each for each in keys if each.data)))
        sats += [_sat(tek, rule, now) for rule in tek.rules]
    sak = None
    if offer.kek is not None:
        sak = _sak(offer, offer.kek, now)
        attributes = (
            _key(KekKey.ALGORITHM, offer.kek.iv + offer.kek.key),
            _key(KekKey.SIGNATURE, offer.signer),
        )
        packets.append(KeyPacket(KeyType.KEK, offer.kek.spi, attributes))
    gap = []
    if offer.pseudotime is not None:
        gap.append(_key(GapAttribute.PSEUDOTIME, int(offer.pseudotime * 1000).to_bytes(8, "big")))
    if offer.delete_within is not None:
        gap.append(Attribute.number(GapAttribute.DELETE_NOW, offer.delete_within))
    return Grant(GroupSa(sak, tuple(gap), tuple(sats)), KeyDownload(tuple(packets)), offer.sequence)


def _key(type_: int, data: bytes) -> Attribute:
    return Attribute(type_, data, basic=False)


def _sak(offer: Offer, kek: Kek, now: float) -> SaKek:
    attributes = [
        Attribute.number(KekAttribute.ALGORITHM, KEK_ALGORITHMS[kek.encryption]),
        Attribute.number(KekAttribute.KEY_LENGTH, len(kek.key) * 8),
        _key(KekAttribute.KEY_LIFETIME, max(1, int(kek.expires - now)).to_bytes(4, "big")),
        Attribute.number(KekAttribute.SIGNATURE_HASH, kek.hash),
        Attribute.number(KekAttribute.SIGNATURE_ALGORITHM, RSA),
        Attribute.number(KekAttribute.SIGNATURE_KEY_LENGTH, offer.signature_bits),
    ]
    if kek.acknowledged:
        attributes.append(Attribute.number(KekAttribute.ACK_REQUESTED, ACK_KEK_SHA256))
    here = Selector(IPv4Network(offer.server), PORT)
    return SaKek(UDP, here, Selector(IPv4Network("0.0.0.0/0"), PORT), kek.spi, tuple(attributes))


def _sat(tek: Tek, rule: Rule, now: float) -> SaTek:
    attributes = [
        Attribute.number(SaAttribute.LIFE_TYPE, SECONDS),
        Attribute.number(SaAttribute.LIFE_DURATION, max(1, tek.remaining(now))),
        Attribute.number(SaAttribute.ENCAPSULATION, Encapsulation.TUNNEL),
    ]
    if tek.suite.auth is not AuthAlgorithm.NONE:
        attributes.append(Attribute.number(SaAttribute.AUTHENTICATION, tek.suite.auth))
    if tek.suite.key_bits:
        attributes.append(Attribute.number(SaAttribute.KEY_LENGTH, tek.suite.key_bits))
    attributes.append(Attribute.number(SaAttribute.ADDRESS_PRESERVATION, SOURCE_AND_DESTINATION))
    attributes.append(Attribute.number(SaAttribute.SA_DIRECTION, SYMMETRIC))
    if not rule.permit:
        attributes.append(Attribute.number(SaAttribute.ACTION, 1))
    if tek.replay is not None:
        kind = SaAttribute.REPLAY_TIME if tek.replay.time else SaAttribute.REPLAY_COUNTER
        attributes.append(Attribute.number(kind, tek.replay.window))
    selector = rule.selector
    return SaTek(
        PROTOCOL_ESP,
        selector.protocol,
        Selector(selector.local, selector.local_port),
        Selector(selector.remote, selector.remote_port),
        tek.suite.cipher,
        tek.spi,
        tuple(attributes),
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a member reads of it."""

    rules: tuple[Rule, ...]
    teks: tuple[Tek, ...]
    kek: Kek | None
    signer: PublicKey | None
    pseudotime: float | None
    delete_within: int | None


def unpack(grant: Grant, now: float) -> Policy:
    """Read what a key server tells; `MalformedMessage` for what does not fit together or is not known here."""
    rules: dict[Rule, None] = {}
    by_spi: dict[int, list[SaTek]] = {}
    for sat in grant.sa.teks:
        rules[_rule(sat)] = None
        by_spi.setdefault(sat.spi, []).append(sat)
    teks = tuple(_tek(spi, sats, grant.keys, now) for spi, sats in by_spi.items())
    kek, signer = (None, None) if grant.sa.kek is None else _kek(grant.sa.kek, grant.keys, now)
    gap = {each.type: each.value for each in grant.sa.gap}
    clock = gap.get(GapAttribute.PSEUDOTIME)
    pseudotime = clock / 1000 if clock is not None else None
    return Policy(tuple(rules), teks, kek, signer, pseudotime, gap.get(GapAttribute.DELETE_NOW))


def _values(attributes: Sequence[Attribute]) -> dict[int, int]:
    return {each.type: each.value for each in attributes}


def _rule(sat: SaTek) -> Rule:
    source, destination = sat.source, sat.destination
    selector = selectors.Selector(
        source.network, destination.network, sat.protocol, source.port, destination.port
    )
    return Rule(not _values(sat.attributes).get(SaAttribute.ACTION), selector)


def _tek(spi: int, sats: Sequence[SaTek], keys: KeyDownload, now: float) -> Tek:
    packet = keys.of(KeyType.TEK, spi.to_bytes(4, "big"))
    if packet is None:
        raise malformed(f"no key for SPI 0x{spi:08X}")
    values = _values(sats[0].attributes)
    try:
        auth = AuthAlgorithm(values.get(SaAttribute.AUTHENTICATION, 0))
        suite = EspSuite(EspTransform(sats[0].transform), values.get(SaAttribute.KEY_LENGTH, 0), auth)
    except ValueError:
        raise malformed("transform of an SA", NotifyType.NO_PROPOSAL_CHOSEN) from None
    replay = None
    for kind, time in ((SaAttribute.REPLAY_TIME, True), (SaAttribute.REPLAY_COUNTER, False)):
        if kind in values:
            replay = Replay(time, values[kind])
    return Tek(
        spi,
        suite,
        packet.get(TekKey.ALGORITHM),
        packet.get(TekKey.INTEGRITY),
        now,
        values.get(SaAttribute.LIFE_DURATION, 0),
        tuple(dict.fromkeys(_rule(sat) for sat in sats)),
        replay,
    )


def _kek(sak: SaKek, keys: KeyDownload, now: float) -> tuple[Kek, PublicKey]:
    values = _values(sak.attributes)
    packet = keys.of(KeyType.KEK, sak.spi)
    if packet is None:
        raise malformed("no key for the KEK")
    try:
        algorithm = KekAlgorithm(values.get(KekAttribute.ALGORITHM, 0))
        digest = SignatureHash(values.get(KekAttribute.SIGNATURE_HASH, 0))
    except ValueError:
        raise malformed("algorithm of the KEK", NotifyType.NO_PROPOSAL_CHOSEN) from None
    iv, length = KEK_SIZES[algorithm]
    length = length or values.get(KekAttribute.KEY_LENGTH, 0) // 8
    data = packet.get(KekKey.ALGORITHM)
    if len(data) != iv + length or (algorithm is KekAlgorithm.AES and length not in (16, 24, 32)):
        raise malformed("key of the KEK")
    try:
        public = load_der_public_key(packet.get(KekKey.SIGNATURE))
    except (ValueError, UnsupportedAlgorithm):
        raise malformed("key of who signs rekeys") from None
    if not isinstance(public, RSAPublicKey):
        raise malformed("key of who signs rekeys")
    numbers = public.public_numbers()
    encryption = next(each for each, number in KEK_ALGORITHMS.items() if number is algorithm)
    kek = Kek(
        sak.spi,
        encryption,
        length * 8 if algorithm is KekAlgorithm.AES else 0,
        data[:iv],
        data[iv:],
        digest,
        values.get(KekAttribute.KEY_LIFETIME, 0),
        now,
        bool(values.get(KekAttribute.ACK_REQUESTED)),
    )
    return kek, PublicKey(numbers.n, numbers.e)
