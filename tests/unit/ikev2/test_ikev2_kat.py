"""Known answers: exchanges of another implementation and NIST's key derivations, reproduced bit for bit."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ike.types import AuthAlgorithm, Encapsulation, EspSuite, EspTransform, Phase2Proposal
from iosemu.ikev2.keys import IkeKeys, IkeSuite, Prf, prf_plus, rekeyed_skeyseed, skeyseed
from iosemu.ikev2.message import HEADER_LENGTH, Header, Message, Reassembly, open_sealed, parse_clear
from iosemu.ikev2.numbers import Encr, ExchangeType, Integ, TransformType
from iosemu.ikev2.payloads import (
    Authentication,
    Identification,
    Nonce,
    Proposal,
    SecurityAssociation,
    read_chain,
    write_chain,
)
from iosemu.ikev2.proposals import offered_children

KAT = Path(__file__).parents[2] / "data" / "kat"
VECTORS: list[dict[str, Any]] = json.loads((KAT / "kat_ikev2.json").read_text())["vectors"]
DERIVATIONS: list[dict[str, Any]] = json.loads((KAT / "kat_ikev2_kdf.json").read_text())["vectors"]
GROUP_VECTORS: list[dict[str, Any]] = json.loads((KAT / "kat_dh.json").read_text())["vectors"]
H = bytes.fromhex
PRFS = {"PRF_HMAC_SHA1": Prf.SHA1, "PRF_HMAC_SHA2_256": Prf.SHA256, "PRF_HMAC_SHA2_384": Prf.SHA384}
PRFS["PRF_HMAC_SHA2_512"] = Prf.SHA512

each = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
sealed = [vector for vector in VECTORS if "ike_sas" in vector]
each_sealed = pytest.mark.parametrize("vector", sealed, ids=[vector["name"] for vector in sealed])


def suite_of(proposal: Proposal) -> IkeSuite:
    """What the only transforms of a proposal are."""
    found = {kind: proposal.of(kind) for kind in TransformType}
    integ = found[TransformType.INTEG]
    return IkeSuite(
        Encr(found[TransformType.ENCR][0].id),
        found[TransformType.ENCR][0].key_bits,
        Prf(found[TransformType.PRF][0].id),
        Integ(integ[0].id) if integ else Integ.NONE,
        found[TransformType.DH][0].id,
    )


def read(vector: dict[str, Any]) -> list[tuple[dict[str, Any], Header, Message | None]]:
    """All messages, opened with the keys that are computed here; None for a fragment before the last."""
    keys: dict[bytes, IkeKeys] = {}
    sas = {H(entry["spi_i"]): entry for entry in vector.get("ike_sas", ())}
    whole: dict[tuple[bytes, str, int], Reassembly] = {}
    found: list[tuple[dict[str, Any], Header, Message | None]] = []
    for entry in vector["messages"]:
        data = H(entry["isakmp"])
        header = Header.parse(data)
        if header.exchange == ExchangeType.IKE_SA_INIT:
            message = parse_clear(data)
            found.append((entry, header, message))
            chosen = message.first(SecurityAssociation)
            if header.response and chosen is not None:
                sa = sas[header.spi_i]
                seed = skeyseed(suite_of(chosen.proposals[0]).prf, H(sa["ni"] + sa["nr"]), H(sa["g_ir"]))
                assert seed.hex() == sa["skeyseed"]
                keys[header.spi_i] = IkeKeys.derive(
                    suite_of(chosen.proposals[0]), seed, H(sa["ni"] + sa["nr"]), header.spi_i + header.spi_r
                )
            continue
        mine = keys[header.spi_i]
        sealer = mine.sealer(random.Random(1).randbytes, initiator=header.initiator)
        piece = open_sealed(header, data, sealer)
        assert piece.data.hex() == entry["decrypted"]
        key = (header.spi_i, entry["from"], header.message_id)
        complete = whole.setdefault(key, Reassembly()).add(piece) if piece.total > 1 else piece
        if complete is None:
            found.append((entry, header, None))
            continue
        if "reassembled" in entry:
            assert complete.data.hex() == entry["reassembled"]
        message = Message(header, read_chain(complete.first, complete.data))
        first, chain = write_chain(message.payloads)
        if len(chain) == len(complete.data):  # no payload was passed over
            assert (first, chain) == (complete.first, complete.data)
        found.append((entry, header, message))
        offered = message.first(SecurityAssociation)
        if header.exchange == ExchangeType.CREATE_CHILD_SA and header.response and offered is not None:
            proposal = offered.proposals[0]
            sa = next((sa for sa in vector["ike_sas"] if H(sa["spi_r"]) == proposal.spi), None)
            if sa is not None:
                nonces = H(sa["ni"] + sa["nr"])
                seed = rekeyed_skeyseed(mine.suite.prf, mine.sk_d, nonces, H(sa["g_ir"]))
                assert seed.hex() == sa["skeyseed"]
                keys[H(sa["spi_i"])] = IkeKeys.derive(
                    suite_of(proposal), seed, nonces, H(sa["spi_i"] + sa["spi_r"])
                )
    for spi, made in keys.items():
        for name in ("sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr"):
            assert getattr(made, name).hex() == sas[spi][name], name
    return found


@each
def test_messages_are_read_and_keys_derived(vector: dict[str, Any]) -> None:
    for entry, header, message in read(vector):
        assert header.message_id == entry["mid"]
        assert ExchangeType(header.exchange).name == entry["exchange"]
        assert header.response == bool(int(entry["flags"], 16) & 0x20)
        if message is not None and header.exchange == ExchangeType.IKE_SA_INIT:
            data = H(entry["isakmp"])
            first, body = write_chain(message.payloads)
            assert (first, body) == (header.next_payload, data[HEADER_LENGTH:])


@each_sealed
def test_messages_are_sealed_alike(vector: dict[str, Any]) -> None:
    """What is sealed with these keys opens to the same payloads; CBC with the same IV gives the same octets."""
    sa = vector["ike_sas"][0]
    messages = read(vector)
    answer = next(m for _, h, m in messages if m is not None and h.response and m.first(SecurityAssociation))
    suite = suite_of(answer.need(SecurityAssociation).proposals[0])
    seed = skeyseed(suite.prf, H(sa["ni"] + sa["nr"]), H(sa["g_ir"]))
    keys = IkeKeys.derive(suite, seed, H(sa["ni"] + sa["nr"]), H(sa["spi_i"] + sa["spi_r"]))
    counted = 0
    for entry, header, message in messages:
        if message is None or header.exchange != ExchangeType.IKE_AUTH or entry["payloads"] != "SK":
            continue
        data = H(entry["isakmp"])
        start = HEADER_LENGTH + 4
        iv = data[start : start + 16]
        sealer = keys.sealer(lambda _, iv=iv: iv, initiator=header.initiator)
        plain = H(entry["decrypted"])
        resealed = sealer.seal(data[:start], plain)
        if suite.encr is Encr.AES_GCM_16:
            assert len(resealed) == len(data)
            assert open_sealed(header, resealed, sealer).data == plain
        elif data[start + 16 : start + 32] == resealed[start + 16 : start + 32]:
            counted += 1
            assert len(resealed) == len(data)
    assert counted or suite.encr is Encr.AES_GCM_16 or vector["name"] == "ikev2_fragmented"


@each_sealed
def test_auth_is_recomputed(vector: dict[str, Any]) -> None:
    messages = read(vector)
    inits = [
        (H(entry["isakmp"]), header, message)
        for entry, header, message in messages
        if header.exchange == ExchangeType.IKE_SA_INIT and message is not None
    ][-2:]
    (request, _, asked), (response, header, answered) = inits
    sa = vector["ike_sas"][0]
    chosen = answered.need(SecurityAssociation).proposals[0]
    seed = skeyseed(suite_of(chosen).prf, H(sa["ni"] + sa["nr"]), H(sa["g_ir"]))
    keys = IkeKeys.derive(suite_of(chosen), seed, H(sa["ni"] + sa["nr"]), header.spi_i + header.spi_r)
    nonces = (asked.need(Nonce).data, answered.need(Nonce).data)
    checked = 0
    for _, head, message in messages:
        auth = message.first(Authentication) if message is not None else None
        if message is None or auth is None:
            continue
        initiator = head.initiator
        identity = next(i for i in message.all(Identification) if i.responder != initiator)
        computed = keys.shared_key_auth(
            vector["psk"].encode(),
            request if initiator else response,
            nonces[1] if initiator else nonces[0],
            identity.body(),
            initiator=initiator,
        )
        assert computed == auth.data
        checked += 1
    assert checked


@each_sealed
def test_child_keys(vector: dict[str, Any]) -> None:
    messages = read(vector)
    sa = vector["ike_sas"][0]
    answer = next(m for _, h, m in messages if m is not None and h.response and m.first(SecurityAssociation))
    suite = suite_of(answer.need(SecurityAssociation).proposals[0])
    seed = skeyseed(suite.prf, H(sa["ni"] + sa["nr"]), H(sa["g_ir"]))
    keys = IkeKeys.derive(suite, seed, H(sa["ni"] + sa["nr"]), H(sa["spi_i"] + sa["spi_r"]))
    for child in vector.get("child_sas", ()):
        offered = next(
            offer
            for _, head, message in messages
            if message is not None and head.response and message.first(SecurityAssociation)
            for offer in offered_children(message.need(SecurityAssociation), Encapsulation.TUNNEL)
            if offer.spi.hex() == child["spi_r"]
        )
        towards, back = keys.child_keys(
            offered.suite, H(child["ni"] + child["nr"]), H(child["g_ir_new"] or "")
        )
        assert (towards[0].hex(), towards[1].hex()) == (child["enc_i"], child["int_i"])
        assert (back[0].hex(), back[1].hex()) == (child["enc_r"], child["int_r"])


@pytest.mark.parametrize("vector", DERIVATIONS, ids=[vector["name"] for vector in DERIVATIONS])
def test_key_derivation(vector: dict[str, Any]) -> None:
    kind = PRFS[vector["prf"]]
    if "sKeySeed" not in vector:
        if "skeyseed" in vector:
            assert skeyseed(kind, H(vector["ni_nr"]), H(vector["g_ir"])).hex() == vector["skeyseed"]
        else:
            expected = H(vector["out"])
            key, seed = H(vector["key"]), H(vector["seed"])
            assert prf_plus(kind, key, seed, len(expected)) == expected
        return
    nonces, spis = H(vector["ni"] + vector["nr"]), H(vector["spi_i"] + vector["spi_r"])
    seed = skeyseed(kind, nonces, H(vector["g_ir"]))
    assert seed.hex() == vector["sKeySeed"]
    material = prf_plus(kind, seed, nonces + spis, len(H(vector["derivedKeyingMaterial"])))
    assert material.hex() == vector["derivedKeyingMaterial"]
    sk_d = material[:20]
    for name, shared in (("Child", b""), ("Dh", H(vector["g_ir_new"]))):
        expected = H(vector[f"derivedKeyingMaterial{name}"])
        assert prf_plus(kind, sk_d, shared + nonces, len(expected)) == expected
    assert rekeyed_skeyseed(kind, sk_d, nonces, H(vector["g_ir_new"])).hex() == vector["sKeySeedReKey"]


KNOWN_GROUPS = [vector for vector in GROUP_VECTORS if vector["group"] in GROUPS]


@pytest.mark.parametrize("vector", KNOWN_GROUPS, ids=[vector["name"] for vector in KNOWN_GROUPS])
def test_groups(vector: dict[str, Any]) -> None:
    for mine, other in (("i", "r"), ("r", "i")):
        exchange = KeyExchange(vector["group"], int(vector[f"priv_{mine}"], 16))
        assert exchange.public.hex() == vector[f"pub_{mine}"]
        assert exchange.shared(H(vector[f"pub_{other}"])).hex() == vector["shared"]


def test_every_group_of_the_engine_is_checked() -> None:
    assert {vector["group"] for vector in KNOWN_GROUPS} == set(GROUPS)


def test_suite_of_gcm_has_no_separate_integrity() -> None:
    proposal = Phase2Proposal(EspSuite(EspTransform.AES_GCM_16, 256, AuthAlgorithm.NONE))
    keys = IkeKeys(IkeSuite(Encr.AES_GCM_16, 256, Prf.SHA384, Integ.NONE, 19), *(b"k" * 48,) * 7)
    towards, back = keys.child_keys(proposal, b"n" * 64, b"")
    assert (len(towards[0]), len(towards[1])) == (36, 0)
    assert towards != back
