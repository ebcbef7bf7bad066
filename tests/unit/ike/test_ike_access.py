"""Remote access between two engines: XAUTH and mode config after phase 1."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from ike_pair import AES_SHA, LAN_B, A, B, Configuration, Pair, policy

from iosemu.ike import events
from iosemu.ike.configuration import ClientAsking
from iosemu.ike.mode_config import (
    ConfigAttribute,
    SplitNetwork,
    XauthAttribute,
    address,
    addresses_of,
    asked,
    split_include,
    split_networks,
    text,
    text_of,
)
from iosemu.ike.payloads import ConfigurationData
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import Authentication, ConfigurationRefused, Identity, IdType, Party, Phase1Policy

GIVEN = IPv4Address("172.16.0.1")
SPLIT = (SplitNetwork(IPv4Network("192.168.2.0/24")), SplitNetwork(IPv4Network("10.0.0.0/8"), 6, 0, 80))


@dataclass
class ClientSide(Configuration):
    suites: list[Phase1Policy] = field(
        default_factory=lambda: [
            policy(1, authentication=Authentication.XAUTH_PRE_SHARE),
            policy(2, authentication=Authentication.PRE_SHARE),
        ]
    )

    def client_policies(self, party: Party) -> list[Phase1Policy]:
        return self.suites

    def client_asks(self, party: Party) -> list[Attribute]:
        return list(asked((ConfigAttribute.IP4_ADDRESS, ConfigAttribute.SPLIT_INCLUDE)))

    def identity(self, party: Party) -> Identity:
        return Identity(IdType.KEY_ID, b"SALES")


@dataclass
class ServerSide(Configuration):
    asks_users: bool = True
    insisting: bool = False
    pushing: bool = False
    refusal: str = ""
    asked: list[ClientAsking] = field(default_factory=list)

    def extends(self, party: Party) -> bool:
        return self.asks_users

    def insists(self, party: Party) -> bool:
        return self.insisting

    def pushes(self, party: Party) -> bool:
        return self.pushing

    def grant(self, client: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        self.asked.append(client)
        if self.refusal:
            return ConfigurationRefused(self.refusal)
        return (address(ConfigAttribute.IP4_ADDRESS, GIVEN), *split_include(SPLIT))


class AccessPair(Pair):
    """R1 is the client, R2 the server whose AAA knows one user."""

    def __init__(self, *, password: str = "secret") -> None:
        super().__init__()
        self.password = password
        self.r1.configuration = ClientSide(flows=[(LAN_B, LAN_B)])
        self.r2.configuration = ServerSide(flows=[(LAN_B, replace(LAN_B, network=IPv4Network(GIVEN)))])
        for side in (self.r1, self.r2):
            side.engine._machine.configuration = side.configuration

    @property
    def server(self) -> ServerSide:
        assert isinstance(self.r2.configuration, ServerSide)
        return self.r2.configuration

    def connect(self) -> None:
        assert self.r1.engine.connect(A, B, "EZ", self.now) is not None
        self.settle()
        self.advance(1)
        self.talk()

    def talk(self) -> None:
        """Answer what is asked of users and of AAA until nothing more is."""
        seen = -1
        while seen != len(self.r1.log) + len(self.r2.log):
            seen = len(self.r1.log) + len(self.r2.log)
            for said in self.r2.of(events.UserSaid):
                accepted = (said.user, said.password) == ("alice", "secret")
                self.r2.engine.decide(said.sa.number, self.now, accepted=accepted)
            for question in self.r1.of(events.UserAsked):
                self.r1.engine.reply(question.sa.number, "alice", self.password, self.now)
            self.settle()


def test_user_then_configuration_then_quick_mode() -> None:
    pair = AccessPair()
    pair.connect()
    assert pair.r1.table() == pair.r2.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert [(each.user, each.accepted) for each in pair.r2.of(events.UserJudged)] == [("alice", True)]
    (asking,) = pair.server.asked
    assert (asking.user, str(asking.identity)) == ("alice", "SALES")
    assert [each.type for each in asking.wanted] == [1, 28676]
    (received,) = pair.r1.of(events.ConfigurationReceived)
    assert addresses_of(received.attributes, ConfigAttribute.IP4_ADDRESS) == [GIVEN]
    assert tuple(split_networks(received.attributes)) == SPLIT
    assert pair.r1.of(events.AccessReady)
    local = replace(LAN_B, network=IPv4Network(GIVEN))
    pair.r1.engine.initiate(pair.request(local_selector=local, client="EZ"), pair.now)
    pair.settle()
    assert len(pair.r1.of(events.ChildUp)) == len(pair.r2.of(events.ChildUp)) == 1
    assert pair.children()[0].proposal == AES_SHA


def test_wrong_password_is_asked_for_three_times_and_ends_the_sa() -> None:
    pair = AccessPair(password="wrong")
    pair.connect()
    assert len(pair.r1.of(events.UserAsked)) == 3
    assert [each.again for each in pair.r1.of(events.UserAsked)] == [False, True, True]
    for side in (pair.r1, pair.r2):
        assert [each.accepted for each in side.of(events.UserJudged)] == [False]
        assert side.table() == [("MM_NO_STATE", 1001, "ACTIVE (deleted)")]
    assert not pair.server.asked


def test_a_user_who_says_nothing_is_given_up() -> None:
    pair = AccessPair()
    pair.r1.engine.connect(A, B, "EZ", pair.now)
    pair.settle()
    assert pair.r1.table() == pair.r2.table() == [("CONF_XAUTH", 1001, "ACTIVE")]
    pair.advance(100)
    assert pair.r1.sa.deleted
    assert pair.r2.sa.deleted


def test_without_users_the_method_is_not_chosen_and_configuration_follows() -> None:
    pair = AccessPair()
    pair.server.asks_users = False
    pair.connect()
    assert pair.r1.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert not pair.r1.of(events.UserAsked)
    assert pair.r1.of(events.ConfigurationReceived)


def test_configuration_is_pushed() -> None:
    pair = AccessPair()
    pair.server.pushing = True
    pair.connect()
    assert pair.r1.table() == pair.r2.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert pair.server.asked[0].wanted == ()
    assert pair.r1.of(events.ConfigurationReceived)


def test_a_client_that_gets_nothing_is_sent_away() -> None:
    pair = AccessPair()
    pair.server.refusal = "no address"
    pair.connect()
    assert pair.r1.sa.deleted
    assert pair.r2.sa.deleted
    assert [each.reason for each in pair.r2.of(events.ClientRefused)] == ["no address"]


def test_a_peer_without_client_does_not_get_through_where_users_are_asked_for(pair: Pair) -> None:
    server = ServerSide(flows=pair.r2.configuration.flows, insisting=True)
    pair.r2.configuration = pair.r2.engine._machine.configuration = server
    pair.initiate()
    assert pair.r1.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert pair.r2.table() == [("CONF_XAUTH", 1001, "ACTIVE")]
    assert [each.mode for each in pair.r2.of(events.ModeFailure)] == ["Quick"]
    pair.advance(100)
    assert pair.r2.sa.deleted
    assert not pair.r1.of(events.ChildUp)


def test_lost_transactions_are_sent_again() -> None:
    pair = AccessPair()
    dropped: set[bytes] = set()

    def once(datagram):  # type: ignore[no-untyped-def]
        if datagram.data[18] == 6 and datagram.data not in dropped:
            dropped.add(datagram.data)
            return None
        return datagram

    pair.filter = once
    pair.connect()
    for _ in range(8):
        pair.advance(10)
        pair.talk()
    assert pair.r1.table() == pair.r2.table() == [("QM_IDLE", 1001, "ACTIVE")]
    assert pair.r1.of(events.ConfigurationReceived)


@pytest.mark.parametrize(
    "attributes", [(), (text(XauthAttribute.USER_NAME, "ä"), Attribute.number(16527, 1))]
)
def test_the_payload_is_what_was_written(attributes: tuple[Attribute, ...]) -> None:
    payload = ConfigurationData(2, 0x1234, attributes)
    assert ConfigurationData.parse(payload.to_bytes()) == payload
    assert text_of(payload.attributes, XauthAttribute.USER_NAME) in ("ä", "")
