"""DHCP messages against captured ones."""

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.dhcp import DhcpMessage, DhcpType, Op, Option, dotted
from iosemu.packets.errors import MalformedPacket

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "kat" / "kat_dhcp.json").read_text()
)["vectors"]
LINK_LAYERS = 14 + 20 + 8


def payload(vector: dict[str, Any]) -> bytes:
    frame = bytes.fromhex(vector["hex"])
    return frame[LINK_LAYERS : 14 + int.from_bytes(frame[16:18], "big")]


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_a_captured_message_reads_and_is_made_again(vector: dict[str, Any]) -> None:
    data, fields = payload(vector), vector["fields"]
    message = DhcpMessage.parse(data)
    assert message.to_bytes(shortest=0) == data
    assert message.op == int(fields["dhcp.type"][0])
    assert message.transaction == int(fields["dhcp.id"][0], 16)
    assert str(message.yours) == fields["dhcp.ip.your"][0]
    assert str(message.relay) == fields["dhcp.ip.relay"][0]
    told = [int(each) for each in fields["dhcp.option.type"] if each not in ("0", "255")]
    assert [code for code, _value in message.options if code] == told


def test_long_options_are_sent_in_parts_and_joined_again() -> None:
    value = bytes(range(256)) + bytes(100)
    message = DhcpMessage(Op.REPLY, 1, bytes(6), ((Option.VENDOR_SPECIFIC, value),))
    again = DhcpMessage.parse(message.to_bytes())
    assert len(again.options) == 2
    assert again.option(Option.VENDOR_SPECIFIC) == value


def test_options_stand_in_the_file_field_too() -> None:
    file = bytes((Option.ROUTER, 4, 10, 0, 0, 1, 255)).ljust(128, b"\0")
    message = DhcpMessage(Op.REPLY, 1, bytes(6), ((Option.OVERLOAD, b"\x01"),), file=file)
    assert DhcpMessage.parse(message.to_bytes()).addresses(Option.ROUTER) == (IPv4Address("10.0.0.1"),)


def test_bootp_has_no_type_and_an_unknown_type_is_none() -> None:
    assert DhcpMessage(Op.REQUEST, 1, bytes(6)).is_bootp
    query = DhcpMessage(Op.REQUEST, 1, bytes(6), ((Option.MESSAGE_TYPE, b"\x0a"),))
    assert query.type is None
    assert not query.is_bootp
    known = DhcpMessage(Op.REQUEST, 1, bytes(6), ((Option.MESSAGE_TYPE, b"\x01"),))
    assert known.type is DhcpType.DISCOVER


@given(st.binary(max_size=400))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    try:
        message = DhcpMessage.parse(data)
    except MalformedPacket:
        return
    assert message.to_bytes(shortest=0) == data


def test_an_option_that_is_cut_off_is_refused() -> None:
    whole = DhcpMessage(Op.REQUEST, 1, bytes(6)).to_bytes(shortest=0)[:-1]
    with pytest.raises(MalformedPacket, match="option 53 is cut off"):
        DhcpMessage.parse(whole + b"\x35\x05\x01")


def test_identifiers_are_written_in_groups() -> None:
    assert dotted(bytes.fromhex("01005079666801")) == "0100.5079.6668.01"
