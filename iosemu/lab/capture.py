"""Captures of a running lab: one port, one cable or everything, as a pcapng stream."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from iosemu.lab.lab import Lab
from iosemu.net.capture import PcapngSink, Recorder
from iosemu.net.link import Direction, Port

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def chosen_ports(lab: Lab, target: str) -> list[tuple[Port, Direction | None]]:
    """The ports to tap for `all`, `R-A:Fa0/0` (that port) or `R-A` (every port of a device).

    Every cable is tapped once: under `all` each frame is recorded where it is sent.
    Raises LabError for a device or port that does not exist.
    """
    if target == "all":
        return [(end, Direction.OUT) for link in lab.links for end in link.ends]
    if target in lab.devices:
        return [(port, None) for port in lab.devices[target].ports.values() if port.link is not None]
    name, port_name = lab.topology.endpoint(target)
    return [(lab.devices[name].ports[port_name], None)]


class Capture:
    """Bytes of a pcapng file that grows with the lab."""

    def __init__(self, lab: Lab, target: str) -> None:
        ports = chosen_ports(lab, target)
        self._lab = lab
        self._buffer = io.BytesIO()
        origin = round((lab.origin - _EPOCH).total_seconds() * 1e9)
        self._sink = PcapngSink(self._buffer, origin, comment=f"lab {lab.name}, {target}")
        self._recorder = Recorder(lambda: lab.scheduler.now, limit=0)
        self._recorder.listeners.append(self._sink.write)
        for port, direction in ports:
            self._recorder.attach(port, direction=direction)
        self._sink.announce(port.name for port, _ in ports)
        self._closed = False

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
            self._recorder.detach()
            self._sink.close(self._lab.scheduler.now)
