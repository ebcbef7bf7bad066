"""What the grammar renders, it reads back to the same state."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab import resources
from iosemu.parser import Match, Situation
from iosemu.subjects.acl.config import ANY, Action, AddressMatch, Entry, PortMatch

addresses = st.just(ANY) | st.builds(
    AddressMatch,
    st.integers(0, 0xFFFFFFFF),
    st.just(0) | st.integers(0, 0xFFFFFFFF),
)
port = st.integers(0, 65535)
single = st.builds(PortMatch, st.sampled_from(["eq", "gt", "lt", "neq"]), port.map(lambda one: (one,)))
between = st.tuples(port, port).map(lambda both: PortMatch("range", (min(both), max(both))))
ports = st.none() | single | between
actions = st.sampled_from(Action)
logs = st.sampled_from(["", "log", "log-input"])
ends = {"action": actions, "source": addresses, "destination": addresses, "log": logs}
flags = st.sets(st.sampled_from([0x01, 0x02, 0x04, 0x08, 0x10, 0x20])).map(sum)


@st.composite
def icmp(draw: Any) -> dict[str, int | None]:
    kind = draw(st.none() | st.integers(0, 255))
    return {"icmp_type": kind, "icmp_code": None if kind is None else draw(st.none() | st.integers(0, 255))}


extended_entries = st.one_of(
    st.builds(
        Entry,
        **ends,
        protocol=st.none() | st.integers(0, 255),
        fragments=st.booleans(),
    ).filter(lambda entry: not (entry.fragments and entry.protocol in (1, 6, 17))),
    st.builds(
        Entry,
        **ends,
        protocol=st.just(6),
        source_ports=ports,
        destination_ports=ports,
        established=st.booleans(),
        tcp_flags=flags,
    ),
    st.builds(Entry, **ends, protocol=st.just(17), source_ports=ports, destination_ports=ports),
    st.builds(lambda ends, kind: Entry(**ends, protocol=1, **kind), st.fixed_dictionaries(ends), icmp()),
)
standard_entries = st.builds(Entry, actions, addresses, log=st.sampled_from(["", "log"]))


def read(mode: str, line: str) -> Entry:
    match = resources.grammar().modes[mode].match(line, Situation())
    assert isinstance(match, Match), (line, match)
    entry = match.arguments["entry"]
    assert isinstance(entry, Entry)
    return entry


@given(extended_entries)
def test_extended_entries(entry: Entry) -> None:
    line = resources.grammar().spell("extended-entry", entry)
    assert read("config-ext-nacl", line) == entry
    assert read("config", f"access-list 101 {line}") == entry


@given(standard_entries)
def test_standard_entries(entry: Entry) -> None:
    line = resources.grammar().spell("standard-entry", entry)
    assert read("config-std-nacl", line) == entry
    assert read("config", f"access-list 1 {line}") == entry
