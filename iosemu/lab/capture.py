"""Captures of a running lab: one port, one cable or everything, as a pcapng stream."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from iosemu.lab.lab import Lab
from iosemu.net.capture import CapturedFrame, PcapngSink, Recorder
from iosemu.net.link import Direction, Port, Tap
from iosemu.packets.ethernet import without_tag

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


class _Firsts:
    """Tells a frame that a box sends from the copy that it passes on: a bridge passes on at once.

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
        return arrived is None or arrived != (captured.time, without_tag(captured.frame))

    def detach(self) -> None:
        """Look no longer."""
        for port, tap in self._taps:
            port.taps.remove(tap)


class Capture:
    """Bytes of a pcapng file that grows with the lab.

    Under `all` every frame stands once, where it was first sent; under `cables` once for every cable it passed.
    """

    def __init__(self, lab: Lab, target: str) -> None:
        ports = chosen_ports(lab, target)
        self._lab = lab
        self._buffer = io.BytesIO()
        origin = round((lab.origin - _EPOCH).total_seconds() * 1e9)
        self._sink = PcapngSink(self._buffer, origin, comment=f"lab {lab.name}, {target}")
        self._firsts = _Firsts(lab) if target == "all" else None
        self._recorder = Recorder(lambda: lab.scheduler.now, limit=0)
        self._recorder.listeners.append(self._take)
        for port, direction in ports:
            self._recorder.attach(port, direction=direction)
        self._sink.announce(port.name for port, _ in ports)
        self._closed = False
        lab.captures.add(self)

    def _take(self, captured: CapturedFrame) -> None:
        if self._firsts is None or self._firsts.sends(captured):
            self._sink.write(captured)

    def read(self) -> bytes:
        """What was added since the last call."""
        data = self._buffer.getvalue()
        if data:
            self._buffer.seek(0)
            self._buffer.truncate()
        return data

    def close(self) -> None:
        """Stop; the last bytes can still be read."""
        if not self._closed:
            self._closed = True
            self._lab.captures.discard(self)
            self._recorder.detach()
            if self._firsts is not None:
                self._firsts.detach()
            self._sink.close(self._lab.scheduler.now)
