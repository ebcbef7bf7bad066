"""EAP and MS-CHAPv2: the vectors of the RFCs, dialogues of both ends, and what makes no sense."""

from ipaddress import IPv4Address
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.aaa import mschap
from iosemu.net.aaa.eap import EapDialogue, EapPeer
from iosemu.net.aaa.outcome import Verdict
from iosemu.net.aaa.radius_client import RadiusClient, RadiusTarget
from iosemu.net.aaa.radius_server import RadiusServer
from iosemu.net.aaa.records import AccountingRecords
from iosemu.net.aaa.users import Accounts, ServerUser
from iosemu.packets.eap import EapCode, EapPacket, EapType, identity_response
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.radius import RadiusAttribute, RadiusPacket, eap_attributes

SERVER = bytes.fromhex("5B5D7C7D7B3F2F3E3C2C602132262628")
PEER = bytes.fromhex("21402324255E262A28295F2B3A337C7E")


def test_md4_is_that_of_rfc_1320() -> None:
    assert mschap.md4(b"").hex() == "31d6cfe0d16ae931b73c59d7e0c089c0"
    assert mschap.md4(b"abcdefghijklmnopqrstuvwxyz").hex() == "d79e1c308aa5bbcdeea8ed63df412da9"
    assert mschap.md4(b"1234567890" * 8).hex() == "e33b4ddc9c38f2199c3e7b164fcc0536"


def test_mschap_is_that_of_rfc_2759_and_3079() -> None:
    response = mschap.nt_response(SERVER, PEER, "User", "clientPass")
    assert response.hex().upper() == "82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF"
    assert mschap.nt_response(SERVER, PEER, "DOMAIN\\User", "clientPass") == response
    proof = mschap.authenticator_response(SERVER, PEER, "User", "clientPass", response)
    assert proof == "S=407A5589115FD0D6209F510FE9C04566932CDA56"
    assert mschap.master_keys("clientPass", response)[1].hex() == "8b7cdc149b993a1ba118cb153f56dccb"


def talk(peer: EapPeer, server: EapDialogue) -> EapPacket:
    """Until the server is done."""
    said = identity_response(peer.name, 7)
    for _ in range(8):
        told = EapPacket.parse(server.answer(said.to_bytes()).to_bytes())
        if server.done:
            return told
        answer = peer.respond(told)
        assert answer is not None
        said = EapPacket.parse(answer.to_bytes())
    raise AssertionError("it does not end")


@pytest.mark.parametrize("method", [EapType.MSCHAPV2, EapType.MD5_CHALLENGE])
@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_both_ends_by_each_method(method: EapType, password: str) -> None:
    server = EapDialogue({"alice": "secret"}, Random(1).randbytes)
    told = talk(EapPeer("alice", password, Random(2).randbytes, (method,)), server)
    good = password == "secret"
    assert told.code == (EapCode.SUCCESS if good else EapCode.FAILURE)
    assert server.accepted == good
    assert (server.keys is not None) == (good and method is EapType.MSCHAPV2)


def test_a_peer_that_has_no_method_of_the_server_fails() -> None:
    server = EapDialogue({"alice": "secret"}, Random(1).randbytes)
    assert (
        talk(EapPeer("alice", "secret", Random(2).randbytes, (EapType.GTC,)), server).code == EapCode.FAILURE
    )


def test_a_peer_does_not_believe_a_server_without_the_password() -> None:
    server = EapDialogue({"alice": "secret"}, Random(1).randbytes)
    peer = EapPeer("alice", "secret", Random(2).randbytes)
    asked = server.answer(identity_response("alice").to_bytes())
    assert peer.respond(asked) is not None
    forged = EapPacket(EapCode.REQUEST, 9, EapType.MSCHAPV2, bytes((3, 9, 0, 46)) + b"S=" + b"0" * 40)
    assert peer.respond(forged) is None


@given(st.binary(max_size=80))
def test_octets_of_any_kind_end_in_a_failure_or_a_request(data: bytes) -> None:
    server = EapDialogue({"alice": "secret"}, Random(1).randbytes)
    for _ in range(3):
        told = server.answer(data)
        assert told.code in (EapCode.REQUEST, EapCode.FAILURE)
        if server.done:
            break
    try:
        request = EapPacket.parse(data)
    except MalformedPacket:
        return
    EapPeer("alice", "secret", Random(2).randbytes).respond(request)


class Wire:
    """A RADIUS client, a server, and what passes between them."""

    def __init__(self, secret: bytes = b"secret") -> None:
        users = Accounts({"alice": ServerUser("alice", "secret", attributes=("ipsec:addr-pool=P",))})
        self.server = RadiusServer(lambda: users, lambda: b"secret", AccountingRecords(), Random(3).randbytes)
        self.sent: list[bytes] = []
        self.client = RadiusClient(
            Random(4).randbytes,
            lambda _transaction, data: self.sent.append(data),
            lambda _noted: None,
            accounting=False,
        )
        self.target = RadiusTarget(IPv4Address("10.0.0.1"), 1812, 1813, secret)

    def ask(self, packet: EapPacket, state: bytes = b""):
        """One round."""
        attributes = [(int(RadiusAttribute.USER_NAME), b"alice"), *eap_attributes(packet.to_bytes())]
        if state:
            attributes.append((int(RadiusAttribute.STATE), state))
        transaction = self.client.request([self.target], tuple(attributes), 0.0)
        answer = self.server.receive(self.sent[-1], "10.0.0.2", 0.0, False)
        if answer is not None:
            self.client.receive(answer, self.target.address, 1812)
        return transaction.outcome


def test_radius_carries_it_with_the_keys() -> None:
    wire, peer = Wire(), EapPeer("alice", "secret", Random(2).randbytes)
    outcome = wire.ask(identity_response("alice"))
    while outcome.verdict is Verdict.MORE:
        answer = peer.respond(EapPacket.parse(outcome.eap))
        assert answer is not None
        outcome = wire.ask(answer, outcome.state)
    assert outcome.verdict is Verdict.PASS
    assert outcome.key == peer.key
    assert len(peer.key) == 32
    assert "ipsec:addr-pool=P" in outcome.attributes


def test_a_message_without_its_authenticator_is_nothing() -> None:
    wire = Wire()
    wire.ask(identity_response("alice"))
    packet = RadiusPacket.parse(wire.sent[-1])
    bare = tuple(each for each in packet.attributes if each[0] != RadiusAttribute.MESSAGE_AUTHENTICATOR)
    data = RadiusPacket(packet.code, packet.identifier, packet.authenticator, bare).to_bytes()
    assert wire.server.receive(data, "10.0.0.3", 0.0, False) is None
    assert Wire(secret=b"other").ask(identity_response("alice")) is None
