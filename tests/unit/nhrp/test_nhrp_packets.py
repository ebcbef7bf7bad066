"""NHRP messages, held to packets of Cisco's routers."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.gre import GrePacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.nhrp import ETHERTYPE, NhrpPacket

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_nhrp.json").read_text())["vectors"]
NHRP = [each for each in VECTORS if "nhrp.hdr.op.type" in each["fields"]]


def message(vector: dict[str, Any]) -> bytes:
    gre = GrePacket.parse(IPv4Packet.parse(bytes.fromhex(vector["hex"])[14:]).payload)
    assert gre.protocol == ETHERTYPE
    return gre.payload


@pytest.mark.parametrize("vector", NHRP, ids=[each["name"] for each in NHRP])
def test_messages_are_read_and_written_as_they_were(vector: dict[str, Any]) -> None:
    data, fields = message(vector), vector["fields"]
    packet = NhrpPacket.parse(data)
    assert packet.to_bytes() == data
    assert str(packet.kind) == fields["nhrp.hdr.op.type"][0]
    assert str(packet.source_nbma) == fields["nhrp.src.nbma.addr"][0]
    assert str(packet.destination) == fields["nhrp.dst.prot.addr"][0]
    if "nhrp.reqid" in fields:
        assert packet.request_id == int(fields["nhrp.reqid"][0], 16)
        assert packet.flags == int(fields["nhrp.flags"][0], 16)
        assert str(packet.entries[0].holding) == fields["nhrp.htime"][0]


@pytest.mark.parametrize("vector", NHRP, ids=[each["name"] for each in NHRP])
def test_the_packet_view_opens_them(vector: dict[str, Any]) -> None:
    found = dissect(bytes.fromhex(vector["hex"]))
    assert found.malformed is None
    assert found.summary.protocol == "NHRP"
    layer = next(each for each in found.layers if each.name == "NHRP")
    assert f"({vector['fields']['nhrp.hdr.op.type'][0]})" in next(
        each.value for each in layer.fields if each.name == "Packet Type"
    )


@given(st.sampled_from([message(each) for each in NHRP]), st.data())
def test_what_is_damaged_is_refused_or_read(data: bytes, choice: st.DataObject) -> None:
    at = choice.draw(st.integers(0, len(data) - 1))
    damaged = data[:at] + bytes((choice.draw(st.integers(0, 255)),)) + data[at + 1 :]
    for each in (damaged, data[:at]):
        with contextlib.suppress(MalformedPacket):
            NhrpPacket.parse(each)
