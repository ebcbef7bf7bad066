"""What an index leaves out of a crypto map could not have been meant."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.acl.config import AclsConfig, Action, AddressMatch, Entry
from iosemu.subjects.acl.evaluation import Flow, find
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.service.flow import entry_selector
from iosemu.subjects.crypto.service.map_index import MapIndex

VALUES = st.integers(0x0A000000, 0x0A00000F)
WILDCARDS = st.sampled_from([0, 1, 3, 0xFF, 0xFFFFFFFF, 5])
MATCHES = st.builds(
    lambda value, wildcard: AddressMatch(value & ~wildcard & 0xFFFFFFFF, wildcard), VALUES, WILDCARDS
)
LINES = st.builds(
    Entry,
    st.sampled_from(Action),
    MATCHES,
    MATCHES,
    st.sampled_from([None, int(Protocol.UDP), int(Protocol.TCP)]),
)
LISTS = st.lists(st.lists(LINES, max_size=4, unique=True), max_size=6)
PEERS = st.lists(
    st.sampled_from([IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2"), "peer.example"]), max_size=2
)


def build(lists: list[list[Entry]], peers: list[list[IPv4Address | str]]) -> tuple[CryptoMap, AclsConfig]:
    acls, crypto_map = AclsConfig(), CryptoMap("M")
    for number, lines in enumerate(lists, 1):
        for line in lines:
            acls.make(f"L{number}", extended=True).add(line)
        entry = crypto_map.entry(number * 10)
        entry.access_list = f"L{number}"
        entry.peers = list(peers[number - 1]) if number <= len(peers) else []
    return crypto_map, acls


@given(LISTS, VALUES, VALUES, st.sampled_from([Protocol.UDP, Protocol.TCP, Protocol.ICMP]))
def test_the_first_that_permits_is_the_same(
    lists: list[list[Entry]], source: int, destination: int, protocol: Protocol
) -> None:
    crypto_map, acls = build(lists, [])
    flow = Flow(protocol, source, destination)

    def first(entries: list[CryptoMapEntry]) -> int | None:
        for entry in entries:
            access_list = acls.get(entry.access_list)
            line = find(access_list, flow) if access_list is not None else None
            if line is not None and line.action is Action.PERMIT and entry_selector(line) is not None:
                return entry.sequence
        return None

    index = MapIndex(crypto_map, acls)
    chosen = index.about(source, destination)
    assert [each.sequence for each in chosen] == sorted(each.sequence for each in chosen)
    assert first(chosen) == first(list(crypto_map.entries.values()))


@given(st.lists(PEERS, min_size=1, max_size=6))
def test_an_entry_that_names_the_peer_is_found(peers: list[list[IPv4Address | str]]) -> None:
    crypto_map, acls = build([[] for _ in peers], peers)
    peer = IPv4Address("192.0.2.1")
    found = [each.sequence for each in MapIndex(crypto_map, acls).towards(peer)]
    named = [
        sequence
        for sequence, each in crypto_map.entries.items()
        if peer in each.peers or "peer.example" in each.peers
    ]
    assert found == named


def test_an_entry_for_a_dynamic_map_is_for_everybody() -> None:
    crypto_map = CryptoMap("M")
    crypto_map.entry(10).peers = [IPv4Address("192.0.2.9")]
    crypto_map.entry(20).dynamic = "D"
    index = MapIndex(crypto_map, AclsConfig())
    assert index.dynamic == {"D"}
    assert [each.sequence for each in index.towards(IPv4Address("192.0.2.1"))] == [20]
    assert [each.sequence for each in index.about(1, 2)] == [20]
