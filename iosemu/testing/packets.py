"""Captures for tests: the packets as objects, and the same as a pcapng file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from iosemu.lab.capture import Capture
from iosemu.lab.lab import Lab
from iosemu.packets.dissect import Dissection, dissect
from iosemu.packets.framing import Framing, of_linktype
from iosemu.packets.pcapng import PacketDirection, PcapngInterface, PcapngPacket, read_pcapng

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame: lab time in seconds, where it passed, its bytes (without FCS) and what they say."""

    time: float
    port: str
    outbound: bool
    frame: bytes
    source: str
    destination: str
    protocol: str
    info: str
    framing: Framing = Framing.ETHERNET

    @property
    def dissection(self) -> Dissection:
        """The frame taken apart, layer by layer."""
        return dissect(self.frame, framing=self.framing)

    def __str__(self) -> str:
        return f"{self.time:.6f} {self.port} {self.protocol} {self.source} > {self.destination} {self.info}"


class PacketCapture:
    """Records `target` until it is closed; use it in a `with`, or close it.

    `target` is a port (`R-A:Fa0/0`), a device, `cables` (each frame once for every cable it passed) or `all`
    (each frame once). Raises LabError for a device or port that does not exist.
    """

    def __init__(self, lab: Lab, target: str) -> None:
        self._capture = Capture(lab, target)
        self._origin = round((lab.origin - _EPOCH).total_seconds() * 1e9)
        self._data = bytearray()

    def __enter__(self) -> PacketCapture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Record no more; the packets stay. Closing twice does no harm."""
        self._capture.close()

    @property
    def pcapng(self) -> bytes:
        """The capture so far as a pcapng file, with wall-clock times."""
        return self._read()

    def _read(self) -> bytes:
        self._data += self._capture.read()
        return bytes(self._data)

    @property
    def packets(self) -> tuple[Packet, ...]:
        """The packets so far."""
        return tuple(self._packets())

    def _packets(self) -> Iterator[Packet]:
        ports: list[PcapngInterface] = []
        for record in read_pcapng(self.pcapng):
            if isinstance(record, PcapngInterface):
                ports.append(record)
            elif isinstance(record, PcapngPacket):
                interface = ports[record.interface]
                framing = of_linktype(interface.linktype) or Framing.ETHERNET
                said = dissect(record.data, framing=framing).summary
                yield Packet(
                    (record.time - self._origin) / 1e9,
                    interface.name,
                    record.direction is PacketDirection.OUTBOUND,
                    record.data,
                    said.source,
                    said.destination,
                    said.protocol,
                    said.info,
                    framing,
                )

    def write(self, path: str | Path) -> Path:
        """Write the capture so far to a file; returns its path."""
        target = Path(path)
        target.write_bytes(self.pcapng)
        return target

    def __len__(self) -> int:
        return len(self.packets)

    def __iter__(self) -> Iterator[Packet]:
        return iter(self.packets)
