"""RADIUS and TACACS+ packets: known answers, scapy's opinion, and whatever a stranger may send."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.radius import Radius

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import (
    RadiusAttribute,
    RadiusCode,
    RadiusPacket,
    avpair,
    chap_response,
    hide_password,
    message_authenticator,
    reveal_password,
)
from iosemu.packets.tacacs import (
    AcctReply,
    AcctRequest,
    AuthenContinue,
    AuthenReply,
    AuthenStart,
    AuthorRequest,
    AuthorResponse,
    Client,
    TacacsPacket,
    TacacsType,
    take,
)

KNOWN = json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_aaa.json").read_text())
BODIES = {
    (TacacsType.AUTHENTICATION, 1): AuthenStart,
    (TacacsType.AUTHENTICATION, 2): AuthenReply,
    (TacacsType.AUTHENTICATION, 3): AuthenContinue,
    (TacacsType.AUTHORIZATION, 1): AuthorRequest,
    (TacacsType.AUTHORIZATION, 2): AuthorResponse,
    (TacacsType.ACCOUNTING, 1): AcctRequest,
    (TacacsType.ACCOUNTING, 2): AcctReply,
}


@pytest.mark.parametrize("known", KNOWN["tacacs"], ids=lambda known: known["name"])
def test_tacacs_as_others_make_it(known):
    data = bytes.fromhex(known["packet"])
    buffer = bytearray(data)
    packet = take(buffer, known["key"].encode())
    assert packet is not None
    assert not buffer
    assert packet.body.hex() == known["body"]
    assert (packet.type, packet.sequence) == (known["type"], known["sequence"])
    parsed = BODIES[TacacsType(packet.type), packet.sequence].parse(packet.body)
    assert parsed.to_bytes() == packet.body
    assert packet.to_bytes(known["key"].encode()) == data


def test_radius_as_the_rfc_has_it():
    known = KNOWN["radius"][0]
    secret = known["secret"].encode()
    request = RadiusPacket.parse(bytes.fromhex(known["request"]))
    answer = RadiusPacket.parse(bytes.fromhex(known["response"]))
    hidden = request.get(RadiusAttribute.USER_PASSWORD)
    assert hidden is not None
    assert reveal_password(hidden, secret, request.authenticator) == known["password"].encode()
    assert hide_password(known["password"].encode(), secret, request.authenticator) == hidden
    assert request.text(RadiusAttribute.USER_NAME) == known["user"]
    assert request.to_bytes().hex() == known["request"]
    assert answer.answers(request, secret)
    assert not answer.answers(request, b"another")
    assert RadiusPacket(answer.code, 0, b"", answer.attributes).signed(request, secret) == answer


def test_scapy_reads_what_is_made():
    attributes = (
        (RadiusAttribute.USER_NAME, b"alice"),
        (RadiusAttribute.NAS_PORT, (3).to_bytes(4, "big")),
        avpair("shell:priv-lvl=15"),
        (RadiusAttribute.MESSAGE_AUTHENTICATOR, bytes(16)),
    )
    packet = RadiusPacket(RadiusCode.ACCESS_REQUEST, 7, bytes(range(16)), attributes)
    seen = Radius(packet.to_bytes())
    assert (seen.code, seen.id, seen.len) == (1, 7, len(packet.to_bytes()))
    assert [each.type for each in seen.attributes] == [1, 5, 26, 80]
    assert seen.attributes[0].value == b"alice"
    assert seen.attributes[2].vendor_id == 9
    assert RadiusPacket.parse(packet.to_bytes()).avpairs == ("shell:priv-lvl=15",)
    proof = message_authenticator(packet, b"secret")
    assert seen.attributes[3].compute_message_authenticator(seen, bytes(range(16)), b"secret") == proof


def test_chap_is_that_of_rfc_1994():
    answer = chap_response(1, b"secret", bytes(16))
    assert answer[0] == 1
    assert len(answer) == 17


@given(st.binary(max_size=128), st.binary(min_size=1, max_size=40), st.binary(min_size=16, max_size=16))
def test_a_password_comes_back(password, secret, authenticator):
    hidden = hide_password(password, secret, authenticator)
    assert len(hidden) % 16 == 0
    assert reveal_password(hidden, secret, authenticator) == password.rstrip(b"\0")


TEXT = st.text(max_size=40)


@given(
    st.builds(Client, TEXT, TEXT, TEXT, st.integers(0, 15)), st.lists(TEXT, max_size=8), st.binary(max_size=9)
)
def test_bodies_come_back(client, arguments, data):
    for body in (
        AuthenStart(client, data),
        AuthenReply(5, client.user, data, 1),
        AuthenContinue(client.user, 0, data),
        AuthorRequest(client, tuple(arguments)),
        AuthorResponse(1, tuple(arguments), client.user, data),
        AcctRequest(2, client, tuple(arguments)),
        AcctReply(1, client.user, data),
    ):
        assert type(body).parse(body.to_bytes()) == body
    packet = TacacsPacket(1, 1, 99, AuthenStart(client, data).to_bytes())
    buffer = bytearray(packet.to_bytes(b"key") + b"rest")
    assert take(buffer, b"key") == packet
    assert bytes(buffer) == b"rest"


@given(st.binary(max_size=80))
def test_rubbish_is_malformed_and_nothing_else(data):
    for parse in (RadiusPacket.parse, *(each.parse for each in BODIES.values())):
        with contextlib.suppress(MalformedPacket):
            parse(data)
    with contextlib.suppress(MalformedPacket):
        take(bytearray(data), b"key")


def test_what_is_too_long_is_not_made():
    with pytest.raises(ValueError, match="255"):
        AuthenStart(Client("x" * 256)).to_bytes()
    with pytest.raises(ValueError, match="254"):
        RadiusPacket(1, 1, bytes(16), ((1, bytes(254)),)).to_bytes()
    with pytest.raises(ValueError, match="128"):
        hide_password(bytes(129), b"s", bytes(16))
