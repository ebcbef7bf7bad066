"""PAgP: what two ports make of each other, and captured frames."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iosemu.net.pagp import PATIENCE, SLOW_HELLO, PagpPort
from iosemu.packets.addresses import MacAddress
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import Snap
from iosemu.packets.pagp import PagpFlag, PagpPacket, PagpSide

VECTORS = [
    each
    for each in json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_l2.json").read_text())[
        "vectors"
    ]
    if each["protocols"][-1] == "pagp"
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_captured_frames_round_trip(vector: dict[str, Any]) -> None:
    frame, fields = bytes.fromhex(vector["hex"]), vector["fields"]
    ethernet = EthernetFrame.parse(frame)
    packet = PagpPacket.parse(Snap.parse(ethernet.payload).payload)
    assert packet.to_frame(ethernet.source).to_bytes() == frame
    assert (packet.name, packet.port) == (fields["pagp.tlvdevname"][0], fields["pagp.tlvportname"][0])
    assert packet.own.group == int(fields["pagp.localgroupifindex"][0])
    assert packet.partner.port == int(fields["pagp.partnersentportifindex"][0])
    found = dissect(frame)
    assert (found.malformed, found.summary.protocol) == (None, "PAgP")
    for end in range(22, len(frame)):
        dissect(frame[:end])


def test_a_flush_is_no_hello() -> None:
    with pytest.raises(MalformedPacket):
        PagpPacket.parse(b"\x02" + bytes(70))


class Cable:
    """Two ports of two switches, and a lab clock."""

    def __init__(self, *desirable: bool) -> None:
        self.now = 1.0
        self.cut = False
        self.ends = [
            PagpPort(
                PagpSide(MacAddress.from_int(n), 2, 128, n, 0xD0001), 1, wanted, f"S{n}", f"Fa0/{n}", 20 + n
            )
            for n, wanted in enumerate(desirable, 1)
        ]
        self.log: list[tuple[float, int, PagpPacket]] = []
        for end in self.ends:
            end.link_up(1.0)
        self.settle()

    def settle(self) -> None:
        busy = True
        while busy:
            busy = False
            for n, end in enumerate(self.ends):
                end.select(end.partner is not None, self.now)
                for packet in end.packets():
                    busy = True
                    self.log.append((self.now, n, packet))
                    if not self.cut:
                        self.ends[1 - n].receive(packet, self.now)

    def run(self, until: float) -> None:
        while (due := min(each.next_timer() or until + 1 for each in self.ends)) <= until:
            self.now = max(self.now, due)
            for end in self.ends:
                if (end.next_timer() or until + 1) <= self.now:
                    end.tick(self.now)
            self.settle()
        self.now = until


@pytest.mark.parametrize(
    ("modes", "bundled"), [((True, True), True), ((True, False), True), ((False, False), False)]
)
def test_which_modes_make_a_bundle(modes: tuple[bool, bool], bundled: bool) -> None:
    cable = Cable(*modes)
    cable.run(100.0)
    assert [each.bundled for each in cable.ends] == [bundled, bundled]
    if not bundled:
        assert cable.log == []
        return
    last = cable.log[-1][2]
    assert last.flags & (PagpFlag.SLOW_HELLO | PagpFlag.CONSISTENT) == 5
    assert last.own.group
    late = [when for when, n, _packet in cable.log if n == 0 and when > 10]
    assert len(late) <= 4


def test_a_partner_that_falls_silent_is_forgotten() -> None:
    cable = Cable(True, True)
    cable.run(40.0)
    cable.cut = True
    cable.run(40.0 + PATIENCE * SLOW_HELLO)
    assert [each.bundled for each in cable.ends] == [False, False]
    assert [each.interval for each in cable.ends] == [1.0, 1.0]
    cable.cut = False
    cable.run(200.0)
    assert [each.bundled for each in cable.ends] == [True, True]


def test_a_partner_that_speaks_of_another_port_is_none() -> None:
    port = Cable(True, True).ends[0]
    assert port.partner is not None
    other = replace(port.partner, partner=replace(port.partner.partner, port=99))
    port.receive(other, 1.0)
    assert not port.bundled
    port.link_down()
    assert (port.partner, port.next_timer()) == (None, None)
