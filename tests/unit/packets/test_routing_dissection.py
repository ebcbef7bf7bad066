"""OSPF, RIP and BGP in the packet view, held to what tshark says of the same packets."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.dissect import Dissection, dissect
from iosemu.packets.dissect.bgp import bgp
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.ospf import ospf
from iosemu.packets.dissect.rip import rip
from iosemu.packets.errors import MalformedPacket

DATA = Path(__file__).parents[2] / "data" / "kat"


def vectors(name: str) -> list[Any]:
    every = json.loads((DATA / f"kat_{name}.json").read_text())["vectors"]
    wanted = [
        each
        for each in every
        if each.get("link") == "Ethernet"
        and "ipv6" not in each.get("protocols", ())
        and "bgp.nlri_path_id" not in each["fields"]
    ]
    return [pytest.param(each, id=each["name"]) for each in wanted]


def values(found: Dissection, protocol: str, name: str) -> list[str]:
    return [
        field.value
        for layer in found.layers
        if layer.name == protocol
        for field in layer.fields
        if field.name == name
    ]


@pytest.mark.parametrize("vector", vectors("ospf"))
def test_ospf(vector: dict[str, Any]) -> None:
    found, fields = dissect(bytes.fromhex(vector["hex"])), vector["fields"]
    assert found.malformed is None
    assert found.summary.protocol == "OSPF"
    assert values(found, "OSPF", "Source OSPF Router") == fields["ospf.srcrouter"]
    assert values(found, "OSPF", "Area ID") == fields["ospf.area_id"]
    assert f"({fields['ospf.msg'][0]})" in values(found, "OSPF", "Message Type")[0]
    if "ospf.hello.network_mask" in fields:
        assert values(found, "OSPF", "Designated Router") == fields["ospf.hello.designated_router"]
        assert values(found, "OSPF", "Active Neighbor") == fields.get("ospf.hello.active_neighbor", [])
    told = [
        each for layer in found.layers if layer.name == "OSPF" for each in layer.fields if "LSA" in each.name
    ]
    headers = [each for each in told if "Seq 0x" in each.value]
    assert len(headers) == len(fields.get("ospf.lsa.seqnum", []))
    for header, router in zip(headers, fields.get("ospf.advrouter", []), strict=False):
        assert f" of {router}," in header.value


@pytest.mark.parametrize("vector", vectors("rip"))
def test_rip(vector: dict[str, Any]) -> None:
    found, fields = dissect(bytes.fromhex(vector["hex"])), vector["fields"]
    assert found.malformed is None
    assert found.summary.protocol == f"RIPv{fields['rip.version'][0]}"
    entries = values(found, "RIP", "IP Address") + values(found, "RIP", "Whole table")
    assert [each.split("/")[0].split(",")[0] for each in values(found, "RIP", "IP Address")] == fields.get(
        "rip.ip", []
    )
    metrics = [each.partition("Metric ")[2].split(",")[0] for each in entries]
    assert metrics == fields.get("rip.metric", [])


@pytest.mark.parametrize("vector", vectors("bgp"))
def test_bgp(vector: dict[str, Any]) -> None:
    found, fields = dissect(bytes.fromhex(vector["hex"])), vector["fields"]
    assert found.malformed is None
    assert found.summary.protocol == "BGP"
    layers = [layer for layer in found.layers if layer.name == "BGP"]
    if "Part of a message" not in found.summary.info and "Continuation" not in found.summary.info:
        assert len(layers) == len(fields["bgp.type"])
    if "bgp.open.myas" in fields:
        assert values(found, "BGP", "My AS") == fields["bgp.open.myas"]
        assert len(values(found, "BGP", "Capability")) == len(fields.get("bgp.cap.type", []))
    told = [each.split("/")[0] for each in values(found, "BGP", "NLRI")]
    known = fields.get("bgp.nlri_prefix", [])
    assert told == known[: len(told)]


@pytest.mark.parametrize("reader", [ospf, rip, bgp])
@given(data=st.binary(max_size=120))
def test_no_bytes_do_more_than_be_malformed(reader: Any, data: bytes) -> None:
    # a header that is right lets more of the bytes be read
    length = (len(data) + 24).to_bytes(2, "big")
    for lead in (
        b"",
        b"\x02\x04" + length + bytes(20),
        b"\xff" * 16 + (len(data) + 19).to_bytes(2, "big") + b"\x02",
    ):
        builder = DissectionBuilder(lead + data)
        with contextlib.suppress(MalformedPacket):
            reader(builder, lead + data, 0)
