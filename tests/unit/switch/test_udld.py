"""UDLD: two ports and a cable of two fibres, of which one may break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.udld import HOLD, SLOW, Phase, UdldPort, Verdict
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import Snap
from iosemu.packets.udld import UdldPacket

VECTORS = [
    each
    for each in json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_l2.json").read_text())[
        "vectors"
    ]
    if each["protocols"][-1] == "udld"
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_captured_frames_round_trip(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["hex"])
    ethernet = EthernetFrame.parse(frame)
    packet = UdldPacket.parse(Snap.parse(ethernet.payload).payload)
    assert packet.device == vector["fields"]["udld.device_id"][0]
    assert packet.port == vector["fields"]["udld.sent_through_interface"][0]
    assert packet.to_frame(ethernet.source).to_bytes() == frame
    found = dissect(frame)
    assert found.malformed is None
    assert found.summary.protocol == "UDLD"
    values = {each.name: each.value for each in found.layers[-1].fields}
    assert values["Device ID"] == packet.device
    assert values["Opcode"].endswith(f"({vector['fields']['udld.opcode'][0]})")


@given(st.binary(max_size=80))
def test_other_octets_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedPacket):
        UdldPacket.parse(b"\x21\x00" + data)


class Cable:
    """Two ports, a lab clock, and which direction is broken."""

    def __init__(self, *, aggressive: bool = False) -> None:
        self.now = 0.0
        self.ends = [UdldPort(f"FOC{n}", f"Gi0/{n}", f"SW{n}") for n in (1, 2)]
        self.mute: set[int] = set()
        self.sent: list[tuple[float, int, UdldPacket]] = []
        for end in self.ends:
            end.link(True, 0.0)
            end.configure(True, aggressive, SLOW, 0.0)
        self.settle()

    def settle(self) -> None:
        busy = True
        while busy:
            busy = False
            for n, end in enumerate(self.ends):
                for packet in end.packets():
                    busy = True
                    self.sent.append((self.now, n, packet))
                    if n not in self.mute:
                        self.ends[1 - n].receive(packet, self.now)

    def run(self, until: float) -> None:
        while True:
            due = min((each for end in self.ends if (each := end.next_timer()) is not None), default=None)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            for end in self.ends:
                if end.next_timer() is not None and end.next_timer() <= self.now:  # type: ignore[operator]
                    end.tick(self.now)
            self.settle()
        self.now = until


def test_two_ports_that_hear_each_other() -> None:
    cable = Cable()
    cable.run(60.0)
    for end in cable.ends:
        assert (end.phase, end.verdict) == (Phase.ADVERTISEMENT, Verdict.BIDIRECTIONAL)
        assert end.operational == "Advertisement - Single neighbor detected"
    late = [when for when, n, _packet in cable.sent if n == 0 and when > 10]
    assert late == [15.0, 30.0, 45.0, 60.0]


def test_who_is_not_heard_closes_its_port_and_the_other_does_not_know_why() -> None:
    cable = Cable()
    cable.run(20.0)
    cable.mute = {0}
    cable.run(20.0 + SLOW * (HOLD + 2))
    assert cable.ends[0].closed is Verdict.UNIDIRECTIONAL
    assert cable.ends[0].phase is Phase.SHUTDOWN
    assert cable.ends[1].closed is None


def test_a_neighbor_that_falls_silent_is_no_fault_in_normal_mode() -> None:
    cable = Cable()
    cable.run(20.0)
    cable.mute = {0, 1}
    cable.run(200.0)
    assert [each.verdict for each in cable.ends] == [Verdict.SILENT] * 2
    assert [each.closed for each in cable.ends] == [None, None]
    cable.mute = set()
    cable.run(220.0)
    assert [each.verdict for each in cable.ends] == [Verdict.BIDIRECTIONAL] * 2


def test_aggressive_mode_calls_eight_times_and_closes() -> None:
    cable = Cable(aggressive=True)
    cable.run(20.0)
    cable.mute = {0, 1}
    before = len(cable.sent)
    cable.run(20.0 + SLOW * HOLD + 10)
    assert [each.closed for each in cable.ends] == [Verdict.SILENT] * 2
    calls = [packet for _when, n, packet in cable.sent[before:] if n == 0 and packet.flags]
    assert len(calls) == 8


def test_a_cable_that_leads_back_is_told() -> None:
    port = UdldPort("FOC1", "Gi0/1")
    port.link(True, 0.0)
    port.configure(True, False, SLOW, 0.0)
    (probe,) = port.packets()
    port.receive(probe, 0.0)
    assert port.closed is Verdict.LOOP


def test_a_neighbor_that_hears_somebody_else_is_told() -> None:
    port = UdldPort("FOC1", "Gi0/1")
    port.link(True, 0.0)
    port.configure(True, False, SLOW, 0.0)
    port.receive(UdldPacket(1, "FOC2", "Gi0/2", (("FOC3", "Gi0/3"),)), 1.0)
    for second in range(2, 8):
        port.tick(float(second))
    assert port.closed is Verdict.MISMATCH


def test_a_flush_forgets_and_turning_off_sends_one() -> None:
    cable = Cable()
    cable.run(20.0)
    cable.ends[0].configure(False, False, SLOW, 20.0)
    cable.settle()
    assert cable.ends[1].neighbors == {}
    assert cable.ends[1].phase is Phase.LINK_UP
    assert cable.ends[0].next_timer() is None
