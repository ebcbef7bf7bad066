"""Known answers: exchanges of another implementation, reproduced bit for bit."""

from __future__ import annotations

import hashlib
import hmac
import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from iosemu.ike.algorithms import MODP, KeyExchange, cbc_decrypt, cbc_encrypt, prf
from iosemu.ike.header import Header
from iosemu.ike.keys import Phase1Keys, skeyid_preshared, skeyid_signature
from iosemu.ike.message import Message, build, chain
from iosemu.ike.nat import natd_hash
from iosemu.ike.payloads import Deletion, HashData, Identification, KeyExchangeData, NatD, Nonce
from iosemu.ike.proposals import alternatives
from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.sa_payload import SecurityAssociation
from iosemu.ike.types import Encryption, Endpoint, Hash, ProtocolId

KAT = Path(__file__).parents[2] / "data" / "kat"
VECTORS: list[dict[str, Any]] = json.loads((KAT / "kat_ikev1.json").read_text())["vectors"]
HASHES = {"md5": Hash.MD5, "sha1": Hash.SHA, "sha256": Hash.SHA256}
CIPHERS = {"AES-CBC": Encryption.AES, "3DES-CBC": Encryption.TRIPLE_DES, "DES-CBC": Encryption.DES}
H = bytes.fromhex

each = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


def keys(vector: dict[str, Any]) -> Phase1Keys:
    ike = vector["ike"]
    hash_, cipher = HASHES[ike["hash"]], CIPHERS[ike["cipher"]]
    skeyid = skeyid_preshared(hash_, vector["psk"].encode(), H(vector["ni"]), H(vector["nr"]))
    cookies, publics = H(vector["cky_i"] + vector["cky_r"]), H(vector["ke_i"] + vector["ke_r"])
    return Phase1Keys(hash_, cipher, ike["key_len"] * 8, skeyid, H(vector["g_xy"]), cookies, publics)


def read(vector: dict[str, Any]) -> list[tuple[dict[str, Any], Message]]:
    """All messages of a vector, decrypted with the chain of IVs computed here."""
    made, iv, nodes, found = keys(vector), keys(vector).first_iv, {}, []
    for entry in vector["messages"]:
        data = H(entry["isakmp"])
        header = Header.parse(data)
        body = data[28:]
        if header.encrypted:
            used = iv
            if header.message_id:
                used = nodes.get(header.message_id) or made.message_iv(iv, header.message_id)
            assert used.hex() == entry["iv"]
            last = body[-len(used) :]
            body = made.decrypt(used, body)
            assert body.hex() == entry["plaintext"]
            assert made.encrypt(used, body) == data[28:]
            if header.message_id:
                nodes[header.message_id] = last
            else:
                iv = last
        found.append((entry, Message.parse(header, body)))
    return found


@each
def test_keys(vector: dict[str, Any]) -> None:
    made = keys(vector)
    for name in ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e", "ka"):
        assert getattr(made, name).hex() == vector[name], name
    assert made.first_iv.hex() == vector["iv_phase1"]
    assert MODP[vector["ike"]["group"]] == (int(vector["ike"]["group_prime"], 16), vector["ike"]["generator"])


@each
def test_hashes_of_phase_1(vector: dict[str, Any]) -> None:
    made, offer = keys(vector), H(vector["sai_b"])
    assert made.hash_i(offer, H(vector["idii_b"])).hex() == vector["hash_i"]
    assert made.hash_r(offer, H(vector["idir_b"])).hex() == vector["hash_r"]


@each
def test_diffie_hellman(vector: dict[str, Any]) -> None:
    for own, peer in (("i", "r"), ("r", "i")):
        if f"dh_priv_{own}" in vector:
            exchange = KeyExchange(vector["ike"]["group"], int(vector[f"dh_priv_{own}"], 16))
            assert exchange.public.hex() == vector[f"ke_{own}"]
            assert exchange.shared(H(vector[f"ke_{peer}"])).hex() == vector["g_xy"]


@each
def test_messages(vector: dict[str, Any]) -> None:
    names = {1: "SA", 13: "VID", 4: "KE", 10: "NONCE", 20: "NAT-D", 5: "ID", 8: "HASH", 11: "N", 12: "D"}
    for entry, message in read(vector):
        assert [names[part.payload.TYPE] for part in message.parts] == entry["payloads"].split()
        assert f"{message.header.message_id:08x}" == entry["mid"]
        assert all(part.payload.to_bytes() == part.body for part in message.parts)
        payloads = [part.payload for part in message.parts]
        if message.header.encrypted:
            plain = chain(payloads)
            assert H(entry["plaintext"]) == plain + bytes(len(entry["plaintext"]) // 2 - len(plain))
        else:
            assert build(message.header, payloads).hex() == entry["isakmp"]


@each
def test_values_in_messages(vector: dict[str, Any]) -> None:
    messages = [message for _, message in read(vector)]
    assert messages[0].body(SecurityAssociation).hex() == vector["sai_b"]
    for number, side in ((2, "i"), (3, "r")):
        assert messages[number].one(KeyExchangeData).data.hex() == vector[f"ke_{side}"]
        assert messages[number].one(Nonce).data.hex() == vector[f"n{side}"]
    for number, side in ((4, "i"), (5, "r")):
        assert messages[number].body(Identification).hex() == vector[f"idi{side}_b"]
        assert messages[number].one(HashData).data.hex() == vector[f"hash_{side}"]


@each
def test_iv_chain(vector: dict[str, Any]) -> None:
    made = keys(vector)
    size = len(made.first_iv)
    ends: dict[str, list[str]] = {}
    starts: dict[str, str] = {}
    last = made.first_iv
    for entry, message in read(vector):
        if not message.header.encrypted:
            continue
        mid = entry["mid"]
        if message.header.message_id == 0:
            last = H(entry["isakmp"])[-size:]
        elif mid not in starts:
            starts[mid] = made.message_iv(last, message.header.message_id).hex()
        ends.setdefault(mid, []).append(entry["isakmp"][-2 * size :])
    for mid, expected in vector["iv_next"].items():
        have = ends[mid] if int(mid, 16) == 0 else [starts[mid], *ends[mid]]
        assert have[: len(expected)] == expected


@each
def test_nat_detection(vector: dict[str, Any]) -> None:
    for entry, message in read(vector)[2:4]:
        source = Endpoint(IPv4Address(entry["src"]), entry["sport"])
        target = Endpoint(IPv4Address(entry["dst"]), entry["dport"])
        sa = IsakmpSa(source, target, Role.INITIATOR, H(vector["cky_i"]), H(vector["cky_r"]))
        from ike_pair import policy

        sa.policy = policy(hash=HASHES[vector["ike"]["hash"]])
        values = [payload.data for payload in message.all(NatD)]
        assert values[0] == natd_hash(sa, target)
        assert (values[1] == natd_hash(sa, source)) == (entry["natd_src"] == "true")


@each
def test_quick_mode(vector: dict[str, Any]) -> None:
    made, quick = keys(vector), vector["quick"]
    mid = int(quick["mid"], 16)
    first, second, third = (message for _, message in read(vector)[6:9])
    ni, nr = H(quick["ni"]), H(quick["nr"])
    assert (first.one(Nonce).data, second.one(Nonce).data) == (ni, nr)
    assert first.body(SecurityAssociation).hex() == quick["sa_i"]
    assert second.body(SecurityAssociation).hex() == quick["sa_r"]
    assert [p.body.hex() for p in first.parts if isinstance(p.payload, Identification)] == [
        quick["idci"],
        quick["idcr"],
    ]
    for message, name, value in (
        (first, "hash_1", made.hash_1(mid, first.after_hash)),
        (second, "hash_2", made.hash_2(mid, ni, second.after_hash)),
        (third, "hash_3", made.hash_3(mid, ni, nr)),
    ):
        assert message.one(HashData).data.hex() == value.hex() == quick[name]
    (chosen,) = alternatives(second.one(SecurityAssociation))
    assert chosen.proposal.esp is not None
    assert chosen.parts[0][0].spi.hex() == quick["spi_r"]
    assert chosen.group == quick.get("group")
    if chosen.group is not None:
        assert first.one(KeyExchangeData).data.hex() == quick["ke_i"]
        assert second.one(KeyExchangeData).data.hex() == quick["ke_r"]


@each
def test_informational(vector: dict[str, Any]) -> None:
    made = keys(vector)
    for _, message in read(vector)[9:]:
        digest = made.hash_1(message.header.message_id, message.after_hash)
        assert message.one(HashData).data == digest
        assert message.one(Deletion).protocol in (ProtocolId.ESP, ProtocolId.ISAKMP)


def keymat(vector: dict[str, Any], to: str) -> tuple[bytes, bytes]:
    quick = vector["quick"]
    cipher, auth = quick["enc_key_len"], quick["auth_key_len"]
    spi = H(quick["spi_r" if to == "responder" else "spi_i"])
    shared, nonces = H(quick.get("g_xy", "")), H(quick["ni"] + quick["nr"])
    material = keys(vector).keymat(shared, ProtocolId.ESP, spi, nonces, cipher + auth)
    return material[:cipher], material[cipher:]


@each
@pytest.mark.parametrize("to", ["responder", "initiator"])
def test_keymat(vector: dict[str, Any], to: str) -> None:
    cipher, auth = keymat(vector, to)
    assert cipher.hex() == vector["quick"][f"enc_key_to_{to}"]
    assert auth.hex() == vector["quick"][f"auth_key_to_{to}"]


@each
def test_esp_packets_verify_and_decrypt(vector: dict[str, Any]) -> None:
    quick = vector["quick"]
    names = {"HMAC-SHA1": "sha1", "HMAC-MD5": "md5", "HMAC-SHA256": "sha256"}
    encryption = CIPHERS[quick["transform"]]
    block = 16 if encryption is Encryption.AES else 8
    for entry in vector["esp"]:
        cipher, auth = keymat(vector, entry["to"])
        packet = H(entry["packet"])
        data, icv = packet[: -quick["icv_len"]], packet[-quick["icv_len"] :]
        assert hmac.new(auth, data, names[quick["auth"]]).digest()[: len(icv)] == icv
        plain = cbc_decrypt(encryption, cipher, data[8 : 8 + block], data[8 + block :])
        padding, following = plain[-2], plain[-1]
        assert following == 4
        assert plain[0] >> 4 == 4
        assert plain[-2 - padding : -2] == bytes(range(1, padding + 1))


def test_signature_key_derivation() -> None:
    (vector,) = json.loads((KAT / "kat_nist_ikev1.json").read_text())["vectors"]
    skeyid = skeyid_signature(Hash.SHA, H(vector["ni"]), H(vector["nr"]), H(vector["g_xy"]))
    cookies = H(vector["cky_i"] + vector["cky_r"])
    made = Phase1Keys(Hash.SHA, Encryption.AES, 128, skeyid, H(vector["g_xy"]), cookies, b"")
    for name in ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e"):
        assert getattr(made, name).hex() == vector[name]


def test_aes_cbc_of_rfc_3602() -> None:
    for case in json.loads((KAT / "kat_rfc3602.json").read_text())["aes_cbc"]:
        key, iv = H(case["key"]), H(case["iv"])
        assert cbc_encrypt(Encryption.AES, key, iv, H(case["plaintext"])).hex() == case["ciphertext"]
        assert cbc_decrypt(Encryption.AES, key, iv, H(case["ciphertext"])).hex() == case["plaintext"]


def test_hashes_recomputed_from_the_exported_private_value() -> None:
    """From the wire and the export alone, without the engine's own key code."""
    from ike_pair import Pair, policy

    from iosemu.ike import events

    pair = Pair()
    for side in (pair.r1, pair.r2):
        side.configuration.suites = [
            policy(encryption=Encryption.DES, key_bits=0, hash=Hash.SHA256, group=14)
        ]
    pair.initiate(pfs_group=None)
    exported, peer_export = pair.r1.sa.export(), pair.r2.sa.export()
    wire = [datagram.data for datagram in pair.wire]
    m1, m3, m4 = (Message.parse(Header.parse(data), data[28:]) for data in (wire[0], wire[2], wire[3]))
    ke_i, ke_r = m3.one(KeyExchangeData).data, m4.one(KeyExchangeData).data
    ni, nr = m3.one(Nonce).data, m4.one(Nonce).data
    prime = MODP[14][0]
    private_i, private_r = int(exported["dh_priv_i"], 16), int(peer_export["dh_priv_r"], 16)
    assert pow(2, private_i, prime).to_bytes(256, "big") == ke_i
    shared = pow(int.from_bytes(ke_r, "big"), private_i, prime).to_bytes(256, "big")
    assert shared == pow(int.from_bytes(ke_i, "big"), private_r, prime).to_bytes(256, "big")

    def mac(key: bytes, data: bytes) -> bytes:
        return hmac.new(key, data, hashlib.sha256).digest()

    cookies = wire[2][:16]
    skeyid = mac(H(exported["psk"]), ni + nr)
    d = mac(skeyid, shared + cookies + b"\0")
    a = mac(skeyid, d + shared + cookies + b"\1")
    e = mac(skeyid, a + shared + cookies + b"\2")
    assert [skeyid.hex(), d.hex(), a.hex(), e.hex()] == [
        exported[name] for name in ("skeyid", "skeyid_d", "skeyid_a", "skeyid_e")
    ]
    assert e[:8].hex() == exported["key"] == peer_export["key"]

    def decrypt(data: bytes, iv: bytes) -> Message:
        return Message.parse(Header.parse(data), cbc_decrypt(Encryption.DES, e[:8], iv, data[28:]))

    first_iv = hashlib.sha256(ke_i + ke_r).digest()[:8]
    m5, m6 = decrypt(wire[4], first_iv), decrypt(wire[5], wire[4][-8:])
    sai = m1.body(SecurityAssociation)
    assert m5.one(HashData).data == mac(skeyid, ke_i + ke_r + cookies + sai + m5.body(Identification))
    swapped = cookies[8:] + cookies[:8]
    assert m6.one(HashData).data == mac(skeyid, ke_r + ke_i + swapped + sai + m6.body(Identification))

    mid = wire[6][20:24]
    iv = hashlib.sha256(wire[5][-8:] + mid).digest()[:8]
    q1, q2, q3 = decrypt(wire[6], iv), decrypt(wire[7], wire[6][-8:]), decrypt(wire[8], wire[7][-8:])
    qi, qr = q1.one(Nonce).data, q2.one(Nonce).data
    assert q1.one(HashData).data == mac(a, mid + q1.after_hash)
    assert q2.one(HashData).data == mac(a, mid + qi + q2.after_hash)
    assert q3.one(HashData).data == mac(a, b"\0" + mid + qi + qr)
    (up,) = pair.r1.of(events.ChildUp)
    inbound = up.child.inbound[0]
    seed = b"\3" + inbound.spi.to_bytes(4, "big") + qi + qr
    k1 = mac(d, seed)
    material = k1 + mac(d, k1 + seed)
    assert inbound.encryption_key == material[:16]
    assert inbound.authentication_key == material[16:36]


def test_prf_is_hmac() -> None:
    assert prf(Hash.MD5, b"Jefe", b"what do ya want for nothing?").hex() == "750c783e6ab0b503eaa86e310a5db738"
