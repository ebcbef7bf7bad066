"""The agent's engine: messages that are none, views, version 1's rules, and sets that are all or nothing."""

from __future__ import annotations

import random
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.snmp.access import Access, Community, Group, Member, Policy, Subtree, View
from iosemu.net.snmp.agent import Agent, Inbound, text_of
from iosemu.net.snmp.mib import MibTree, Scalar, Table
from iosemu.net.snmp.usm import Auth, Level, Priv, UsmUser, localized_key, privacy_key, secured
from iosemu.packets.snmp import (
    END_OF_MIB_VIEW,
    LARGEST,
    REPORTABLE,
    CommunityMessage,
    ErrorStatus,
    Kind,
    Pdu,
    PduType,
    ScopedPdu,
    SecureMessage,
    VarBind,
    Version,
    counter64,
    integer,
    octets,
    parse,
)

ENGINE = bytes.fromhex("800000090300112233445566")
ALL = View([Subtree((1,), True)])
BASE = (1, 3, 6, 1, 2, 1)


def made(rows: int = 40) -> tuple[Agent, dict[str, str], list[object]]:
    kept = {"contact": "Ann", "place": "here"}
    refused: list[object] = []

    def keep(name: str):  # type: ignore[no-untyped-def]
        def check(value):  # type: ignore[no-untyped-def]
            text = text_of(value, 8)
            return lambda: kept.__setitem__(name, text)

        return check

    tree = MibTree(
        [
            Scalar((*BASE, 1, 4), lambda: octets(kept["contact"]), keep("contact")),
            Scalar((*BASE, 1, 6), lambda: octets(kept["place"]), keep("place")),
            Scalar((*BASE, 1, 7), lambda: integer(78)),
            Table(
                (*BASE, 2, 2, 1),
                lambda: [((index,), index) for index in range(rows, 0, -1)],
                {
                    1: integer,
                    2: lambda row: octets("x" * 30),
                    6: lambda row: counter64(row) if row % 2 else None,
                },
            ),
        ]
    )
    agent = Agent(
        lambda context: tree if context in ("", "10") else None,
        Inbound(lambda name, source: source != "stranger", refused.append, lambda _request: None),
    )
    priv = UsmUser(
        "ann",
        Auth.SHA,
        localized_key(Auth.SHA, "authpassword", ENGINE),
        Priv.AES128,
        privacy_key(Auth.SHA, Priv.AES128, "privpassword", ENGINE),
    )
    agent.policy = Policy(
        ENGINE,
        {
            "public": Community(Access(ALL)),
            "keys": Community(Access(ALL, ALL), "10"),
            "few": Community(Access(View([Subtree((*BASE, 2, 2, 1, None, 3), True)]))),
        },
        {"ann": Member(priv, (Group(Level.PRIV, Access(ALL)),))},
    )
    return agent, kept, refused


AGENT, _KEPT, _REFUSED = made()


def asked(
    agent: Agent,
    kind: PduType,
    *bindings: VarBind,
    community: str = "public",
    version: Version = Version.V2C,
    source: object = "friend",
    status: int = 0,
    index: int = 0,
) -> Pdu | None:
    message = CommunityMessage(version, community.encode(), Pdu(kind, 7, bindings, status, index))
    answer = agent.receive(message.to_bytes(), source, 5.0)
    if answer is None:
        return None
    assert len(answer) <= LARGEST
    parsed = parse(answer)
    assert isinstance(parsed, CommunityMessage)
    assert isinstance(parsed.pdu, Pdu)
    return parsed.pdu


def walk(agent: Agent, **options: object) -> list[VarBind]:
    found: list[VarBind] = []
    name: tuple[int, ...] = (1, 3)
    while True:
        pdu = asked(agent, PduType.GET_NEXT, VarBind(name), **options)  # type: ignore[arg-type]
        assert pdu is not None
        if pdu.status or pdu.bindings[0].value == END_OF_MIB_VIEW:
            return found
        assert pdu.bindings[0].name > name
        found.append(pdu.bindings[0])
        name = found[-1].name


def test_a_walk_is_in_order_and_bulk_gives_the_same() -> None:
    agent, _kept, _refused = made()
    every = walk(agent)
    assert len(every) == 3 + 40 + 40 + 20
    bulk: list[VarBind] = []
    name: tuple[int, ...] = (1, 3)
    while True:
        pdu = asked(agent, PduType.GET_BULK, VarBind(name), index=200)
        assert pdu is not None
        rows = [each for each in pdu.bindings if each.value != END_OF_MIB_VIEW]
        bulk += rows
        if len(rows) < len(pdu.bindings):
            break
        name = rows[-1].name
    assert bulk == every


def test_version_1_sees_no_64_bit_counters() -> None:
    agent, _kept, _refused = made()
    every = walk(agent, version=Version.V1)
    assert len(every) == 3 + 40 + 40
    assert all(each.value.kind is not Kind.COUNTER64 for each in every)
    last = asked(agent, PduType.GET, VarBind((*BASE, 2, 2, 1, 6, 1)), version=Version.V1)
    assert last is not None
    assert (last.status, last.index) == (ErrorStatus.NO_SUCH_NAME, 1)


def test_a_view_with_a_wildcard_shows_one_row() -> None:
    agent, _kept, _refused = made()
    assert [each.name for each in walk(agent, community="few")] == [
        (*BASE, 2, 2, 1, column, 3) for column in (1, 2, 6)
    ]


def test_sets_are_all_or_nothing() -> None:
    agent, kept, _refused = made()
    good = VarBind((*BASE, 1, 4, 0), octets("Bob"))
    for bad, status in (
        (VarBind((*BASE, 1, 6, 0), octets("much too long")), ErrorStatus.WRONG_LENGTH),
        (VarBind((*BASE, 1, 6, 0), integer(1)), ErrorStatus.WRONG_TYPE),
        (VarBind((*BASE, 1, 6, 0), octets(b"\x1b[2J")), ErrorStatus.WRONG_VALUE),
        (VarBind((*BASE, 1, 7, 0), integer(1)), ErrorStatus.NOT_WRITABLE),
        (VarBind((*BASE, 9, 0), integer(1)), ErrorStatus.NO_ACCESS),
    ):
        answer = asked(agent, PduType.SET, good, bad, community="keys")
        assert answer is not None
        assert (answer.status, answer.index) == (status, 2)
        assert kept == {"contact": "Ann", "place": "here"}
    refused = asked(agent, PduType.SET, good, community="public")
    assert refused is not None
    assert refused.status == ErrorStatus.NO_ACCESS
    assert agent.counters.bad_uses == 1
    done = asked(agent, PduType.SET, good, community="keys")
    assert done is not None
    assert done.status == 0
    assert kept["contact"] == "Bob"


def test_who_gets_no_answer() -> None:
    agent, _kept, refused = made()
    name = VarBind((*BASE, 1, 4, 0))
    assert asked(agent, PduType.GET, name, community="wrong") is None
    assert asked(agent, PduType.GET, name, community="keys", source="stranger") is None
    assert asked(agent, PduType.GET, name, community="public@11") is None
    assert asked(agent, PduType.GET, name, community="public@10") is not None
    assert refused == ["friend", "stranger", "friend"]
    assert agent.counters.bad_communities == 3
    assert agent.receive(b"", "friend", 0.0) is None
    assert agent.receive(b"\x30\x82\x01", "friend", 0.0) is None
    assert agent.receive(bytes((0x30, 3, 2, 1, 9)), "friend", 0.0) is None
    assert (agent.counters.parse_errors, agent.counters.bad_versions) == (2, 1)


def test_an_answer_that_does_not_fit() -> None:
    agent, _kept, _refused = made()
    many = [VarBind((*BASE, 2, 2, 1, 2, row)) for row in range(1, 41)]
    answer = asked(agent, PduType.GET, *many)
    assert answer is not None
    assert answer.status == ErrorStatus.TOO_BIG
    assert agent.counters.too_big == 1


def secret(time: int = 5, boots: int = 1, flags: int = 7, engine: bytes = ENGINE, user: str = "ann") -> bytes:
    member = AGENT.policy.members["ann"]
    pdu = Pdu(PduType.GET, 3, (VarBind((*BASE, 1, 7, 0)),))
    message = SecureMessage(9, flags, engine, boots, time, user.encode(), ScopedPdu(ENGINE, pdu))
    return secured(member.user, message, 77)


def reported(agent: Agent, data: bytes) -> int | None:
    """The number of the usmStats object in a report; 0: it is an answer; None: there is none."""
    answer = agent.receive(data, "friend", 5.0)
    if answer is None:
        return None
    message = parse(answer)
    assert isinstance(message, SecureMessage)
    if isinstance(message.scoped, bytes):
        return 0
    assert message.scoped.pdu.type is PduType.REPORT
    return message.scoped.pdu.bindings[0].name[-2]


def test_reports_of_version_3() -> None:
    agent, _kept, _refused = made()
    assert reported(agent, secret()) == 0
    assert reported(agent, secret(time=200)) == 2
    assert reported(agent, secret(boots=2)) == 2
    assert reported(agent, secret(user="bob")) == 3
    assert reported(agent, secret(engine=b"")) == 4
    wrong = bytearray(secret())
    wrong[-1] ^= 1
    assert reported(agent, bytes(wrong)) == 5
    assert reported(agent, secret(time=200, flags=3)) is None, "who does not want to hear is not told"
    low = agent.receive(
        SecureMessage(
            1, REPORTABLE, ENGINE, 1, 5, b"ann", ScopedPdu(ENGINE, Pdu(PduType.GET, 1, (VarBind((1, 3)),)))
        ).to_bytes(),
        "friend",
        5.0,
    )
    assert low is not None
    scoped = parse(low).scoped  # type: ignore[union-attr]
    assert scoped.pdu.status == ErrorStatus.AUTHORIZATION_ERROR  # type: ignore[union-attr]


def test_keys_of_the_standard() -> None:
    """RFC 3414 sections A.3.1 and A.3.2."""
    engine = bytes.fromhex("000000000000000000000002")
    assert localized_key(Auth.MD5, "maplesyrup", engine).hex() == "526f5eed9fcce26f8964c2930787d82b"
    assert localized_key(Auth.SHA, "maplesyrup", engine).hex() == "6695febc9288e36282235fc7151f128497b38f3f"


@given(st.binary(max_size=200))
def test_octets_of_any_kind_are_dropped(data: bytes) -> None:
    AGENT.receive(data, IPv4Address("10.0.0.1"), 5.0)


@given(st.sampled_from(["get", "secret"]), st.integers(0, 2**32), st.integers(1, 8))
def test_damaged_messages_do_no_harm(kind: str, seed: int, count: int) -> None:
    """Octets changed, cut off or doubled."""
    rng = random.Random(seed)
    pdu = Pdu(PduType.GET_BULK, 1, (VarBind((1, 3)), VarBind((*BASE, 2), integer(-5))), 1, 10)
    data = bytearray(
        secret() if kind == "secret" else CommunityMessage(Version.V2C, b"public", pdu).to_bytes()
    )
    for _ in range(count):
        place = rng.randrange(len(data))
        change = rng.randrange(3)
        if change == 0:
            data[place] = rng.randrange(256)
        elif change == 1 and len(data) > 20:
            del data[place : place + rng.randrange(1, 5)]
        else:
            data[place:place] = data[place : place + rng.randrange(1, 20)]
    AGENT.receive(bytes(data), IPv4Address("10.0.0.1"), 5.0)


def test_nests_do_no_harm() -> None:
    for head in (b"\x30\x80", b"\x24\x80", b"\xa0\x80", b"\x30\x82\x05\x00"):
        AGENT.receive(b"\x30\x82\x05\xd8\x02\x01\x01\x04\x06public" + head * 300, "friend", 5.0)
