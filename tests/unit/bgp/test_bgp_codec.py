"""Messages that were recorded come out again as they came in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.routing.bgp import BgpError, Open, Relation, Update
from iosemu.routing.bgp.attributes import decode, encode
from iosemu.routing.bgp.messages import MARKER, parse, take_message

KAT = Path(__file__).parents[2] / "data" / "kat" / "kat_bgp.json"
VECTORS: list[dict[str, Any]] = json.loads(KAT.read_text())["vectors"]


def messages(vector: dict[str, Any]) -> list[bytes]:
    """The messages of a vector: all that begin with a marker and are whole."""
    data = bytes.fromhex(vector.get("payload") or vector["hex"])
    found = []
    for match in re.finditer(re.escape(MARKER), data):
        at = match.start()
        length = int.from_bytes(data[at + 16 : at + 18], "big")
        if at + length <= len(data):
            found.append(data[at : at + length])
    return found


def with_path_ids(vector: dict[str, Any]) -> bool:
    return "bgp.nlri_path_id" in vector["fields"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: each["name"])
def test_recorded_messages_round_trip(vector: dict[str, Any]) -> None:
    every = messages(vector)
    assert every
    buffer = bytearray(b"".join(every))
    for data in every:
        assert take_message(buffer) == data
        assert parse(data, with_path_ids(vector)).to_bytes() == data
    assert take_message(buffer) is None


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: each["name"])
def test_fields_as_tshark_shows_them(vector: dict[str, Any]) -> None:
    fields = vector["fields"]
    opens = [
        each for data in messages(vector) if isinstance(each := parse(data, with_path_ids(vector)), Open)
    ]
    if "bgp.open.holdtime" in fields:
        assert [str(each.hold_time) for each in opens] == fields["bgp.open.holdtime"]
        assert [str(each.identifier) for each in opens] == fields["bgp.open.identifier"]
        codes = [str(each.code) for one in opens for each in one.capabilities()]
        assert codes == fields.get("bgp.cap.type", [])
    else:
        assert not opens


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: each["name"])
def test_attributes_survive_being_read(vector: dict[str, Any]) -> None:
    for data in messages(vector):
        message = parse(data, with_path_ids(vector))
        if not isinstance(message, Update) or not message.nlri:
            continue
        for wide in (False, True):
            try:
                found = decode(message.attributes, wide, Relation.INTERNAL)
            except BgpError:
                continue
            again = decode(encode(found, wide), wide, Relation.INTERNAL)
            assert again == found


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_raise_a_bgp_error(body: bytes) -> None:
    for kind in range(7):
        data = MARKER + (19 + len(body)).to_bytes(2, "big") + bytes((kind,)) + body
        buffer = bytearray(data)
        try:
            raw = take_message(buffer)
            assert raw == data
            message = parse(raw)
            if isinstance(message, Update):
                decode(message.attributes, True, Relation.EXTERNAL)
            elif isinstance(message, Open):
                message.capabilities()
        except BgpError:
            pass
