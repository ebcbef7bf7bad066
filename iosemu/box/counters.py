"""What an interface counts, and its load over the last minutes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from functools import lru_cache

from iosemu.packets.framing import Framing, carried
from iosemu.packets.hdlc import HdlcAddress

IP = b"\x08\x00"
_ETHERNET = Framing.ETHERNET  # a name of the module is found sooner, and each frame asks for it
_TAG = b"\x81\x00"
_BROADCAST = b"\xff" * 6
_PROTOCOLS = {
    IP: "IP",
    b"\x08\x06": "ARP",
    b"\x60\x01": "DEC MOP",
    b"\x60\x02": "DEC MOP",
    b"\x86\xdd": "IPv6",
    b"\x88\xcc": "LLDP",
}
"""What `show interfaces accounting` calls the types of frames."""
_LLC = {
    b"\xaa\xaa\x03\x00\x00\x0c\x20\x00": "CDP",
    b"\xaa\xaa\x03\x00\x00\x0c\x01\x0b": "Spanning Tree",
}
"""SNAP headers of what is not named by a type."""
_CDP = (0x2000, 0x0207)
"""On serial lines: by EtherType, and as a protocol of PPP."""
ACCOUNTED = ("Other", "IP", "DEC MOP", "Spanning Tree", "ARP", "CDP", "LLDP", "IPv6")
"""The rows of `show interfaces accounting`, in their order."""


def protocol_of(frame: bytes, framing: Framing = Framing.ETHERNET) -> str:
    """What a frame is accounted as; a tag is looked behind."""
    if framing is not _ETHERNET:
        number = carried(frame, framing)[0]
        return "CDP" if number in _CDP else _PROTOCOLS.get(number.to_bytes(2), "Other")
    kind = frame[12:14]
    name = _PROTOCOLS.get(kind)
    if name is not None:
        return name
    start = 14
    if kind == _TAG:
        name = _PROTOCOLS.get(frame[16:18])
        if name is not None:
            return name
        start = 18
    if frame[start - 2] > 5:  # a type, not a length
        return "Other"
    if frame[start : start + 3] == b"\x42\x42\x03":
        return "Spanning Tree"
    return _LLC.get(frame[start : start + 8], "Other")


SAMPLE = 5.0
"""Seconds between two samples of the load, as IOS takes them."""


_MINUTE = math.exp(-SAMPLE / 60)
"""What is left after a sample of what was, in an average over a minute."""


@lru_cache(maxsize=256)
def _kept(interval: float) -> float:
    """The same, in one over `interval` seconds."""
    return math.exp(-SAMPLE / interval)


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

    def share(self, now: float, bandwidth: int) -> int:
        """What is used of a bandwidth in kbit/s, in 255ths, never less than one."""
        return min(255, max(1, self.rates(now)[0] * 255 // (bandwidth * 1000)))

    def packet_rates(self, now: float) -> tuple[float, float, float]:
        """Packets per second over the last sample, over a minute and over the interval."""
        self._roll(now)
        return self._recent, self._minute, self._packets

    def _roll(self, now: float) -> None:
        samples = int((now - self._start) // SAMPLE)
        if samples <= 0:
            return
        keep = _kept(self.interval)
        packets = self._sample_packets / SAMPLE
        self._bits = self._bits * keep + self._sample_bits / SAMPLE * (1 - keep)
        self._packets = self._packets * keep + packets * (1 - keep)
        self._minute = self._minute * _MINUTE + packets * (1 - _MINUTE)
        self._sample_bits = self._sample_packets = 0
        if samples == 1:
            self._recent = packets
        else:
            fade = keep ** (samples - 1)
            self._recent = 0.0
            self._minute *= _MINUTE ** (samples - 1)
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
    framing: Framing = Framing.ETHERNET
    """What its frames are."""
    in_switched: int = 0
    """Of those that came in: how many were passed on without a process (`show interfaces stats`)."""
    in_switched_octets: int = 0
    out_switched: int = 0
    out_switched_octets: int = 0
    protocols: dict[str, list[int]] = field(default_factory=dict)
    """By protocol: packets and octets in, packets and octets out."""
    in_load: Load = field(default_factory=Load)
    out_load: Load = field(default_factory=Load)

    def _account(self, name: str) -> list[int]:
        row = self.protocols[name] = [0, 0, 0, 0]
        return row

    # Each frame is counted at both ends of its cable: the two below have their parts written out.

    def count_in(self, now: float, frame: bytes, protocol: str | None = None) -> None:
        """A frame came in; `protocol` is what to account it as when the octets do not say so."""
        octets = len(frame)
        name = protocol or protocol_of(frame, self.framing)
        row = self.protocols.get(name) or self._account(name)
        row[0] += 1
        row[1] += octets
        self.in_packets += 1
        self.in_octets += octets
        if frame[0] & 1:
            if self.framing is not _ETHERNET:
                self.in_broadcasts += self.framing is Framing.HDLC and frame[0] == HdlcAddress.MULTICAST
            elif frame[:6] == _BROADCAST:
                self.in_broadcasts += 1
            else:
                self.in_multicasts += 1
        self.last_input = now
        load = self.in_load
        if now - load._start >= SAMPLE:
            load._roll(now)
        load._sample_bits += octets * 8
        load._sample_packets += 1

    def count_out(self, now: float, frame: bytes, protocol: str | None = None) -> None:
        """A frame went out; `protocol` as for `count_in`."""
        octets = len(frame)
        name = protocol or protocol_of(frame, self.framing)
        row = self.protocols.get(name) or self._account(name)
        row[2] += 1
        row[3] += octets
        self.out_packets += 1
        self.out_octets += octets
        if frame[0] & 1:
            if self.framing is not _ETHERNET:
                self.out_broadcasts += self.framing is Framing.HDLC and frame[0] == HdlcAddress.MULTICAST
            elif frame[:6] == _BROADCAST:
                self.out_broadcasts += 1
            else:
                self.out_multicasts += 1
        self.last_output = now
        load = self.out_load
        if now - load._start >= SAMPLE:
            load._roll(now)
        load._sample_bits += octets * 8
        load._sample_packets += 1

    def clear(self, now: float) -> None:
        """`clear counters`: totals go to zero, the load and the last times stay."""
        for each in fields(self):
            if each.type == "int":
                setattr(self, each.name, 0)
        self.protocols.clear()
        self.cleared = now
