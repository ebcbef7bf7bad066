"""Confederations (RFC 5065)."""

from __future__ import annotations

import pytest

from iosemu.routing.bgp import (
    Attributes,
    BgpError,
    Origin,
    Relation,
    SegmentKind,
    SessionState,
    SpeakerConfig,
)
from iosemu.routing.bgp.attributes import LOCAL_AS, NO_EXPORT, decode, encode, prepend
from iosemu.routing.bgp.events import Notified
from tests.unit.bgp.net import Net, Router, network

MEMBERS = frozenset((65101, 65102, 65103))
SEQUENCE, MEMBER = SegmentKind.SEQUENCE, SegmentKind.CONFED_SEQUENCE


def member(net: Net, last: int, number: int, identifier: int = 100, med: bool = False) -> Router:
    """A router of AS 100, a confederation."""
    made = net.router(last, number)
    config = SpeakerConfig(
        number,
        made.address,
        confederation=identifier,
        confederation_peers=MEMBERS - {number},
        med_confederation=med,
    )
    made.speaker.configure(config, net.now)
    return made


def test_members_hide_behind_the_identifier() -> None:
    net = Net()
    outside, one, two, three, far = (
        net.router(1, 200), member(net, 2, 65101), member(net, 3, 65102), member(net, 4, 65103), net.router(5, 300),
    )  # fmt: skip
    for a, b in ((one, two), (two, three)):
        net.peers(a, b)
    for inside, other in ((one, outside), (three, far)):
        net.peer(inside, other)
        outsider = net.router(99, 100)  # only for its AS number
        del net.routers[outsider.address]
        outsider.address = inside.address
        net.peer(other, outsider)
    net.originate(outside, "1.0.0.0/8", med=7)
    net.originate(one, "2.0.0.0/8")
    net.run(120)
    found = three.best("1.0.0.0/8")
    assert found is not None
    assert found.as_path == ((MEMBER, (65102, 65101)), (SEQUENCE, (200,)))
    assert found.path_text() == "(65102 65101) 200"
    assert (found.path_length, found.first_as) == (1, 200)
    assert (found.next_hop, found.med, found.local_pref) == (outside.address, 7, 100)
    told = far.best("1.0.0.0/8")
    assert told is not None
    assert told.as_path == ((SEQUENCE, (100, 200)),)
    assert (told.next_hop, told.med, told.local_pref) == (three.address, None, None)
    own = far.best("2.0.0.0/8")
    assert own is not None
    assert own.as_path == ((SEQUENCE, (100,)),)
    best = three.speaker.table[network("1.0.0.0/8")].best
    assert best is not None
    assert best.peer is not None
    assert not best.external
    assert not best.internal
    assert best.peer.relation is Relation.CONFEDERATION


def test_a_ring_of_members_has_no_loop() -> None:
    net = Net()
    ring = [member(net, last, 65100 + last) for last in (1, 2, 3)]
    for at, each in enumerate(ring):
        net.peers(each, ring[at - 1])
    net.originate(ring[0], "1.0.0.0/8")
    net.run(200)
    found = ring[1].best("1.0.0.0/8")
    assert found is not None
    assert found.as_path == ((MEMBER, (65101,)),)
    assert ring[0].speaker.peers[ring[1].address].denied == 0 or ring[0].best("1.0.0.0/8") is not None
    ring[0].speaker.originate(network("1.0.0.0/8"), None, net.now)
    net.run(400)
    assert all(not each.speaker.table for each in ring)


@pytest.mark.parametrize(("community", "reaches"), [(NO_EXPORT, True), (LOCAL_AS, False)])
def test_communities_stop_at_their_border(community: int, reaches: bool) -> None:
    net = Net()
    one, two = member(net, 1, 65101), member(net, 2, 65102)
    net.peers(one, two, send_community=True)
    net.originate(one, "1.0.0.0/8", communities=(community,))
    net.run(60)
    assert (two.best("1.0.0.0/8") is not None) is reaches


def test_a_router_that_knows_nothing_of_the_confederation_is_not_its_member() -> None:
    net = Net()
    one, two = member(net, 1, 65101), net.router(2, 65102)
    net.peers(one, two)
    net.originate(one, "1.0.0.0/8")
    net.run(60)
    peer = two.speaker.peers[one.address]
    assert peer.established is None
    assert any(isinstance(each, Notified) and each.code == 3 and each.subcode == 11 for each in two.seen)
    # A change of the confederation begins anew what it concerns.
    two.speaker.configure(
        SpeakerConfig(65102, two.address, confederation=100, confederation_peers=MEMBERS - {65102}), net.now
    )
    net.run(60)
    assert peer.state is SessionState.ESTABLISHED
    assert two.best("1.0.0.0/8") is not None


@pytest.mark.parametrize(("med", "chosen"), [(False, 1), (True, 2)])
def test_med_within_the_confederation_is_asked_for(med: bool, chosen: int) -> None:
    net = Net()
    third = member(net, 3, 65103, med=med)
    for last, number, metric in ((1, 65101, 20), (2, 65102, 10)):
        other = member(net, last, number)
        net.peers(other, third)
        net.originate(other, "1.0.0.0/8", med=metric)
    net.run(90)
    best = third.best("1.0.0.0/8")
    assert best is not None
    assert best.as_path == ((MEMBER, (65100 + chosen,)),)


def test_paths_of_narrow_peers_keep_members_in_front() -> None:
    path = ((MEMBER, (65101, 65102)), (SEQUENCE, (70000, 5)))
    attributes = Attributes(Origin.IGP, path, next_hop=network("10.0.0.9/32").network_address)
    raw = encode(attributes, wide=False)
    assert [each.type for each in raw] == [1, 2, 3, 17]
    again = decode(raw, False, Relation.CONFEDERATION)
    assert again.as_path == path
    assert prepend(path, (9,)) == ((MEMBER, (65101, 65102)), (SEQUENCE, (9, 70000, 5)))
    with pytest.raises(BgpError):
        decode(raw, False, Relation.EXTERNAL)
    with pytest.raises(BgpError):
        decode(
            encode(Attributes(Origin.IGP, path[1:], attributes.next_hop), True), True, Relation.CONFEDERATION
        )


def test_a_neighbor_without_an_address_family_has_no_session() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, active=False)
    net.run(60)
    peer = one.speaker.peers[two.address]
    assert peer.state is SessionState.IDLE
    net.peer(one, two)
    net.run(60)
    assert peer.state is SessionState.ESTABLISHED
    net.peer(one, two, active=False)
    net.run(60)
    assert peer.state is SessionState.IDLE
