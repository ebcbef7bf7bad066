"""Packets and advertisements against recorded ones, and their properties."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.ospf import Authentication, AuthenticationFault, AuthenticationType, Key
from iosemu.routing.ospf.authentication import check, sign
from iosemu.routing.ospf.constants import PacketType
from iosemu.routing.ospf.lsa import (
    ExternalLsa,
    NetworkLsa,
    RouterLink,
    RouterLsa,
    SummaryLsa,
    build_lsa,
    compare,
    fletcher_checksum,
    fletcher_valid,
    parse_lsa,
)
from iosemu.routing.ospf.packets import (
    DatabaseDescription,
    Header,
    Hello,
    LinkStateUpdate,
    build_lls,
    lls_of,
    parse_body,
    parse_lls,
)

KAT = Path(__file__).parents[2] / "data" / "kat" / "kat_ospf.json"
VECTORS: list[dict[str, Any]] = json.loads(KAT.read_text())["vectors"]


def payload(vector: dict[str, Any]) -> bytes:
    """The OSPF packet of a vector: alone, or behind the first IPv4 header of the frame."""
    if "payload" in vector:
        return bytes.fromhex(vector["payload"])
    frame = bytes.fromhex(vector["hex"])
    at = next(i for i in range(len(frame)) if frame[i] == 0x45 and frame[i + 9] == 89)
    total = int.from_bytes(frame[at + 2 : at + 4], "big")
    return frame[at + 20 : at + total]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["name"])
class TestRecorded:
    def test_round_trip(self, vector: dict[str, Any]) -> None:
        data = payload(vector)
        header = Header.parse(data)
        body = parse_body(header, data)
        assert header.to_bytes() + body.to_bytes() == data[: header.length]
        assert header.checksum_valid(data)
        lls = lls_of(header, body, data)
        if lls:
            tlvs = parse_lls(lls)
            assert build_lls(tlvs, checksum=header.authentication_type != 2) == lls

    def test_fields_as_tshark_shows_them(self, vector: dict[str, Any]) -> None:
        data = payload(vector)
        fields = vector["fields"]
        header = Header.parse(data)
        body = parse_body(header, data)
        assert str(IPv4Address(header.router_id)) == fields["ospf.srcrouter"][0]
        assert str(IPv4Address(header.area_id)) == fields["ospf.area_id"][0]
        if isinstance(body, Hello):
            assert str(IPv4Address(body.mask)) == fields["ospf.hello.network_mask"][0]
            assert str(body.hello_interval) == fields["ospf.hello.hello_interval"][0]
            assert str(IPv4Address(body.dr)) == fields["ospf.hello.designated_router"][0]
            neighbors = fields.get("ospf.hello.active_neighbor", [])
            assert [str(IPv4Address(n)) for n in body.neighbors] == neighbors
        if isinstance(body, DatabaseDescription):
            assert body.mtu == int(fields["ospf.db.interface_mtu"][0])
            assert [str(IPv4Address(h.ls_id)) for h in body.headers] == fields.get("ospf.lsa.id", [])
        if isinstance(body, LinkStateUpdate):
            assert [str(IPv4Address(lsa.ls_id)) for _, lsa in body.lsas] == fields["ospf.lsa.id"]
            assert [hex(lsa.checksum) for _, lsa in body.lsas] == [
                hex(int(text, 16)) for text in fields["ospf.lsa.chksum"]
            ]
            recorded_without = vector["name"].startswith("holo")
            for age, lsa in body.lsas:
                raw = lsa.to_bytes(age)
                assert recorded_without or (lsa.valid and fletcher_checksum(raw) == lsa.checksum)
                if lsa.body is not None:
                    assert lsa.body.to_bytes() == raw[20:]


@pytest.mark.parametrize("name", ["holo_hello1_md5", "holo_hello1_md5_lls"])
def test_a_recorded_digest_is_accepted(name: str) -> None:
    data = payload(next(v for v in VECTORS if v["name"] == name))
    right = Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=(Key(1, b"HOLO"),))
    wrong = Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=(Key(1, b"OTHER"),))
    header = Header.parse(data)
    assert check(header, data, right) is None
    assert check(header, data, wrong) is AuthenticationFault.KEY


def test_signing_makes_the_recorded_packet() -> None:
    data = payload(next(v for v in VECTORS if v["name"] == "holo_hello1_md5"))
    header = Header.parse(data)
    auth = Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=(Key(1, b"HOLO"),))
    body = parse_body(header, data).to_bytes()
    made = sign(
        header.type, header.router_id, header.area_id, body, auth, auth.youngest, header.sequence, False
    )
    assert made == data


words = st.integers(0, 0xFFFFFFFF)
metrics = st.integers(0, 0xFFFF)
routers = st.builds(
    RouterLsa,
    st.integers(0, 31),
    st.lists(
        st.builds(
            RouterLink,
            words,
            words,
            st.integers(1, 4),
            metrics,
            st.lists(st.tuples(st.integers(1, 255), metrics), max_size=3).map(tuple),
        ),
        max_size=20,
    ),
)
bodies = st.one_of(
    st.tuples(st.just(1), routers),
    st.tuples(st.just(2), st.builds(NetworkLsa, words, st.lists(words, max_size=20))),
    st.tuples(st.sampled_from([3, 4]), st.builds(SummaryLsa, words, st.integers(0, 0xFFFFFF), st.just(b""))),
    st.tuples(
        st.sampled_from([5, 7]),
        st.builds(ExternalLsa, words, st.booleans(), st.integers(0, 0xFFFFFF), words, words, st.just(b"")),
    ),
)


@given(bodies, words, words, st.integers(-0x7FFFFFFF, 0x7FFFFFFF), st.integers(0, 255), st.integers(0, 3600))
def test_an_lsa_survives(body: Any, ls_id: int, router: int, sequence: int, options: int, age: int) -> None:
    lsa = build_lsa(body[0], ls_id, router, sequence, options, body[1].to_bytes())
    raw = lsa.to_bytes(age)
    assert fletcher_valid(raw)
    again = parse_lsa(raw)
    assert again == (age, lsa)
    assert again[1] is lsa
    assert lsa.valid
    assert lsa.body is not None
    assert lsa.body.to_bytes() == body[1].to_bytes()


@given(bodies, st.data())
def test_a_flipped_bit_is_noticed(body: Any, data: st.DataObject) -> None:
    raw = bytearray(build_lsa(body[0], 1, 2, 3, 2, body[1].to_bytes()).to_bytes(0))
    at = data.draw(st.integers(2, len(raw) - 1).filter(lambda i: i not in (18, 19)))
    raw[at] ^= 1 << data.draw(st.integers(0, 7))
    assert not fletcher_valid(bytes(raw))


@given(st.binary(max_size=200))
def test_garbage_raises_nothing_else(data: bytes) -> None:
    for start in (b"", b"\x02\x01\x00" + bytes([len(data) + 3 & 0xFF]), *(bytes((2, k)) for k in PacketType)):
        try:
            header = Header.parse(start + data)
            parse_body(header, start + data)
        except MalformedPacket:
            pass


instances = st.tuples(
    st.integers(-9, 9), st.integers(0, 3), st.sampled_from([0, 1, 800, 901, 2000, 3599, 3600])
)


@given(instances, instances)
def test_comparing_is_antisymmetric(a: tuple[int, int, int], b: tuple[int, int, int]) -> None:
    assert compare(a, b) == -compare(b, a)
    assert compare(a, a) == 0
