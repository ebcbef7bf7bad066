"""Entries of ARP and MAC access lists: what is spelled is read back, and a mask hides what it says."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab import resources
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.arp import ArpPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.parser import Match, Situation
from iosemu.subjects.acl.config import ArpEntry, MacEntry, StationMatch
from iosemu.subjects.acl.matches import ANY, AddressMatch
from iosemu.subjects.acl.stations import ANY_STATION, ETHERTYPES, FieldMatch

CATALYST = Situation(
    kind="l3switch",
    version="15.1",
    capabilities=frozenset({"switching", "arp-inspection", "mac-access-lists"}),
)
octets_6 = st.integers(0, 0xFFFFFFFFFFFF)
octets_4 = st.integers(0, 0xFFFFFFFF)
stations = st.just(ANY_STATION) | st.builds(StationMatch, octets_6, st.just(0) | octets_6)
addresses = st.just(ANY) | st.builds(AddressMatch, octets_4, st.just(0) | octets_4)
actions = st.sampled_from(["permit", "deny"])
fields = st.builds(FieldMatch, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
arp_entries = st.builds(
    ArpEntry, actions, addresses, stations, st.sampled_from(["", "request"]), log=st.booleans()
) | st.builds(ArpEntry, actions, addresses, stations, st.just("response"), addresses, stations, st.booleans())
cos = st.none() | st.integers(0, 7)
mac_entries = st.one_of(
    st.builds(MacEntry, actions, stations, stations, st.sampled_from(["", *ETHERTYPES]), cos=cos),
    st.builds(MacEntry, actions, stations, stations, ethertype=fields, cos=cos),
    st.builds(MacEntry, actions, stations, stations, lsap=fields, cos=cos),
)


def read(mode: str, line: str) -> Any:
    """What a line of a mode binds to `entry`."""
    match = resources.grammar().modes[mode].match(line, CATALYST)
    assert isinstance(match, Match), (line, match)
    return match.arguments["entry"]


@given(arp_entries)
def test_arp_entries_are_read_back(entry: ArpEntry) -> None:
    assert read("config-arp-nacl", resources.grammar().spell("arp-entry", entry)) == entry


@given(mac_entries)
def test_mac_entries_are_read_back(entry: MacEntry) -> None:
    assert read("config-ext-macl", resources.grammar().spell("mac-entry", entry)) == entry


@given(octets_6, octets_6, octets_6)
def test_a_mask_hides_bits(station: int, mask: int, noise: int) -> None:
    match = StationMatch(station, mask)
    assert match.matches(MacAddress.from_int(station ^ (noise & mask)))
    shown = noise & ~mask & 0xFFFFFFFFFFFF
    assert match.matches(MacAddress.from_int(station ^ shown)) == (shown == 0)


@given(mac_entries, st.integers(0x600, 0xFFFF), octets_6, st.integers(0, 7))
def test_any_frame_can_be_judged(entry: MacEntry, ethertype: int, station: int, priority: int) -> None:
    frame = EthernetFrame(BROADCAST, MacAddress.from_int(station), ethertype, b"").to_bytes()
    assert isinstance(entry.matches(frame, priority), bool)


@given(arp_entries, octets_6, octets_4)
def test_any_request_can_be_judged(entry: ArpEntry, station: int, address: int) -> None:
    packet = ArpPacket.request(MacAddress.from_int(station), IPv4Address(address), IPv4Address(0))
    assert not (entry.matches(packet) and entry.kind == "response")
