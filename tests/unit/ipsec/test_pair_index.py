"""Pairs of networks by what they hold: the index says what looking at all of them says."""

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from iosemu.ipsec.pair_index import PairIndex

ADDRESSES = st.one_of(st.integers(0, 0xFFFFFFFF), st.integers(0x0A000000, 0x0A0003FF))
NETWORKS = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    ADDRESSES,
    st.sampled_from([0, 8, 16, 22, 24, 28, 31, 32]),
)
PAIRS = st.lists(st.tuples(NETWORKS, NETWORKS), max_size=20)


@given(PAIRS, ADDRESSES, ADDRESSES, st.data())
def test_as_looking_at_all(
    pairs: list[tuple[IPv4Network, IPv4Network]], source: int, destination: int, data: st.DataObject
) -> None:
    index: PairIndex[int] = PairIndex()
    kept = dict(enumerate(pairs))
    for place, (one, other) in kept.items():
        index.add(place, one, other, place)
    if kept:
        for place in data.draw(st.sets(st.sampled_from(sorted(kept)))):
            index.remove(place, *kept.pop(place))
    if kept:
        one, other = kept[data.draw(st.sampled_from(sorted(kept)))]
        source, destination = int(one.network_address), int(other.broadcast_address)
    expected = {
        place: place
        for place, (one, other) in kept.items()
        if source & int(one.netmask) == int(one.network_address)
        and destination & int(other.netmask) == int(other.network_address)
    }
    assert index.find(source, destination) == expected
    assert sorted(index) == sorted(kept)


def test_taking_out_what_is_not_there() -> None:
    index: PairIndex[str] = PairIndex()
    network = IPv4Network("10.0.0.0/8")
    index.remove(1, network, network)
    index.add(1, network, network, "one")
    index.remove(2, network, network)
    assert list(index) == ["one"]
