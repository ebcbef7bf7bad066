"""DHCP taken apart, against Wireshark's reading of the same frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iosemu.net.packet_filter import PacketFilter, Seen
from iosemu.packets.dhcp import DhcpType
from iosemu.packets.dissect import dissect

KAT = Path(__file__).parents[2] / "data" / "kat" / "kat_dhcp.json"
VECTORS = [
    each
    for each in json.loads(KAT.read_text())["vectors"]
    if each["fields"].get("dhcp.option.dhcp", ["0"])[0] in ("1", "2", "3", "5")
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_field_is_what_wireshark_reads(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["hex"])
    found = dissect(frame)
    assert found.malformed is None
    layer = next(each for each in found.layers if each.name == "DHCP")
    values = {each.name: each for each in layer.fields}
    fields: dict[str, list[str]] = vector["fields"]
    assert values["Your IP Address (yiaddr)"].value == fields["dhcp.ip.your"][0]
    assert values["Client Hardware Address"].value.replace(".", "") == fields["dhcp.hw.mac_addr"][0].replace(
        ":", ""
    )
    kind = int(fields["dhcp.option.dhcp"][0])
    shown = values["DHCP Message Type"]
    assert shown.value == (f"{DhcpType(kind).name} ({kind})" if kind in set(DhcpType) else f"0x{kind:02x}")
    assert frame[shown.start : shown.end] == bytes((53, 1, kind))
    for name, field in (("Server Identifier", "server_id"), ("Requested IP Address", "requested_ip_address")):
        server = "dhcp.option.dhcp_server_id" if field == "server_id" else f"dhcp.option.{field}"
        assert (values[name].value if name in values else None) == fields.get(server, [None])[0]
    if "dhcp.option.request_list_item" in fields:
        asked = values["Parameter Request List"]
        assert len(asked.value.split(", ")) == len(fields["dhcp.option.request_list_item"])
        assert frame[asked.start] == 55
    assert found.summary.protocol == "DHCP"
    seen = Seen(found, "PC1:Fa0", 1, len(frame))
    assert PacketFilter("dhcp and udp")(seen)
    assert not PacketFilter("ospf or bgp or hsrp")(seen)


def test_what_is_cut_off_is_malformed() -> None:
    frame = bytes.fromhex(VECTORS[0]["hex"])
    for length in range(43, len(frame), 37):
        assert dissect(frame[:length]).malformed is not None
