"""PPP against captured frames."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.ppp.link import chap_response
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing
from iosemu.packets.ppp import (
    ChapValue,
    Code,
    ControlPacket,
    Option,
    PapRequest,
    PppFrame,
    PppProtocol,
    options_bytes,
    parse_options,
)
from iosemu.packets.pppoe import PppoePacket, PppoeTag

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "kat" / "kat_ppp.json").read_text()
)["vectors"]
PPP = [each for each in VECTORS if each["link"] == "PPP"]
KNOWN = {each.value for each in PppProtocol} - {PppProtocol.IPV4, PppProtocol.CDP}


@pytest.mark.parametrize("vector", PPP, ids=lambda each: each["name"])
def test_captured_frames_are_read_and_written(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    frame, fields = PppFrame.parse(data), vector["fields"]
    assert frame.to_bytes() == data
    found = dissect(data, framing=Framing.PPP)
    assert found.malformed is None
    assert found == dissect(data)
    if frame.protocol not in KNOWN:
        return
    packet = ControlPacket.parse(frame.payload)
    assert packet.to_bytes() == frame.payload[: packet.length]
    prefix = {PppProtocol.CHAP: "chap", PppProtocol.PAP: "pap"}.get(frame.protocol, "ppp")  # type: ignore[call-overload]
    assert fields[f"{prefix}.identifier"] == [str(packet.identifier)]
    if frame.protocol == PppProtocol.CHAP and packet.code in (1, 2):
        value = ChapValue.parse(packet.data)
        assert fields["chap.name"] == [value.name]
        assert value.to_bytes() == packet.data
        assert fields["chap.value"] == [value.value.hex(":")]
    elif frame.protocol == PppProtocol.PAP and packet.code == 1:
        assert PapRequest.parse(packet.data).to_bytes() == packet.data
    elif packet.code <= Code.CONFREJ and frame.protocol in (PppProtocol.LCP, PppProtocol.IPCP):
        assert options_bytes(parse_options(packet.data)) == packet.data


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if each["link"] == "Ethernet"], ids=lambda each: each["name"]
)
def test_captured_pppoe(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    packet = PppoePacket.parse(data[14:])
    assert packet.to_bytes() == data[14 : 14 + 6 + len(packet.payload)]
    found = dissect(data)
    assert found.malformed is None
    assert "PPPoE" in [layer.name for layer in found.layers]
    tags = packet.tags() if packet.code else {}
    for name, kind in (("host_uniq", PppoeTag.HOST_UNIQ), ("ac_cookie", PppoeTag.AC_COOKIE)):
        told = vector["fields"].get(f"pppoed.tags.{name}")
        assert told is None or told == [tags[kind].hex(":")]


def test_a_response_is_md5_of_identifier_secret_and_challenge() -> None:
    # RFC 1994 section 4.1 by hand: the digest of 01 "same" 00…0f
    assert chap_response(1, "same", bytes(range(16))).hex() == "9835db8133b6fe3b555756f63dcea7c2"


@given(st.binary(max_size=80))
def test_nothing_makes_the_readers_fail(data: bytes) -> None:
    dissect(b"\xff\x03" + data, framing=Framing.PPP)
    for read in (
        PppFrame.parse,
        PppoePacket.parse,
        ControlPacket.parse,
        ChapValue.parse,
        PapRequest.parse,
        parse_options,
    ):
        with contextlib.suppress(MalformedPacket):
            read(data)


@given(st.lists(st.builds(Option, st.integers(0, 255), st.binary(max_size=20)), max_size=5))
def test_options_come_back(options: list[Option]) -> None:
    assert list(parse_options(options_bytes(options))) == options
