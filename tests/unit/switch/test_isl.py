"""The questions of a port that could be an ISL trunk come in both encapsulations."""

from __future__ import annotations

import pytest
from switch_lab import Bench

from iosemu.net.link import Direction
from iosemu.packets.addresses import MacAddress
from iosemu.packets.isl import isl_frame

DTP = "01000ccccccc001906eab8850025aaaa0300000c200401000100084c616200000200050400030005400004000a001906eab885"
"""A Catalyst's question, as it was captured; and its copy in ISL."""
ISL = "01000c000000001906eab885004caaaa0300000c00030000000001000ccccccc001906eab8850025aaaa0300000c200401000100084c616200000200050400030005400004000a001906eab885000000000000000000f7a7fe42"  # fmt: skip  # noqa: E501


def test_a_captured_frame() -> None:
    source = MacAddress.from_string("0019.06ea.b885")
    assert isl_frame(source, bytes.fromhex(DTP)).hex() == ISL


@pytest.mark.parametrize(
    ("model_name", "typed", "copies"),
    [
        ("catalyst-3560-24ps", "", True),
        ("catalyst-3560-24ps", "switchport trunk encapsulation dot1q", False),
        ("catalyst-3560-24ps", "switchport mode access", False),
        ("catalyst-2960-24tt", "", False),
    ],
)
def test_who_asks_in_isl(model_name: str, typed: str, copies: bool) -> None:
    bench = Bench()
    left = bench.switch("L", f"interface fa0/1\n {typed}\n" if typed else "", model_name=model_name)
    right, further = bench.switch("R"), bench.switch("F")
    frames: list[bytes] = []
    beyond: list[bytes] = []
    left.ports["FastEthernet0/1"].taps.append(
        lambda way, frame: frames.append(frame) if way is Direction.OUT else None
    )
    further.ports["FastEthernet0/1"].taps.append(lambda _way, frame: beyond.append(frame))
    bench.cable(left, "Fa0/1", right, "Fa0/1")
    bench.cable(right, "Fa0/2", further, "Fa0/1")
    bench.run(70)
    questions = [frame for frame in frames if frame[20:22] == b"\x20\x04"]
    encapsulated = [frame for frame in frames if frame[:5] == bytes.fromhex("01000c0000")]
    assert len(encapsulated) == (len(questions) if copies else 0)
    assert bool(questions) == (typed != "switchport mode access")
    assert all(frame[26:86] in questions for frame in encapsulated)
    assert not any(frame[:5] == bytes.fromhex("01000c0000") for frame in beyond)
