"""Properties of the IKE engine: codecs, damage, agreement."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "ike"))

from ike_pair import AES_SHA, Pair, policy

from iosemu.ike import events, trace
from iosemu.ike.header import Header, MalformedMessage
from iosemu.ike.message import Message, build
from iosemu.ike.payloads import (
    Deletion,
    HashData,
    Identification,
    KeyExchangeData,
    NatD,
    Nonce,
    Notification,
    Opaque,
    VendorId,
)
from iosemu.ike.sa_payload import Attribute, Proposal, SecurityAssociation, Transform
from iosemu.ike.types import AuthAlgorithm, Encryption, EspSuite, EspTransform, Hash, Phase2Proposal

byte = st.integers(0, 255)
short = st.binary(max_size=40)
attribute = st.one_of(
    st.builds(Attribute, st.integers(0, 0x7FFF), st.binary(min_size=2, max_size=2)),
    st.builds(lambda type_, data: Attribute(type_, data, basic=False), st.integers(0, 0x7FFF), short),
)
transform = st.builds(Transform, byte, byte, st.lists(attribute, max_size=5).map(tuple))
proposal = st.builds(Proposal, byte, byte, short, st.lists(transform, min_size=1, max_size=4).map(tuple))
identification = st.one_of(
    st.builds(Identification, st.just(1), byte, st.integers(0, 65535), st.binary(min_size=4, max_size=4)),
    st.builds(Identification, st.just(4), byte, st.integers(0, 65535), st.binary(min_size=8, max_size=8)),
    st.builds(Identification, st.sampled_from((2, 3, 11)), byte, st.integers(0, 65535), short),
)
payload = st.one_of(
    st.builds(SecurityAssociation, st.lists(proposal, min_size=1, max_size=3).map(tuple)),
    st.builds(KeyExchangeData, short),
    st.builds(Nonce, st.binary(min_size=8, max_size=40)),
    st.builds(HashData, short),
    st.builds(VendorId, short),
    st.builds(NatD, short),
    identification,
    st.builds(Notification, byte, st.integers(0, 65535), short, short),
    st.builds(Deletion, byte, st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=4).map(tuple)),
    st.builds(Opaque, st.sampled_from((21, 128, 132, 255)), short),
)
cookie = st.binary(min_size=8, max_size=8).filter(any)


@given(cookie, cookie, byte, st.integers(0, 0xFFFFFFFF), st.lists(payload, min_size=1, max_size=6))
def test_a_message_parses_to_what_it_was_built_from(
    cookie_i: bytes, cookie_r: bytes, exchange: int, message_id: int, payloads: list
) -> None:
    data = build(Header(cookie_i, cookie_r, 0, exchange, 0, message_id), payloads)
    header = Header.parse(data)
    message = Message.parse(header, data[28:])
    assert [part.payload for part in message.parts] == payloads
    assert build(header, [part.payload for part in message.parts]) == data


@given(st.binary(max_size=200))
def test_noise_is_malformed_or_a_message(data: bytes) -> None:
    with suppress(MalformedMessage):
        Message.parse(Header.parse(data), data[28:])


@settings(deadline=None, max_examples=60)
@given(st.data(), st.booleans())
def test_damage_never_raises_and_is_overcome(data: st.DataObject, aggressive: bool) -> None:
    pair = Pair(data.draw(st.integers(0, 1000)))
    for side in (pair.r1, pair.r2):
        side.configuration.suites = [policy(group=19)]
    victim = data.draw(st.integers(1, 9))
    cut = data.draw(st.booleans())

    def damage(datagram: object) -> object:
        if len(pair.wire) != victim:
            return datagram
        place = data.draw(st.integers(0, len(datagram.data) - 1))
        if cut:
            return replace(datagram, data=datagram.data[:place])
        flipped = datagram.data[place] ^ data.draw(st.integers(1, 255))
        return replace(datagram, data=datagram.data[:place] + bytes([flipped]) + datagram.data[place + 1 :])

    pair.filter = damage  # type: ignore[assignment]
    pair.initiate(aggressive=aggressive)
    pair.advance(400)
    pair.filter = lambda datagram: datagram
    pair.initiate(aggressive=aggressive)
    pair.advance(1)
    assert pair.r1.of(events.ChildUp)
    assert pair.r2.of(events.ChildUp)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.binary(max_size=300), st.booleans()), max_size=5))
def test_strangers_never_raise(packets: list[tuple[bytes, bool]]) -> None:
    pair = Pair()
    pair.initiate()
    known = pair.r1.sa.cookie_i + pair.r1.sa.cookie_r
    for noise, disguised in packets:
        data = known + noise if disguised else noise
        pair.r1.engine.receive(data, pair.r1.sa.local, pair.r1.sa.peer, pair.now)
    pair.settle()
    assert pair.r1.table()[0] == ("QM_IDLE", 1001, "ACTIVE")


suites = st.builds(
    lambda cipher, hash_, group, life: policy(
        encryption=cipher[0], key_bits=cipher[1], hash=hash_, group=group, lifetime=life
    ),
    st.sampled_from(
        [
            (Encryption.DES, 0),
            (Encryption.TRIPLE_DES, 0),
            *((Encryption.AES, bits) for bits in (128, 192, 256)),
        ]
    ),
    st.sampled_from(Hash),
    st.sampled_from((1, 2, 19)),
    st.integers(60, 86400),
)
ciphers = st.one_of(
    st.builds(
        EspSuite,
        st.just(EspTransform.AES_CBC),
        st.sampled_from((128, 192, 256)),
        st.sampled_from(AuthAlgorithm),
    ),
    st.builds(
        EspSuite,
        st.sampled_from((EspTransform.DES, EspTransform.TRIPLE_DES, EspTransform.NULL)),
        st.just(0),
        st.sampled_from(AuthAlgorithm),
    ),
)
proposals = st.lists(st.builds(Phase2Proposal, ciphers), min_size=1, max_size=3, unique=True)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(suites, max_size=3),
    st.lists(suites, max_size=3),
    suites,
    proposals,
    proposals,
    st.sampled_from((None, 1, 19)),
    st.binary(min_size=1, max_size=30),
)
def test_compatible_configurations_agree(
    one: list, two: list, common: object, offered: list, accepted: list, pfs: int | None, key: bytes
) -> None:
    pair = Pair()
    pair.r1.configuration.suites, pair.r2.configuration.suites = [*one, common], [*two, common]
    pair.r1.configuration.key = pair.r2.configuration.key = key
    pair.r2.configuration.proposals = (*accepted, offered[-1])
    pair.r2.configuration.pfs = pfs
    pair.initiate(proposals=tuple(offered), pfs_group=pfs)
    first, second = pair.children()
    assert first.inbound == second.outbound
    assert first.outbound == second.inbound
    assert pair.r1.sa.lifetime == pair.r2.sa.lifetime
    assert pair.r1.sa.export()["key"] == pair.r2.sa.export()["key"]


@settings(deadline=None, max_examples=40)
@given(suites, st.sampled_from(("encryption", "hash", "group", "key", "transform", "pfs", "proxy")))
def test_any_one_mismatch_fails_as_it_should(suite: object, spoiled: str) -> None:
    pair = Pair()
    pair.r1.configuration.suites = pair.r2.configuration.suites = [suite]
    request: dict[str, object] = {}
    other = {
        "encryption": {"encryption": Encryption.AES, "key_bits": 128}
        if suite.encryption is not Encryption.AES
        else {"encryption": Encryption.DES, "key_bits": 0},
        "hash": {"hash": Hash.MD5 if suite.hash is not Hash.MD5 else Hash.SHA},
        "group": {"group": 2 if suite.group != 2 else 1},
    }
    if spoiled in other:
        pair.r2.configuration.suites = [replace(suite, **other[spoiled])]
    elif spoiled == "key":
        pair.r2.configuration.key = b"another"
    elif spoiled == "transform":
        request["proposals"] = (replace(AES_SHA, esp=EspSuite(EspTransform.DES, 0, AuthAlgorithm.HMAC_MD5)),)
    elif spoiled == "pfs":
        pair.r2.configuration.pfs = 2
    else:
        pair.r2.configuration.flows = []
    pair.initiate(**request)
    assert not pair.r1.of(events.ChildUp)
    if spoiled in other:
        assert pair.r1.table() == [("MM_NO_STATE", 0, "ACTIVE")]
    elif spoiled == "key":
        assert pair.r1.table() == [("MM_KEY_EXCH", 1001, "ACTIVE")]
    else:
        assert pair.r1.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert pair.r2.of(trace.OfferRefused) or pair.r2.of(events.BadMessage)
