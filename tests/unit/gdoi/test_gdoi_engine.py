"""Key server and member against each other: phase 1 on port 848, GROUPKEY-PULL, GROUPKEY-PUSH."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.box.rsa import RsaKey, generate
from iosemu.gdoi.engine import GdoiEngine
from iosemu.gdoi.exchange import Denied, Downloaded, Grant, Granted, Outcome
from iosemu.gdoi.numbers import PORT, SignatureHash
from iosemu.gdoi.payloads import GroupSa, KeyDownload
from iosemu.gdoi.policy import Offer, Replay, Rule, Tek, pack, unpack
from iosemu.gdoi.rekey import Kek, Unverified, acknowledge, open_push, push, read_acknowledgement
from iosemu.ike import events
from iosemu.ike.configuration import BaseConfiguration
from iosemu.ike.header import MalformedMessage
from iosemu.ike.machine import ConnIds
from iosemu.ike.types import (
    AuthAlgorithm,
    Authentication,
    Encryption,
    Endpoint,
    EspSuite,
    EspTransform,
    Hash,
    Identity,
    IdType,
    Party,
    Phase1Policy,
)
from iosemu.ipsec.selectors import Selector
from iosemu.pki.rsa import PublicKey

SERVER, MEMBER = IPv4Address("10.0.0.1"), IPv4Address("10.0.1.2")
GROUP = Identity(IdType.KEY_ID, (1234).to_bytes(4, "big"))
KEY: RsaKey = generate("REKEY", 1024, random.Random(7), 0.0)
SUITE = EspSuite(EspTransform.AES_CBC, 128, AuthAlgorithm.HMAC_SHA)
RULES = (
    Rule(False, Selector(IPv4Network("0.0.0.0/0"), IPv4Network("0.0.0.0/0"), 17, PORT, PORT)),
    Rule(True, Selector(IPv4Network("192.168.0.0/16"), IPv4Network("192.168.0.0/16"))),
)
KEK = Kek(bytes(range(16)), Encryption.AES, 256, b"i" * 16, b"k" * 32, SignatureHash.SHA1, 86400, 0.0, True)
TEK = Tek(0x4EBEFD02, SUITE, b"e" * 16, b"a" * 20, 0.0, 3600, RULES, Replay(False, 64))
OFFER = Offer(SERVER, (TEK,), KEK, KEY.der(), KEY.bits, 3, 8578.79)


class Credentials(BaseConfiguration):
    def __init__(self, key: bytes = b"cisco") -> None:
        self.key = key

    def policies(self) -> Sequence[Phase1Policy]:
        return (Phase1Policy(10, Encryption.AES, 128, Hash.SHA, Authentication.PRE_SHARE, 2, 86400),)

    def preshared_key(self, party: Party) -> bytes | None:
        return self.key

    def nat_traversal(self) -> bool:
        return False


class Servers:
    def grant(self, group: Identity, member: IPv4Address) -> Grant | None:
        return pack(OFFER, 0.0) if group == GROUP else None


class Couple:
    def __init__(self, member_key: bytes = b"cisco") -> None:
        make = random.Random(1).randbytes
        self.server = GdoiEngine(Credentials(), make, ConnIds(1001), Servers())
        self.member = GdoiEngine(Credentials(member_key), make, ConnIds(1001), Servers())
        self.sent: list[bytes] = []
        self.lost = -1
        """The number of the datagram that is lost."""
        self.now = 0.0

    def settle(self) -> None:
        ends = {MEMBER: self.member, SERVER: self.server}
        for _ in range(100):
            flying = [*self.member.datagrams(), *self.server.datagrams()]
            if not flying:
                return
            for each in flying:
                self.sent.append(each.data)
                if len(self.sent) - 1 == self.lost:
                    continue
                ends[each.destination.address].receive(each.data, each.destination, each.source, self.now)

    def register(self, group: Identity = GROUP) -> None:
        assert self.member.register(MEMBER, SERVER, group, self.now)
        self.settle()


def test_a_member_pulls_policy_and_keys() -> None:
    couple = Couple()
    couple.register()
    (download,) = couple.member.outcomes()
    assert isinstance(download, Downloaded)
    assert (download.group, download.local, download.server) == (GROUP, MEMBER, SERVER)
    policy = unpack(download.grant, 10.0)
    assert policy.rules == RULES
    assert policy.teks == (replace(TEK, created=10.0),)
    assert policy.kek == replace(KEK, created=10.0)
    assert policy.signer is not None
    assert policy.signer.modulus == KEY.modulus
    assert policy.pseudotime == 8578.79
    assert download.grant.sequence == 3
    (granted,) = couple.server.outcomes()
    assert granted == Granted(GROUP, Endpoint(MEMBER, PORT), Endpoint(SERVER, PORT), 1001)
    assert [sa.shown_state for sa in couple.server.sas] == ["GDOI_IDLE"]
    assert len(couple.sent) == 10
    couple.register()
    assert len(couple.sent) == 14, "a second pull goes over the ISAKMP SA that is there"


@pytest.mark.parametrize("number", range(10))
def test_each_message_may_be_lost_once(number: int) -> None:
    couple = Couple()
    couple.lost = number
    assert couple.member.register(MEMBER, SERVER, GROUP, 0.0)
    seen: list[Outcome] = []
    while not seen and couple.now < 60:
        couple.settle()
        seen = couple.member.outcomes()
        couple.now += 5.0
        couple.member.tick(couple.now)
        couple.server.tick(couple.now)
    assert [type(each) for each in seen] == [Downloaded]


def test_an_unknown_group_is_refused() -> None:
    couple = Couple()
    couple.register(Identity(IdType.KEY_ID, b"\0\0\0\1"))
    (denied,) = couple.member.outcomes()
    assert isinstance(denied, Denied)
    assert not couple.server.outcomes()
    failures = [each for each in couple.server.events() if isinstance(each, events.ModeFailure)]
    assert [each.mode for each in failures] == ["GDOI"]


def test_a_wrong_key_never_gets_to_a_pull() -> None:
    couple = Couple(b"wrong")
    couple.register()
    assert not couple.member.outcomes()
    assert not any(sa.up for sa in (*couple.server.sas, *couple.member.sas))


def test_phase_1_of_ipsec_is_not_for_this_port() -> None:
    couple = Couple()
    couple.member.register(MEMBER, SERVER, GROUP, 0.0)
    (first,) = couple.member.datagrams()
    data = first.data[:35] + b"\1" + first.data[36:39] + b"\1" + first.data[40:]
    couple.server.receive(data, Endpoint(SERVER, PORT), Endpoint(MEMBER, PORT), 0.0)
    assert not couple.server.datagrams()
    assert any(isinstance(each, events.BadMessage) for each in couple.server.events())


def test_a_rekey_is_read_by_who_has_the_kek_and_acknowledged() -> None:
    policy = unpack(pack(OFFER, 0.0), 0.0)
    assert policy.kek is not None
    assert policy.signer is not None
    data = push(KEK, KEY, pack(replace(OFFER, sequence=4), 0.0))
    assert data[:16] == KEK.spi
    grant = open_push(policy.kek, policy.signer, data, 3)
    assert grant.sequence == 4
    assert unpack(grant, 0.0) == policy
    assert read_acknowledgement(KEK, acknowledge(policy.kek, 4, MEMBER.packed)) == (4, MEMBER.packed)


@pytest.mark.parametrize("at", [20, 30, 60, 200, -10])
def test_a_changed_rekey_is_refused(at: int) -> None:
    policy = unpack(pack(OFFER, 0.0), 0.0)
    assert policy.kek is not None
    assert policy.signer is not None
    data = bytearray(push(KEK, KEY, pack(replace(OFFER, sequence=4), 0.0)))
    data[at] ^= 1
    with pytest.raises((MalformedMessage, Unverified)):
        open_push(policy.kek, policy.signer, bytes(data), 3)


def test_a_rekey_of_before_is_told_from_a_forged_one() -> None:
    policy = unpack(pack(OFFER, 0.0), 0.0)
    assert policy.kek is not None
    assert policy.signer is not None
    data = push(KEK, KEY, pack(OFFER, 0.0))
    with pytest.raises(Unverified) as error:
        open_push(policy.kek, policy.signer, data, 3)
    assert error.value.replayed
    other = generate("OTHER", 1024, random.Random(8), 0.0)
    with pytest.raises(Unverified) as error:
        open_push(policy.kek, policy.signer, push(KEK, other, pack(replace(OFFER, sequence=4), 0.0)), 3)
    assert not error.value.replayed


def test_payloads_are_what_they_were_read_from_and_damage_is_told() -> None:
    grant = pack(replace(OFFER, delete_within=34), 0.0)
    for cls, whole in ((GroupSa, grant.sa.to_bytes()), (KeyDownload, grant.keys.to_bytes())):
        assert cls.parse(whole).to_bytes() == whole
        for size in range(len(whole)):
            with pytest.raises(MalformedMessage):
                cls.parse(whole[:size])
    assert unpack(grant, 0.0).delete_within == 34


@given(st.data())
def test_no_message_of_a_stranger_or_a_damaged_one_raises(data: st.DataObject) -> None:
    couple = Couple()
    couple.register()
    original = data.draw(st.sampled_from([*couple.sent, push(KEK, KEY, pack(OFFER, 0.0))]))
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(changed[: data.draw(st.integers(0, len(changed)))])
    for engine, local, peer in ((couple.server, SERVER, MEMBER), (couple.member, MEMBER, SERVER)):
        engine.receive(cut, Endpoint(local, PORT), Endpoint(peer, PORT), 1.0)
    for read in (
        lambda: open_push(KEK, PublicKey(KEY.modulus, 65537), cut, 0),
        lambda: read_acknowledgement(KEK, cut),
    ):
        with contextlib.suppress(MalformedMessage, Unverified):
            read()


@given(st.binary(max_size=200))
def test_no_policy_raises_but_as_it_says(data: bytes) -> None:
    for cls in (GroupSa, KeyDownload):
        with contextlib.suppress(MalformedMessage):
            parsed = cls.parse(bytes.fromhex("000000020000000000100000") + data if cls is GroupSa else data)
            if isinstance(parsed, GroupSa):
                with contextlib.suppress(MalformedMessage):
                    unpack(Grant(parsed, KeyDownload(()), 0), 0.0)
