"""What an interface counts, and its load over the last minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

from iosemu.packets.hdlc import HdlcAddress

SAMPLE = 5.0
"""Seconds between two samples of the load, as IOS takes them."""


@dataclass(slots=True)
class Load:
    """Exponentially weighted bits and packets per second, sampled every 5 s; worked out when it is read."""

    interval: float = 300.0
    _bits: float = 0.0
    _packets: float = 0.0
    _start: float = 0.0
    _sample_bits: int = 0
    _sample_packets: int = 0
    _recent: float = 0.0
    _minute: float = 0.0

    def add(self, now: float, octets: int) -> None:
        """Count a frame at lab time `now`."""
        if now - self._start >= SAMPLE:
            self._roll(now)
        self._sample_bits += octets * 8
        self._sample_packets += 1

    def rates(self, now: float) -> tuple[int, int]:
        """Bits per second and packets per second."""
        self._roll(now)
        return round(self._bits), round(self._packets)

    def packet_rates(self, now: float) -> tuple[float, float, float]:
        """Packets per second over the last sample, over a minute and over the interval."""
        self._roll(now)
        return self._recent, self._minute, self._packets

    def _roll(self, now: float) -> None:
        samples = int((now - self._start) // SAMPLE)
        if samples <= 0:
            return
        keep = math.exp(-SAMPLE / self.interval)
        self._bits = self._bits * keep + self._sample_bits / SAMPLE * (1 - keep)
        self._packets = self._packets * keep + self._sample_packets / SAMPLE * (1 - keep)
        minute = math.exp(-SAMPLE / 60)
        self._recent = self._sample_packets / SAMPLE if samples == 1 else 0.0
        self._minute = self._minute * minute + self._sample_packets / SAMPLE * (1 - minute)
        self._minute *= minute ** (samples - 1)
        self._sample_bits = self._sample_packets = 0
        if samples > 1:
            fade = keep ** (samples - 1)
            self._bits *= fade
            self._packets *= fade
        self._start += samples * SAMPLE


@dataclass(slots=True)
class Counters:
    """Since the last clear; octets are those of the frame without FCS."""

    in_packets: int = 0
    in_octets: int = 0
    in_broadcasts: int = 0
    in_multicasts: int = 0
    in_errors: int = 0
    in_runts: int = 0
    in_giants: int = 0
    in_crc: int = 0
    in_ignored: int = 0
    in_drops: int = 0
    in_unknown_protocol: int = 0
    out_packets: int = 0
    out_octets: int = 0
    out_broadcasts: int = 0
    out_multicasts: int = 0
    out_errors: int = 0
    out_drops: int = 0
    resets: int = 0
    transitions: int = 0
    """How often the carrier came or went."""
    last_input: float | None = None
    """Lab time of the last frame in; None: never."""
    last_output: float | None = None
    cleared: float | None = None
    """Lab time of the last `clear counters`; None: never."""
    hdlc: bool = False
    """Its frames are those of a serial line."""
    in_load: Load = field(default_factory=Load)
    out_load: Load = field(default_factory=Load)

    def count_in(self, now: float, frame: bytes) -> None:
        """A frame came in."""
        self.in_packets += 1
        self.in_octets += len(frame)
        if frame[0] & 1:
            if self.hdlc:
                self.in_broadcasts += frame[0] == HdlcAddress.MULTICAST
            elif frame.startswith(b"\xff\xff\xff\xff\xff\xff"):
                self.in_broadcasts += 1
            else:
                self.in_multicasts += 1
        self.last_input = now
        self.in_load.add(now, len(frame))

    def count_out(self, now: float, frame: bytes) -> None:
        """A frame went out."""
        self.out_packets += 1
        self.out_octets += len(frame)
        if frame[0] & 1:
            if self.hdlc:
                self.out_broadcasts += frame[0] == HdlcAddress.MULTICAST
            elif frame.startswith(b"\xff\xff\xff\xff\xff\xff"):
                self.out_broadcasts += 1
            else:
                self.out_multicasts += 1
        self.last_output = now
        self.out_load.add(now, len(frame))

    def clear(self, now: float) -> None:
        """`clear counters`: totals go to zero, the load and the last times stay."""
        for each in fields(self):
            if each.type == "int":
                setattr(self, each.name, 0)
        self.cleared = now
