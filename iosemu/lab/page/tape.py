"""What passed on the cables of a lab, kept for its pages: decoded once, however many look."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from iosemu.lab.capture import Firsts, chosen_ports
from iosemu.lab.decryptor import decryptor_of
from iosemu.lab.lab import Lab
from iosemu.lab.page.party_states import Parties, Sampler, cookie_of
from iosemu.net.capture import CapturedFrame, Recorder
from iosemu.server.packet_view.frames import DecodedFrames, PastFrames, Row

LIMIT = 10_000
"""Frames that a list has, each once for every cable that it passed; so many are kept however old they are."""
SECONDS = 1800.0
"""Lab seconds for which frames are kept."""
OCTETS = 64 * 2**20
"""Of memory that they may take."""
FRAMES = 400_000
WINDOW, BEFORE = 4000, 400
"""Frames that are shown around a moment of the past, and how many of them were before it."""
STATES = 5000
"""Messages of exchanges whose states are remembered."""
SETTLED = 0.02
"""Lab seconds after which a message has been worked on where nobody answers."""
BATCH = 250
"""Frames that are decoded in one go."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message whose receivers have yet to work on it."""

    number: int
    time: float
    exchange: Hashable
    sample: Sampler


class Tape:
    """Records every cable between `attach` and `detach`; `rows` are decoded with the lab's keys."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._firsts: Firsts | None = None
        self._begun: set[int] = set()
        """Numbers of the frames that began their way where they were recorded."""
        self.states: dict[int, dict[str, str]] = {}
        """By number of a message of an exchange: the state of each party when it was sent."""
        self.after: dict[int, dict[str, str]] = {}
        """The same when it had been worked on."""
        self._waiting: deque[_Sent] = deque()
        self.recorder = Recorder(
            lambda: lab.scheduler.now, FRAMES, seconds=SECONDS, octets=OCTETS, least=LIMIT
        )
        self.recorder.listeners.append(self._note)
        self.decoded = DecodedFrames(lambda: self.recorder, decryptor_of(lab), LIMIT, cookie_of)
        self._plain: DecodedFrames | None = None
        self.ends: dict[str, tuple[int, int]] = {}
        """Cable and its end, by the name of the port."""
        for number, link in enumerate(lab.links):
            for side, end in enumerate(link.ends):
                self.ends[end.name] = (number, side)
        far = {end.name: link.ends[1 - side].name for link in lab.links for side, end in enumerate(link.ends)}
        self.parties = Parties(lab, far)

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
            self._waiting.clear()

    def _note(self, captured: CapturedFrame) -> None:
        waiting = self._waiting
        while waiting and captured.time - waiting[0].time >= SETTLED:
            self._settle(waiting.popleft())
        if self._firsts is not None and self._firsts.sends(captured):
            self._begun.add(captured.number)
            party = self.parties.of(captured.frame, captured.port)
            if party is not None:
                self._note_states(captured, *party)
        if len(self._begun) > 1.5 * len(self.recorder) + LIMIT:
            oldest = self.recorder.received - len(self.recorder)
            self._begun = {number for number in self._begun if number > oldest}

    def _note_states(self, captured: CapturedFrame, exchange: Hashable, sample: Sampler) -> None:
        for each in [each for each in self._waiting if each.exchange == exchange]:
            self._waiting.remove(each)
            self._settle(each)
        found = sample()
        self._keep(self.states, captured.number, found)
        self._waiting.append(_Sent(captured.number, captured.time, exchange, sample))

    def _settle(self, sent: _Sent) -> None:
        self._keep(self.after, sent.number, sent.sample())

    @staticmethod
    def _keep(states: dict[int, dict[str, str]], number: int, found: dict[str, str]) -> None:
        if found:
            states[number] = found
            if len(states) > STATES:
                del states[next(iter(states))]

    def states_after(self, number: int) -> dict[str, str]:
        """The states after a message; of one that is being worked on, those of now."""
        for each in self._waiting:
            if each.number == number:
                return each.sample()
        return self.after.get(number, {})

    def settle(self) -> None:
        """Read the states after what was sent a while ago and not followed by anything."""
        while self._waiting and self._lab.scheduler.now - self._waiting[0].time >= SETTLED:
            self._settle(self._waiting.popleft())

    def begins(self, captured: CapturedFrame) -> bool:
        """Whether a frame began its way there, and was not forwarded by a switch or a sniffer."""
        return captured.number in self._begun

    def frames(self, *, opened: bool) -> DecodedFrames:
        """The decoded frames, with what keys open or as they were on the wire."""
        if opened:
            return self.decoded
        if self._plain is None:
            self._plain = DecodedFrames(lambda: self.recorder, None, LIMIT)
        return self._plain

    def past(self, when: float, *, opened: bool) -> PastFrames:
        """The frames around a lab time, to be decoded portion by portion."""
        decryptor = self.decoded.decryptor if opened else None
        return PastFrames(lambda: self.recorder, decryptor, self.recorder.around(when, BEFORE, WINDOW))

    def span(self) -> tuple[float, float]:
        """Lab times between which frames are kept."""
        return self.recorder.span() if len(self.recorder) else (0.0, 0.0)

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
