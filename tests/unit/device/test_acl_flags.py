from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from session import grammar

from iosemu.packets.ipv4 import Protocol
from iosemu.parser import Match, Situation
from iosemu.subjects.acl.evaluation import Flow, entry_matches

ACK, FIN, RST, SYN = 0x10, 0x01, 0x04, 0x02


def segment(flags: int) -> Flow:
    return Flow(Protocol.TCP, int(IPv4Address("10.0.0.1")), int(IPv4Address("10.0.0.2")), tcp_flags=flags)


@pytest.mark.parametrize(
    ("words", "passes", "fails"),
    [
        ("permit tcp any any syn", [SYN, SYN | ACK], [ACK, 0]),
        ("permit tcp any any fin rst", [FIN, RST | ACK], [SYN, ACK]),
        ("permit tcp any any established", [ACK, RST], [SYN]),
        ("permit tcp any any", [0, SYN], []),
    ],
)
def test_flags(words: str, passes: list[int], fails: list[int]) -> None:
    match = grammar().modes["config-ext-nacl"].match(words, Situation())
    assert isinstance(match, Match)
    entry = match.arguments["entry"]
    assert grammar().spell("extended-entry", entry) == words
    assert all(entry_matches(entry, segment(flags)) for flags in passes)
    assert not any(entry_matches(entry, segment(flags)) for flags in fails)
