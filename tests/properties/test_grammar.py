"""What the grammar renders, it reads back to the same state."""

from __future__ import annotations

from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.lab import resources
from iosemu.parser import Command, Match, Situation
from iosemu.parser.notation import Word
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


TEXTS = {
    "word": st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True),
    "line": st.from_regex(r"[A-Za-z0-9][!-~]{0,6}( [!-~]{1,6}){0,2}", fullmatch=True),
    "ipv4": st.ip_addresses(v=4).map(str),
    "mask": st.ip_addresses(v=4).map(str),
    "interface": st.just("FastEthernet0/1"),
    "new-interface": st.just("FastEthernet0/1"),
    "source": st.ip_addresses(v=4).map(str),
}
"""What can be typed for a type; a range says it itself."""


@st.composite
def typed(draw: Any, command: Command) -> str:
    """A line of the command."""
    form = command.forms[0]
    words: list[str] = []
    rest = form.nodes
    while True:
        steps, end = form.edges(rest)
        if not steps or (end and draw(st.booleans())):
            return " ".join(words)
        leaf, rest = draw(st.sampled_from(steps))
        if isinstance(leaf, Word):
            words.append(leaf.text)
        elif leaf.type in TEXTS:
            words.append(draw(TEXTS[leaf.type]))
        else:
            low, _, high = leaf.type.removeprefix("range:").partition("-")
            words.append(str(draw(st.integers(int(low), int(high)))))


FIELDS = [
    pytest.param(name, command, id=f"{name}: {command.syntax}")
    for name, mode in resources.grammar().modes.items()
    for command in mode.commands
    if command.set is not None
]


@pytest.mark.parametrize(("name", "command"), FIELDS)
@given(data=st.data())
def test_a_field_that_was_set_is_rendered_and_reads_back(
    name: str, command: Command, data: st.DataObject
) -> None:
    mode = resources.grammar().modes[name]
    mode.prepare()
    rule = command.rule
    assert rule is not None
    here = Situation(
        kind=min(command.kinds) if command.kinds else "router",
        version="12.4" if command.until else "15.1",
        capabilities=command.needs,
        interfaces=("FastEthernet0/1",),
    )

    def set_by(lines: list[str]) -> Any:
        target = fresh(rule.edited)
        for line in lines:
            match = mode.match(line, here)
            assert isinstance(match, Match), (line, match)
            match.call(SimpleNamespace(target=target))
        return target

    line = data.draw(typed(command))
    for typed_line in (line, f"no {line}", f"default {line}"):
        target = set_by([typed_line])
        rendered = rule.render(target)
        # the second spelling of a command leaves it to the first
        assert (
            set_by(mode.render(target) if rule.silent else [] if rendered is None else [rendered]) == target
        )


def fresh(cls: type[Any]) -> Any:
    """An object of a class whose fields without defaults say which one it is."""
    names: dict[str, tuple[Any, ...]] = {
        "LineConfig": ("vty", 3),
        "Policy": (10,),
        "InterfaceConfig": ("FastEthernet0/1",),
        "TransformSet": ("T", ()),
        "Keyring": ("K",),
        "IsakmpProfile": ("P",),
        "CryptoIdentity": ("I",),
        "ClientGroup": ("G",),
        "EzvpnClient": ("E",),
        "IsakmpPeer": (IPv4Address("10.0.0.1"),),
        "CryptoMapEntry": ("M", 10),
        "Ikev2Peer": ("P",),
        "Ikev2Policy": ("P",),
        "Ikev2Profile": ("P",),
        "Trustpoint": ("P",),
        "CertificateServer": ("P",),
        "AuthorizationPolicy": ("P",),
        "NameMangler": ("M",),
        "FlexClient": ("P",),
        "GdoiGroup": ("G",),
        "Occurrence": ("O",),
        "PolicyList": ("P",),
        "GroupIpsecSa": (1,),
    }
    made = cls(*names.get(cls.__name__, ()))
    return made.fresh() if hasattr(made, "fresh") else made
