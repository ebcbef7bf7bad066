"""MST BPDUs as Catalysts send them, and the digest by which bridges know their region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.mst_region import Region
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.stp import Bpdu, BridgeId, parse_frame

VECTORS = [
    each
    for each in json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_l2.json").read_text())[
        "vectors"
    ]
    if "mstp.version_3_length" in each["fields"]
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_captured_frames_round_trip(vector: dict[str, Any]) -> None:
    frame, fields = bytes.fromhex(vector["hex"]), vector["fields"]
    bpdu, _vlan = parse_frame(EthernetFrame.parse(frame))
    assert isinstance(bpdu, Bpdu)
    assert bpdu.region is not None
    region = bpdu.region
    assert region.identifier.name == fields.get("mstp.config_name", [""])[0]
    assert region.identifier.digest.hex(":") == fields["mstp.config_digest"][0]
    assert str(region.cost) == fields["mstp.cist_internal_root_path_cost"][0]
    assert str(region.hops) == fields["mstp.cist_remaining_hops"][0]
    assert [str(each.instance) for each in region.records] == fields["mstp.msti.msti_id"]
    assert [str(each.cost) for each in region.records] == fields["mstp.msti.root_cost"]
    assert [f"{each.flags:#04x}" for each in region.records] == fields["mstp.msti.flags"]
    assert frame.endswith(bpdu.to_bytes())
    found = dissect(frame)
    assert found.malformed is None
    assert found.summary.info.startswith("MST. ")
    values = {each.name: each.value for each in found.layers[-1].fields}
    assert values["MST Config digest"] == region.identifier.digest.hex()


@pytest.mark.parametrize(
    ("instances", "digest"),
    [
        ({}, "ac36177f50283cd4b83821d8ab26de62"),  # IEEE 802.1Q-2005 table 13-2
        ({1: {10}, 2: {20}}, "9357ebb7a8d74dd5fef4f2bab50531aa"),  # the captured region
    ],
)
def test_the_digest_is_that_of_real_switches(instances: dict[int, set[int]], digest: str) -> None:
    region = Region("", 0, {number: frozenset(vlans) for number, vlans in instances.items()})
    assert region.digest.hex() == digest


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(data: bytes) -> None:
    try:
        bpdu = Bpdu.parse(b"\0\0\x03\x02" + data)
    except MalformedPacket:
        return
    assert isinstance(bpdu, Bpdu)
    if bpdu.region is not None and bpdu.region.identifier.name.isascii():
        assert isinstance(BridgeId.from_int(int(bpdu.region.bridge)), BridgeId)
        assert Bpdu.parse(bpdu.to_bytes()) == bpdu
