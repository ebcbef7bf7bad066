"""DNS messages: questions, answers, and what is neither."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net import dns
from iosemu.packets.errors import MalformedPacket

ADDRESSES = (IPv4Address("10.0.0.80"), IPv4Address("10.0.0.81"))


def test_a_question_and_its_answer() -> None:
    data = dns.query("www.example.org", 77)
    assert dns.question(data) == dns.Question(77, "www.example.org", "A")
    answered = dns.reply(data, ADDRESSES)
    found = dns.answer(answered, "www.example.org", 77)
    assert found is not None
    assert (found.addresses, found.authoritative, found.ttl) == (ADDRESSES, True, dns.STATIC_TTL)
    assert dns.answer(answered, "www.example.org", 78) is None
    assert dns.answer(answered, "other.example.org", 77) is None
    assert dns.answer(data, "www.example.org", 77) is None
    assert dns.reply(data, ADDRESSES) == answered, "the order is that of the host table"
    nothing = dns.answer(dns.reply(data), "www.example.org", 77)
    assert nothing is not None
    assert nothing.failed


def test_reverse_names() -> None:
    assert dns.pointed_at("80.0.0.10.in-addr.arpa") == IPv4Address("10.0.0.80")
    assert dns.pointed_at("www.example.org") is None
    data = dns.query("80.0.0.10.in-addr.arpa", 1)
    assert dns.reply(data, pointer="a..b")[3] & 15 == 2, "no name: the server fails"


def test_what_is_no_name() -> None:
    for text in ("a..b", "x" * 64, ".".join(["abcdefgh"] * 40)):
        with pytest.raises(ValueError, match="no domain name"):
            dns.query(text, 1)


@given(st.binary(max_size=120))
def test_octets_of_any_kind(data: bytes) -> None:
    for read in (dns.question, lambda octets: dns.answer(octets, "www.example.org", 1)):
        with contextlib.suppress(MalformedPacket):
            read(data)
