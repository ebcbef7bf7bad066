"""What passed on the cables of a lab, kept for its pages: decoded once, however many look."""

from __future__ import annotations

from typing import Any

from iosemu.lab.capture import Firsts, chosen_ports
from iosemu.lab.decryptor import decryptor_of
from iosemu.lab.lab import Lab
from iosemu.lab.page.traffic import kind_of
from iosemu.net.capture import CapturedFrame, Recorder
from iosemu.packets.framing import Framing, carried
from iosemu.server.packet_view.frames import DecodedFrames, Row
from iosemu.subjects.crypto.service.engine import CryptoEngine

LIMIT = 10_000
"""Frames that are kept, each once for every cable that it passed."""
STATES = 2000
"""IKE messages whose states are remembered."""
BATCH = 250
"""Frames that are decoded in one go."""


def cookie_of(frame: bytes, framing: Framing = Framing.ETHERNET) -> bytes:
    """The initiator's cookie of an ISAKMP message in a frame; empty where it has none."""
    if kind_of(frame, framing) != "isakmp":
        return b""
    _ethertype, at = carried(frame, framing)
    at += (frame[at] & 15) * 4
    wrapped = b"\x11\x94" in (frame[at : at + 2], frame[at + 2 : at + 4])  # UDP 4500
    begin = at + (12 if wrapped else 8)
    return frame[begin : begin + 8]


class Tape:
    """Records every cable between `attach` and `detach`; `rows` are decoded with the lab's keys."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._firsts: Firsts | None = None
        self._begun: set[int] = set()
        """Numbers of the frames that began their way where they were recorded."""
        self.states: dict[int, dict[str, str]] = {}
        """By number of an IKE message: state of its SA at each device, when the message was sent."""
        self.recorder = Recorder(lambda: lab.scheduler.now, LIMIT)
        self.recorder.listeners.append(self._note)
        self.decoded = DecodedFrames(lambda: self.recorder, decryptor_of(lab))
        self._plain: DecodedFrames | None = None
        self.ends: dict[str, tuple[int, int]] = {}
        """Cable and its end, by the name of the port."""
        for number, link in enumerate(lab.links):
            for side, end in enumerate(link.ends):
                self.ends[end.name] = (number, side)

    def attach(self) -> None:
        """Begin to record."""
        if self._firsts is None:
            self._firsts = Firsts(self._lab)
            for port, direction in chosen_ports(self._lab, "cables"):
                self.recorder.attach(port, direction=direction)

    def detach(self) -> None:
        """Record no more; what is kept stays."""
        if self._firsts is not None:
            self.recorder.detach()
            self._firsts.detach()
            self._firsts = None

    def _note(self, captured: CapturedFrame) -> None:
        if self._firsts is not None and self._firsts.sends(captured):
            self._begun.add(captured.number)
            cookie = cookie_of(captured.frame, captured.framing)
            if cookie:
                self._note_states(captured.number, cookie)
        if len(self._begun) > 2 * LIMIT:
            self._begun = {number for number in self._begun if number > captured.number - LIMIT}

    def _note_states(self, number: int, cookie: bytes) -> None:
        found = {}
        for name, device in self._lab.devices.items():
            crypto = device.find(CryptoEngine) if device.powered else None
            for sa in crypto.ike.sas if crypto is not None else ():
                if sa.cookie_i == cookie:
                    found[name] = sa.state.value
            for known in crypto.ikev2.engine.sas if crypto is not None else ():
                if known.spi_i == cookie:
                    found[name] = known.state.value
        if found:
            self.states[number] = found
            if len(self.states) > STATES:
                del self.states[next(iter(self.states))]

    def begins(self, captured: CapturedFrame) -> bool:
        """Whether a frame began its way there, and was not forwarded by a switch or a sniffer."""
        return captured.number in self._begun

    def frames(self, *, opened: bool) -> DecodedFrames:
        """The decoded frames, with what keys open or as they were on the wire."""
        if opened:
            return self.decoded
        if self._plain is None:
            self._plain = DecodedFrames(lambda: self.recorder, None)
        return self._plain

    def poll(self) -> bool:
        """Decode some of what is new; tells whether there is more."""
        more = False
        for frames in (self.decoded, self._plain):
            if frames is not None:
                frames.poll(BATCH)
                more = more or frames.seen < self.recorder.received
        return more


def summary_of(tape: Tape, row: Row) -> list[Any]:
    """A row of the page's list: number, time, port, source, destination, protocol, info, event, opened, cable, end."""
    said, captured = row.dissection.summary, row.captured
    link, side = tape.ends.get(captured.port, (-1, 0))
    return [row.number, round(captured.time, 6), captured.port, said.source, said.destination, said.protocol, said.info,
            row.event, row.opened, link, side]  # fmt: skip


def details_of(tape: Tape, row: Row) -> dict[str, Any]:
    """A frame layer by layer, with its octets."""
    captured, found = row.captured, row.dissection
    link, side = tape.ends.get(captured.port, (-1, 0))
    return {
        "number": row.number,
        "time": captured.time,
        "port": captured.port,
        "link": link,
        "side": side,
        "frame": captured.frame.hex(),
        "clear": found.decrypted.hex(),
        "malformed": found.malformed,
        "layers": [
            {
                "name": layer.name,
                "decrypted": layer.decrypted,
                "start": layer.start,
                "end": layer.end,
                "fields": [[each.name, each.value, each.start, each.end] for each in layer.fields],
            }
            for layer in found.layers
        ],
    }
