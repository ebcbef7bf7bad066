"""EIGRP in the packet view."""

import json
from pathlib import Path

from iosemu.packets.dissect import dissect

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_eigrp.json").read_text())["vectors"]


def test_captured_packets_are_taken_apart() -> None:
    seen = 0
    for each in VECTORS:
        if each["protocols"][:3] != ["eth", "ip", "eigrp"]:
            continue
        found = dissect(bytes.fromhex(each["hex"]))
        assert found.malformed is None
        assert found.summary.protocol == "EIGRP"
        assert f"AS {each['fields']['eigrp.as'][0]} " in found.summary.info
        seen += 1
    assert seen > 20
