"""The Telnet codec: RFC 854, 855, 857, 858, 1073, 1091."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from iosemu.terminal.nvt import CLIENT, Nvt

OFFER = bytes.fromhex("fffb01 fffb03 fffd18 fffd1f")


def begun(sizes: list[tuple[int, int]] | None = None) -> Nvt:
    nvt = Nvt(None if sizes is None else lambda columns, rows: sizes.append((columns, rows)))
    assert nvt.output() == OFFER
    return nvt


def test_the_server_speaks_first_and_answers_agreement_with_silence() -> None:
    nvt = begun()
    assert nvt.receive(bytes.fromhex("fffd01 fffd03")) == b""
    assert nvt.output() == b""


def test_what_it_lacks_is_refused_once() -> None:
    nvt = begun()
    assert nvt.receive(bytes.fromhex("fffd56 fffb56 fffb27 fffd05")) == b""
    assert nvt.output() == bytes.fromhex("fffc56 fffe56 fffe27 fffc05")
    assert nvt.receive(bytes.fromhex("fffe56 fffc56")) == b""
    assert nvt.output() == b""


def test_binary_is_agreed_to_both_ways() -> None:
    nvt = begun()
    nvt.receive(bytes.fromhex("fffd00 fffb00 fffd00"))
    assert nvt.output() == bytes.fromhex("fffb00 fffd00")
    nvt.receive(bytes.fromhex("fffe00"))
    assert nvt.output() == bytes.fromhex("fffc00")


def test_the_window_and_the_terminal() -> None:
    sizes: list[tuple[int, int]] = []
    nvt = begun(sizes)
    typed = nvt.receive(bytes.fromhex("fffb1f fffa1f 00ffff 0018 fff0 fffb18") + b"show")
    assert (typed, sizes) == (b"show", [(255, 24)])
    assert nvt.output() == bytes.fromhex("fffa1801fff0")
    nvt.receive(bytes.fromhex("fffa1800") + b"XTERM" + bytes.fromhex("fff0"))
    assert nvt.terminal == "XTERM"


def test_a_window_of_no_size_says_nothing() -> None:
    sizes: list[tuple[int, int]] = []
    nvt = begun(sizes)
    nvt.receive(bytes.fromhex("fffb1f fffa1f 00000000 fff0 fffa1f 0050 fff0"))
    assert sizes == []


def test_functions_are_keys() -> None:
    nvt = begun()
    assert nvt.receive(b"a\xff\xf3b\xff\xf4c\xff\xf7d\xff\xf8\xff\xf1\xff\xf2") == b"a\x1eb\x03c\x7fd\x15"
    nvt.receive(b"\xff\xf6")
    assert nvt.output() == b"\r\n[Yes]\r\n"


def test_a_subnegotiation_without_end_takes_no_room() -> None:
    nvt = begun()
    nvt.receive(bytes.fromhex("fffa18") + b"x" * 100_000)
    assert len(nvt._sub) <= 256
    assert nvt.receive(bytes.fromhex("fff0") + b"on") == b"on"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_however_it_is_cut_it_says_the_same(data: bytes, cuts: list[int]) -> None:
    whole, pieces = Nvt(), Nvt()
    expected = whole.receive(data)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    got = b"".join(pieces.receive(data[a:b]) for a, b in pairwise(edges))
    assert (got, pieces.output(), pieces.terminal) == (expected, whole.output(), whole.terminal)


@given(st.binary(max_size=200))
def test_what_is_escaped_is_read_again(data: bytes) -> None:
    assert Nvt().receive(Nvt.escaped(data)) == data


def test_a_client_and_a_server_agree() -> None:
    sizes: list[tuple[int, int]] = []
    server = Nvt(lambda columns, rows: sizes.append((columns, rows)))
    client = Nvt(role=CLIENT, terminal="vt100", size=(132, 255))
    assert client.output() == b"", "a port that speaks no Telnet is sent none"
    for _ in range(4):
        assert client.receive(server.output()) == b""
        assert server.receive(client.output()) == b""
    assert server.output() == client.output() == b""
    assert (server.terminal, sizes) == ("vt100", [(132, 255)])
    typed = bytes(range(256))
    assert server.receive(client.escaped(typed)) == typed
    assert client.receive(server.escaped(typed)) == typed
