"""The server, the client and the relay agent, fed by hand (RFC 2131)."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.dhcp.client import Bound, ClientState, DhcpClient, Lost
from iosemu.net.dhcp.pools import Origin, Pattern, Ping, Pool, PoolClass, Reply, ServerConfig
from iosemu.net.dhcp.relay import DROP, KEEP, RelayPolicy, information, to_client, to_server
from iosemu.net.dhcp.server import DhcpServer
from iosemu.packets.dhcp import INFINITE, NOBODY, DhcpMessage, DhcpType, Op, Option

OWN = IPv4Address("192.168.1.1")
HERE = Origin("Fa0/0", (OWN,), OWN)
LAN = IPv4Network("192.168.1.0/24")
FIRST = IPv4Address("192.168.1.2")


def server(*pools: Pool, ping: bool = False, excluded: Any = ()) -> DhcpServer:
    made = DhcpServer(lambda address: address == OWN)
    made.configure(ServerConfig(pools or (Pool("LAN", LAN),), excluded, ping))
    return made


def message(kind: DhcpType | None, number: int = 1, *options: Any, **fields: Any) -> DhcpMessage:
    typed = ((Option.MESSAGE_TYPE, bytes((kind,))),) if kind is not None else ()
    return DhcpMessage(Op.REQUEST, number, number.to_bytes(6, "big"), (*typed, *options), **fields)


def answer(
    made: DhcpServer, request: DhcpMessage, now: float = 0.0, origin: Origin = HERE
) -> DhcpMessage | None:
    made.receive(request, origin, now)
    actions = made.actions()
    assert len(actions) <= 1
    if not actions:
        return None
    assert isinstance(actions[0], Reply)
    return actions[0].message


def chosen(address: IPv4Address, own: IPv4Address = OWN) -> tuple[Any, Any]:
    return (Option.SERVER_IDENTIFIER, own.packed), (Option.REQUESTED_ADDRESS, address.packed)


def lease(made: DhcpServer, number: int = 1, now: float = 0.0) -> IPv4Address:
    offer = answer(made, message(DhcpType.DISCOVER, number), now)
    assert offer is not None
    ack = answer(made, message(DhcpType.REQUEST, number, *chosen(offer.yours)), now)
    assert ack is not None
    assert ack.type is DhcpType.ACK
    assert ack.yours == offer.yours
    return ack.yours


def test_a_lease_from_discover_to_ack() -> None:
    made = server(
        Pool("LAN", LAN, options=((Option.ROUTER, OWN.packed), (Option.DNS_SERVER, b"\x08\x08\x08\x08")))
    )
    offer = answer(made, message(DhcpType.DISCOVER))
    assert offer is not None
    assert (offer.type, offer.yours) == (DhcpType.OFFER, FIRST)
    assert not made.bindings
    assert lease(made) == FIRST
    ack = answer(made, message(DhcpType.REQUEST, 1, client=FIRST))
    assert ack is not None
    assert ack.number(Option.LEASE_TIME) == 86_400
    assert ack.number(Option.RENEWAL_TIME) == 43_200
    assert ack.number(Option.REBINDING_TIME) == 75_600
    assert ack.addresses(Option.ROUTER) == (OWN,)
    assert ack.address(Option.SUBNET_MASK) == LAN.netmask


def test_only_what_is_asked_for_is_told() -> None:
    made = server(Pool("LAN", LAN, options=((Option.ROUTER, OWN.packed), (Option.TFTP_ADDRESS, OWN.packed))))
    offer = answer(
        made, message(DhcpType.DISCOVER, 1, (Option.PARAMETER_LIST, bytes((Option.TFTP_ADDRESS,))))
    )
    assert offer is not None
    assert offer.option(Option.ROUTER) is None
    assert offer.address(Option.TFTP_ADDRESS) == OWN


def test_a_client_gets_its_address_again_and_others_get_others() -> None:
    made = server()
    assert lease(made, 1) == FIRST
    assert lease(made, 2) == FIRST + 1
    assert lease(made, 1) == FIRST
    assert made.leased("LAN") == 2


def test_excluded_and_own_addresses_are_never_given() -> None:
    everything = [LAN.network_address + number for number in range(1, 255)]
    made = server(excluded=((everything[1], everything[99]), (everything[150], everything[252])))
    given_away = {lease(made, number) for number in range(1, 52)}
    assert given_away == {*everything[100:150], everything[253]}
    assert answer(made, message(DhcpType.DISCOVER, 99)) is None
    assert [each.what for each in made.notes()][-1] == "exhausted"


def test_a_wide_excluded_range_is_one_step() -> None:
    ten = IPv4Network("10.0.0.0/8")
    made = server(Pool("TEN", ten), excluded=((ten.network_address, IPv4Address("10.255.255.253")),))
    origin = Origin("Fa0/0", (IPv4Address("10.0.0.1"),), IPv4Address("10.0.0.1"))
    offer = answer(made, message(DhcpType.DISCOVER), origin=origin)
    assert offer is not None
    assert offer.yours == IPv4Address("10.255.255.254")


def test_an_address_that_answers_a_ping_is_a_conflict() -> None:
    made = server(ping=True)
    made.receive(message(DhcpType.DISCOVER), HERE, 0.0)
    made.receive(message(DhcpType.DISCOVER), HERE, 0.1)
    assert made.actions() == [Ping(FIRST, HERE)]
    made.pinged(FIRST, True, 1.0)
    assert made.conflicts[FIRST].method == "Ping"
    assert made.actions() == [Ping(FIRST + 1, HERE)]
    made.pinged(FIRST + 1, False, 2.0)
    reply = made.actions()[0]
    assert isinstance(reply, Reply)
    assert reply.message.yours == FIRST + 1
    assert made.clear_conflict(FIRST)
    assert not made.clear_conflict(FIRST)


def test_without_conflict_logging_an_address_is_passed_over_for_a_while_only() -> None:
    made = server(ping=True)
    made.configure(replace(made.config, conflict_logging=False))
    made.receive(message(DhcpType.DISCOVER), HERE, 0.0)
    (first,) = made.actions()
    assert isinstance(first, Ping)
    made.pinged(first.address, True, 1.0)
    (second,) = made.actions()
    assert isinstance(second, Ping)
    assert second.address != first.address
    assert not made.conflicts


def test_a_pool_whose_only_address_answers_is_exhausted() -> None:
    one = PoolClass(ranges=((FIRST, FIRST),))
    made = server(Pool("LAN", LAN, classes=(one,)), ping=True)
    made.configure(replace(made.config, conflict_logging=False))
    made.receive(message(DhcpType.DISCOVER), HERE, 0.0)
    made.actions()
    made.pinged(FIRST, True, 1.0)
    assert made.actions() == []
    made.receive(message(DhcpType.DISCOVER), HERE, 120.0)
    assert made.actions() == [Ping(FIRST, HERE)]


@pytest.mark.parametrize(
    ("information", "address"),
    [
        (bytes.fromhex("0106000400010203"), "192.168.1.20"),
        (bytes.fromhex("0106000400010209"), "192.168.1.20"),
        (bytes.fromhex("01060004000202030208"), "192.168.1.30"),
        (bytes.fromhex("0105"), None),
        (None, None),
    ],
)
def test_the_class_of_a_client_gives_the_range(information: bytes | None, address: str | None) -> None:
    exact = Pattern(Option.RELAY_INFORMATION, bytes.fromhex("0106000400010200"), ignored=b"\0" * 7 + b"\xff")
    wider = Pattern(Option.RELAY_INFORMATION, bytes.fromhex("01060004"), open=True)
    ranges = [
        ((IPv4Address(f"192.168.1.{first}"), IPv4Address(f"192.168.1.{first + 9}")),) for first in (20, 30)
    ]
    made = server(Pool("LAN", LAN, classes=(PoolClass((exact,), ranges[0]), PoolClass((wider,), ranges[1]))))
    options = ((Option.RELAY_INFORMATION, information),) if information is not None else ()
    offer = answer(made, message(DhcpType.DISCOVER, 1, *options))
    assert (str(offer.yours) if offer is not None else None) == address


def test_bootp_may_be_ignored_and_unknown_renewals_refused() -> None:
    made = server(Pool("LAN", LAN, deny_unknown=True))
    made.configure(replace(made.config, bootp=False))
    assert answer(made, message(None)) is None
    refused = answer(made, message(DhcpType.REQUEST, 1, client=FIRST))
    assert refused is not None
    assert refused.type is DhcpType.NAK


def test_a_declined_address_is_a_conflict() -> None:
    made = server()
    address = lease(made)
    assert answer(made, message(DhcpType.DECLINE, 2, *chosen(address))) is None
    assert address in made.bindings
    assert answer(made, message(DhcpType.DECLINE, 1, *chosen(address))) is None
    assert made.conflicts[address].method == "Gratuitous ARP"
    assert lease(made) == address + 1


def test_leases_end() -> None:
    made = server(Pool("LAN", LAN, lease=100.0))
    lease(made)
    assert made.next_timer() == 100.0
    answer(made, message(DhcpType.REQUEST, 1, client=FIRST), 50.0)
    assert made.next_timer() == 150.0
    made.tick(149.0)
    assert made.bindings
    made.tick(150.0)
    assert not made.bindings
    assert made.statistics.expired == 1
    assert made.next_timer() is None


def test_what_cannot_be_is_refused_and_what_is_not_known_gets_no_answer() -> None:
    made = server()
    elsewhere = (Option.REQUESTED_ADDRESS, IPv4Address("172.16.0.9").packed)
    nak = answer(made, message(DhcpType.REQUEST, 1, elsewhere))
    assert nak is not None
    assert nak.type is DhcpType.NAK
    assert answer(made, message(DhcpType.REQUEST, 1, (Option.REQUESTED_ADDRESS, FIRST.packed))) is None
    assert answer(made, message(DhcpType.REQUEST, 1, *chosen(FIRST))) is not None  # never offered
    assert answer(made, message(DhcpType.REQUEST, 1, *chosen(FIRST, IPv4Address("192.168.1.77")))) is None
    address = lease(made)
    wrong = answer(made, message(DhcpType.REQUEST, 1, (Option.REQUESTED_ADDRESS, (address + 5).packed)))
    assert wrong is not None
    assert wrong.type is DhcpType.NAK


def test_release_frees_the_address_of_its_owner_only() -> None:
    made = server()
    address = lease(made)
    answer(made, message(DhcpType.RELEASE, 2, client=address))
    assert address in made.bindings
    answer(made, message(DhcpType.RELEASE, 1, client=address))
    assert not made.bindings


def test_inform_is_told_options_and_no_address() -> None:
    made = server(Pool("LAN", LAN, options=((Option.ROUTER, OWN.packed),)))
    ack = answer(made, message(DhcpType.INFORM, 1, client=FIRST))
    assert ack is not None
    assert (ack.type, ack.yours) == (DhcpType.ACK, NOBODY)
    assert ack.option(Option.LEASE_TIME) is None
    assert ack.addresses(Option.ROUTER) == (OWN,)


def test_bootp_gets_an_address_for_ever() -> None:
    made = server()
    reply = answer(made, message(None))
    assert reply is not None
    assert reply.is_bootp
    assert made.bindings[reply.yours].expires is None


def test_an_address_for_one_client_by_identifier_or_hardware() -> None:
    mine = Pool("MINE", host=IPv4Interface("192.168.1.50/24"), client_identifier=b"\x01abcdef")
    other = Pool("OTHER", host=IPv4Interface("192.168.1.51/32"), hardware=(7).to_bytes(6, "big"))
    made = server(Pool("LAN", LAN, options=((Option.ROUTER, OWN.packed),)), mine, other)
    offer = answer(made, message(DhcpType.DISCOVER, 3, (Option.CLIENT_IDENTIFIER, b"\x01abcdef")))
    assert offer is not None
    assert str(offer.yours) == "192.168.1.50"
    assert offer.addresses(Option.ROUTER) == (OWN,)  # of the pool around it
    offer = answer(made, message(DhcpType.DISCOVER, 7))
    assert offer is not None
    assert str(offer.yours) == "192.168.1.51"
    assert offer.address(Option.SUBNET_MASK) == LAN.netmask
    assert [str(each.address) for each in made.all_bindings()] == ["192.168.1.50", "192.168.1.51"]
    asked = (Option.REQUESTED_ADDRESS, IPv4Address("192.168.1.50").packed)
    taken = answer(made, message(DhcpType.DISCOVER, 8, asked))
    assert taken is not None
    assert taken.yours == FIRST


def test_the_pool_is_that_of_the_relay() -> None:
    far = IPv4Network("10.9.0.0/24")
    made = server(Pool("LAN", LAN), Pool("FAR", far, options=((Option.ROUTER, b"\x0a\x09\x00\x01"),)))
    relay = IPv4Address("10.9.0.1")
    told = (Option.RELAY_INFORMATION, information(b"\x01", b"\x02"))
    request = message(DhcpType.DISCOVER, 1, told, relay=relay)
    offer = answer(made, request, origin=Origin("Fa0/1", (relay,), OWN))
    assert offer is not None
    assert offer.yours in far
    assert offer.options[-1] == told
    nowhere = IPv4Address("172.31.0.1")
    assert not made.receive(
        message(DhcpType.DISCOVER, 2, relay=nowhere), Origin("Fa0/1", (nowhere,), OWN), 0.0
    )


def test_a_pool_that_goes_takes_its_bindings_along() -> None:
    made = server()
    lease(made)
    made.configure(ServerConfig((Pool("LAN", IPv4Network("192.168.2.0/24")),)))
    assert not made.bindings


@given(st.lists(st.tuples(st.sampled_from("dqrxe"), st.integers(1, 6)), max_size=40))
def test_no_address_is_given_twice(steps: list[tuple[str, int]]) -> None:
    made = server(Pool("TINY", IPv4Network("192.168.1.0/29"), lease=10.0))
    now, offered = 0.0, {}
    for step, number in steps:
        now += 1.0
        if step == "d":
            offer = answer(made, message(DhcpType.DISCOVER, number), now)
            offered[number] = offer.yours if offer is not None else None
        elif step == "q" and offered.get(number) is not None:
            answer(made, message(DhcpType.REQUEST, number, *chosen(offered[number])), now)
        elif step in "rx":
            kind = DhcpType.RELEASE if step == "r" else DhcpType.DECLINE
            address = offered.get(number) or FIRST
            answer(made, message(kind, number, *chosen(address), client=address), now)
        else:
            made.tick(now)
        held = [each.identity for each in made.bindings.values()]
        assert len(held) == len(set(held))
        assert OWN not in made.bindings
        assert not set(made.bindings) & set(made.conflicts)


# --- the client --------------------------------------------------------------------------------------------


class Ends:
    """A client and a server, joined by hand."""

    def __init__(self, seconds: float = 100.0) -> None:
        self.server = server(Pool("LAN", LAN, lease=seconds))
        self.client = DhcpClient((9).to_bytes(6, "big"), (), lambda: 0.5)
        self.events: list[Any] = []

    def exchange(self, now: float, answers: bool = True) -> None:
        while sent := self.client.outgoing():
            for each in sent:
                reply = answer(self.server, each.message, now) if answers else None
                if reply is not None:
                    self.client.receive(reply, now)
        self.events += [each for each in self.client.events() if isinstance(each, Bound | Lost)]


def test_a_client_is_bound_renews_and_gives_back() -> None:
    ends = Ends()
    ends.client.start(0.0)
    ends.exchange(0.0)
    assert ends.client.state is ClientState.BOUND
    assert ends.client.lease is not None
    assert ends.client.lease.address == IPv4Interface("192.168.1.2/24")
    assert ends.client.next_timer() == 50.0
    ends.client.tick(50.0)
    assert ends.client.state is ClientState.RENEWING
    ends.exchange(50.0)
    assert ends.client.next_timer() == 100.0
    ends.client.release(60.0)
    ends.exchange(60.0)
    assert [type(each) for each in ends.events] == [Bound, Bound, Lost]
    assert ends.events[1].renewed
    assert not ends.server.bindings
    assert ends.client.next_timer() is None


def test_a_client_without_an_answer_rebinds_and_then_loses_its_address() -> None:
    ends = Ends(1000.0)
    ends.client.start(0.0)
    ends.exchange(0.0)
    seen = []
    while ends.client.lease is not None:
        due = ends.client.next_timer()
        assert due is not None
        ends.client.tick(due)
        seen.append((due, ends.client.state))
        ends.exchange(due, answers=False)
    assert seen[0] == (500.0, ClientState.RENEWING)
    assert (875.0, ClientState.REBINDING) in seen
    assert seen[-1] == (1000.0, ClientState.SELECTING)
    assert isinstance(ends.events[-1], Lost)


def test_waits_double_between_discovers() -> None:
    client = DhcpClient(bytes(6), (), lambda: 0.5)
    client.start(0.0)
    due = [client.next_timer() or 0.0]
    for _try in range(5):
        client.tick(due[-1])
        due.append(client.next_timer() or 0.0)
    assert [after - before for before, after in zip([0.0, *due], due, strict=False)] == [4, 8, 16, 32, 64, 64]


def test_a_refused_client_begins_again() -> None:
    ends = Ends()
    ends.client.start(0.0)
    ends.exchange(0.0)
    ends.server.configure(
        ServerConfig((Pool("LAN", IPv4Network("192.168.1.0/24")),), ((FIRST, FIRST),), ping=False)
    )
    ends.client.resume(10.0)
    ends.exchange(10.0)
    assert ends.client.lease is not None
    assert ends.client.lease.address.ip == FIRST + 1
    assert [type(each) for each in ends.events] == [Bound, Lost, Bound]


def test_a_client_back_on_its_cable_keeps_its_address() -> None:
    ends = Ends()
    ends.client.start(0.0)
    ends.exchange(0.0)
    ends.client.pause()
    assert ends.client.next_timer() is None
    ends.client.resume(10.0)
    assert ends.client.state is ClientState.REBOOTING
    ends.exchange(10.0)
    assert ends.client.state is ClientState.BOUND
    assert ends.client.next_timer() == 60.0


def test_a_declined_address_is_asked_for_no_more() -> None:
    ends = Ends()
    ends.client.start(0.0)
    ends.exchange(0.0)
    ends.client.decline(1.0)
    ends.exchange(1.0)
    assert FIRST in ends.server.conflicts
    assert ends.client.next_timer() == 11.0
    ends.client.tick(11.0)
    ends.exchange(11.0)
    assert ends.client.lease is not None
    assert ends.client.lease.address.ip == FIRST + 1


def test_answers_for_others_and_nonsense_change_nothing() -> None:
    ends = Ends()
    ends.client.start(0.0)
    discover = ends.client.outgoing()[0].message
    offer = answer(ends.server, discover)
    assert offer is not None
    for wrong in (
        replace(offer, transaction=offer.transaction ^ 1),
        replace(offer, hardware=bytes(6)),
        replace(offer, op=Op.REQUEST),
        replace(offer, yours=NOBODY),
    ):
        ends.client.receive(wrong, 0.0)
        assert ends.client.state is ClientState.SELECTING


@pytest.mark.parametrize("address", ["224.0.0.5", "127.0.0.1", "0.0.0.7"])
def test_an_address_that_nobody_can_have_is_not_taken(address: str) -> None:
    ends = Ends()
    ends.client.start(0.0)
    offer = answer(ends.server, ends.client.outgoing()[0].message)
    assert offer is not None
    ends.client.receive(offer, 0.0)
    ack = answer(ends.server, ends.client.outgoing()[0].message)
    assert ack is not None
    ends.client.receive(replace(ack, yours=IPv4Address(address)), 0.0)
    assert ends.client.lease is None
    ends.client.receive(ack, 0.0)
    assert ends.client.lease is not None


def test_an_infinite_lease_has_no_timer() -> None:
    ends = Ends()
    ends.server.configure(ServerConfig((Pool("LAN", LAN, lease=None),), ping=False))
    ends.client.start(0.0)
    ends.exchange(0.0)
    assert ends.client.lease is not None
    assert ends.client.lease.duration is None
    assert ends.client.next_timer() is None
    assert ends.events[0].lease.message.number(Option.LEASE_TIME) == INFINITE


# --- the relay agent ---------------------------------------------------------------------------------------

RELAY = IPv4Address("192.168.2.1")
MINE = information(b"port", b"box")


@pytest.mark.parametrize("insert", [False, True])
def test_a_relayed_request_and_its_answer(insert: bool) -> None:
    policy = RelayPolicy(insert)
    request = message(DhcpType.DISCOVER)
    onward = to_server(request, RELAY, MINE, policy)
    assert onward is not None
    assert (onward.relay, onward.hops) == (RELAY, 1)
    assert onward.option(Option.RELAY_INFORMATION) == (MINE if insert else None)
    reply = replace(onward, op=Op.REPLY)
    back = to_client(reply, MINE, policy)
    assert back is not None
    assert back.option(Option.RELAY_INFORMATION) is None


def test_what_was_inserted_by_others() -> None:
    theirs = (Option.RELAY_INFORMATION, information(b"x", b"y"))
    request = message(DhcpType.DISCOVER, 1, theirs)
    replaced = to_server(request, RELAY, MINE, RelayPolicy(True))
    assert replaced is not None
    assert replaced.option(Option.RELAY_INFORMATION) == MINE
    kept = to_server(request, RELAY, MINE, RelayPolicy(True, reforwarding=KEEP))
    assert kept is not None
    assert kept.option(Option.RELAY_INFORMATION) == theirs[1]
    assert to_server(request, RELAY, MINE, RelayPolicy(True, reforwarding=DROP)) is None
    assert to_client(replace(request, op=Op.REPLY), MINE, RelayPolicy(True)) is None
    assert to_client(replace(request, op=Op.REPLY), MINE, RelayPolicy(True, check=False)) is not None


def test_the_second_relay_leaves_the_first_one_be_and_a_loop_ends() -> None:
    request = message(DhcpType.DISCOVER, relay=IPv4Address("10.0.0.1"))
    onward = to_server(request, RELAY, MINE, RelayPolicy())
    assert onward is not None
    assert str(onward.relay) == "10.0.0.1"
    assert to_server(replace(request, hops=16), RELAY, MINE, RelayPolicy()) is None
