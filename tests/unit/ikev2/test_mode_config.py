"""Configuration payloads between two engines (RFC 7296, 2.19)."""

from ipaddress import IPv4Address, IPv4Network

from ikev2_pair import A, B, Pair

from iosemu.ikev2 import events, mode_config
from iosemu.ikev2.configuration import Grant
from iosemu.ikev2.numbers import Attribute

ADDRESS = IPv4Address("172.16.0.11")
GIVEN = ((int(Attribute.IP4_ADDRESS), ADDRESS.packed),)
NETS = (IPv4Network("192.168.7.0/24"), IPv4Network("10.0.0.0/8"))


def told(pair: Pair, address: IPv4Address) -> list[tuple[tuple[int, bytes], ...]]:
    return [each.attributes for each in pair.happened[address] if isinstance(each, events.ConfigurationTold)]


def test_what_is_asked_for_is_given() -> None:
    pair = Pair()
    pair.a.wanted = ((int(Attribute.IP4_ADDRESS), b""),)
    pair.b.given = Grant(GIVEN)
    pair.up()
    (client,) = pair.b.clients
    assert (client.local, client.peer, client.method, client.profile) == (B, A, "PSK", "P")
    assert (int(Attribute.IP4_ADDRESS), b"") in client.asked
    (reply,) = told(pair, A)
    assert mode_config.addresses(reply, Attribute.IP4_ADDRESS) == [ADDRESS]
    assert pair.installed(A)
    pair.agree()


def test_networks_are_told_either_way_and_acknowledged() -> None:
    pair = Pair()
    pair.up()
    sa = next(iter(pair.two.sas))
    pair.two.tell(sa.serial, mode_config.subnet_attributes(NETS), pair.now)
    pair.run()
    assert mode_config.networks(told(pair, A)[-1]) == list(NETS)
    assert not sa.pending
    assert pair.one.sas.with_peer(B)[0].up


def test_who_is_not_authorized_does_not_come_in() -> None:
    pair = Pair()
    pair.b.given = Grant(authorized=False)
    pair.up()
    assert not pair.installed(A)
    assert not list(pair.one.sas)
    assert not list(pair.two.sas)


def test_without_an_address_left_there_is_no_child_sa() -> None:
    pair = Pair()
    pair.a.wanted = ((int(Attribute.IP4_ADDRESS), b""),)
    pair.b.given = Grant(address=False)
    pair.up()
    assert not pair.installed(A)
    assert not pair.installed(B)


def test_networks_that_are_none_are_left_out() -> None:
    kind = int(Attribute.IP4_SUBNET)
    bad = (
        (kind, b"1234567"),
        (kind, bytes((10, 0, 0, 1, 255, 0, 0, 0))),
        (kind, bytes((10, 0, 0, 0, 255, 0, 255, 0))),
    )
    assert mode_config.networks(bad) == []
    assert mode_config.networks((*bad, *mode_config.subnet_attributes(NETS))) == list(NETS)
