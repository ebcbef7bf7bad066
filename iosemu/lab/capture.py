"""Captures of a running lab: one port, one cable or everything, as a pcapng stream or as lines of text."""

from __future__ import annotations

import io
import typing
from collections import deque
from collections.abc import Callable, MutableSet, Sequence
from datetime import UTC, datetime
from typing import Any

from iosemu.box.interface_types import short_name
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.net.capture import CapturedFrame, PcapngSink, Recorder
from iosemu.net.link import Direction, Port, Tap
from iosemu.net.packet_filter import FilterError, PacketFilter, Seen
from iosemu.net.rewrite import ends_of
from iosemu.net.scheduler import Scheduler
from iosemu.net.signal import Signal
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, without_tag
from iosemu.packets.ipv4 import IPv4Packet, Protocol

LIMIT = 32 * 2**20
"""Octets that wait for a slow reader; frames that come when it is full are dropped and counted."""
_IKE_PORTS = {500, 4500}
LINES = 10_000
"""Lines of text that wait for a slow reader."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_of(lab: CapturedLab) -> int:
    """Lab time zero in nanoseconds since 1970."""
    return round((lab.origin - _EPOCH).total_seconds() * 1e9)


def chosen_ports(lab: Lab, target: str) -> list[tuple[Port, Direction | None]]:
    """The ports to tap for `all`, `cables`, `R-A:Fa0/0` (that port) or `R-A` (every port of a device).

    Raises LabError for a device or port that does not exist.
    """
    if target in ("all", "cables"):
        return [(end, Direction.OUT) for link in lab.links for end in link.ends]
    if target in lab.devices:
        return [(port, None) for port in lab.devices[target].ports.values() if port.link is not None]
    name, port_name = lab.topology.endpoint(target)
    return [(lab.devices[name].ports[port_name], None)]


class Firsts:
    """Tells where a frame is first sent from where it is sent on, which happens at the same lab time.

    A bridge sends frames on; a router does so with IKE and IPsec between others, translated or not.

    Copies must not stand in a capture of everything: an analyser takes them for repeated messages, and
    deciphers IKE's chained CBC blocks (RFC 2409 appendix B) wrongly after the first copy.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._arrived: dict[str, tuple[float, bytes]] = {}
        self._taps: list[tuple[Port, Tap]] = []
        for device in lab.devices.values():
            for port in device.ports.values():
                if port.link is not None:
                    self._watch(port, device.name)

    def _watch(self, port: Port, device: str) -> None:
        def tap(direction: Direction, frame: bytes) -> None:
            if direction is Direction.IN:
                self._arrived[device] = (self._lab.scheduler.now, without_tag(frame))

        port.taps.append(tap)
        self._taps.append((port, tap))

    def sends(self, captured: CapturedFrame) -> bool:
        """Whether the frame began its way here."""
        arrived = self._arrived.get(captured.port.partition(":")[0])
        if arrived is None or arrived[0] != captured.time:
            return True
        frame = without_tag(captured.frame)
        if arrived[1] == frame:
            return False
        secret = _secret(frame)
        return secret is None or secret != _secret(arrived[1])

    def detach(self) -> None:
        """Stop watching."""
        for port, tap in self._taps:
            port.taps.remove(tap)


def _secret(frame: bytes) -> tuple[int, bytes] | None:
    """What an IPsec or ISAKMP packet carries whoever forwards it, with its identification; None for all others."""
    try:
        packet = IPv4Packet.parse(EthernetFrame.parse(frame).payload, verify=False)
    except MalformedPacket:
        return None
    if packet.protocol in (Protocol.ESP, Protocol.AH):
        return packet.identification, packet.payload
    if packet.protocol != Protocol.UDP or packet.fragment_offset:
        return None
    ends = ends_of(packet)
    if ends is None or not _IKE_PORTS & {ends.source_port, ends.destination_port}:
        return None
    return packet.identification, packet.payload[8:]


def filter_of(expression: str) -> PacketFilter | None:
    """The filter of a capture; None for an empty one. Raises LabError for a wrong one."""
    try:
        return PacketFilter(expression) if expression.strip() else None
    except FilterError as error:
        raise LabError(f"filter: {error}") from error


def fits(filter_: PacketFilter, captured: CapturedFrame, number: int) -> bool:
    """Whether a filter lets a frame through, the `number`th that came to it."""
    seen = Seen(dissect(captured.frame, framing=captured.framing), captured.port, number, len(captured.frame))
    return bool(filter_(seen))


class Captured(typing.Protocol):
    """What reads frames of a lab, and ends when the lab is put back."""

    def close(self) -> None:
        """Stop; closing twice does no harm."""
        ...


class CapturedLab(typing.Protocol):
    """What a capture wants to know of a lab, whole or cut."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def origin(self) -> datetime:
        """Lab time zero (aware)."""
        ...

    @property
    def scheduler(self) -> Scheduler:
        """Holds lab time."""
        ...

    @property
    def captures(self) -> MutableSet[Any]:
        """Those that are open."""
        ...


class Source(typing.Protocol):
    """Frames of a lab as they pass."""

    @property
    def ports(self) -> Sequence[tuple[Port, Direction | None]]:
        """Where they are taken."""
        ...

    @property
    def arrived(self) -> Signal:
        """There was one."""
        ...

    def close(self) -> bool:
        """Stop; returns False when it was closed before."""
        ...


MakeSource = Callable[[Any, str, str, Callable[[CapturedFrame], None]], Source]
"""Makes the source for a lab, a target, a filter, and whoever takes the frames."""


class FrameSource:
    """Frames of a lab as they pass, after a filter, handed to `take`.

    Under `all` every frame comes once, where it was first sent; under `cables` once for every cable it passed.
    Raises LabError for a wrong target or filter.
    """

    def __init__(self, lab: Lab, target: str, expression: str, take: Callable[[CapturedFrame], None]) -> None:
        self._filter = filter_of(expression)
        self.ports = chosen_ports(lab, target)
        self._take = take
        self.arrived = Signal()
        """A frame was handed to `take`."""
        self._number = 0
        self._firsts = Firsts(lab) if target == "all" else None
        self._recorder = Recorder(lambda: lab.scheduler.now, limit=0)
        self._recorder.listeners.append(self._pass)
        for port, direction in self.ports:
            self._recorder.attach(port, direction=direction)
        self._closed = False

    def _pass(self, captured: CapturedFrame) -> None:
        if self._firsts is not None and not self._firsts.sends(captured):
            return
        self._number += 1
        if self._filter is not None and not fits(self._filter, captured, self._number):
            return
        self._take(captured)
        self.arrived.emit()

    def close(self) -> bool:
        """Stop; returns False when it was closed before."""
        if self._closed:
            return False
        self._closed = True
        self._recorder.detach()
        if self._firsts is not None:
            self._firsts.detach()
        return True


class Capture:
    """Bytes of a pcapng file that grows with the lab.

    Up to `limit` octets wait to be read; what comes when they are not read is dropped, and the file says how
    many frames that were: with the next frame, and in the counters at its end.
    """

    def __init__(
        self,
        lab: CapturedLab,
        target: str,
        expression: str = "",
        limit: int = LIMIT,
        source: MakeSource | None = None,
    ) -> None:
        self._lab = lab
        self._buffer = io.BytesIO()
        self._limit = limit
        self._missing = 0
        self.dropped = 0
        """Frames that the file lacks."""
        made = (source or FrameSource)(lab, target, expression, self._take)  # type: ignore[arg-type]
        about = f", filter {expression.strip()}" if expression.strip() else ""
        self._sink = PcapngSink(self._buffer, epoch_of(lab), comment=f"lab {lab.name}, {target}{about}")
        for port, _ in made.ports:
            self._sink.announce([port.name], {port.name: _far(port)}, port.framing)
        self._source = made
        lab.captures.add(self)

    def _take(self, captured: CapturedFrame) -> None:
        if self._buffer.tell() >= self._limit:
            self._missing += 1
            self.dropped += 1
            return
        self._sink.write(captured, dropped=self._missing)
        self._missing = 0

    @property
    def arrived(self) -> Signal:
        """Emitted when there is more to read."""
        return self._source.arrived

    def read(self) -> bytes:
        """What was added since the last call."""
        data = self._buffer.getvalue()
        if data:
            self._buffer.seek(0)
            self._buffer.truncate()
        return data

    def close(self) -> None:
        """Stop; the last bytes can still be read."""
        if self._source.close():
            self._lab.captures.discard(self)
            self._sink.close(self._lab.scheduler.now, self.dropped)


def _far(port: Port) -> str:
    """What a file says about an interface: where its cable leads."""
    if port.link is None:
        return ""
    name, _, far = port.link.other(port).name.partition(":")
    return f"to {name}:{short_name(far)}"


class TextWatch:
    """A line of text for each frame."""

    def __init__(
        self, lab: CapturedLab, target: str, expression: str = "", source: MakeSource | None = None
    ) -> None:
        self._lines: deque[str] = deque(maxlen=LINES)
        self._lost = 0
        self._number = 0
        self._lab = lab
        self._source: Source = (source or FrameSource)(lab, target, expression, self._take)  # type: ignore[arg-type]
        lab.captures.add(self)

    def _take(self, captured: CapturedFrame) -> None:
        self._number += 1
        self._lost += len(self._lines) == LINES
        seen = dissect(captured.frame, framing=captured.framing).summary
        name, _, port = captured.port.partition(":")
        self._lines.append(
            f"{self._number:>5} {captured.time:>13.6f}  {f'{name}:{short_name(port)}':<14} "
            f"{seen.source:>17} → {seen.destination:<17} {seen.protocol:<7} {seen.info}".rstrip()
        )

    @property
    def arrived(self) -> Signal:
        """Emitted when there is another line."""
        return self._source.arrived

    @property
    def ready(self) -> bool:
        """There is a line."""
        return bool(self._lines)

    def lines(self) -> list[str]:
        """The lines since the last call."""
        lines = list(self._lines)
        self._lines.clear()
        if self._lost:
            lines.insert(0, f"[{self._lost} frames were not shown]")
            self._lost = 0
        return lines

    def close(self) -> None:
        """Stop; nothing more is shown."""
        self._lab.captures.discard(self)
        self._source.close()
