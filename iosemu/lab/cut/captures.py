"""Frames of all workers, in the order in which a whole lab would have sent them."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING

from iosemu.lab.capture import filter_of, fits
from iosemu.net.capture import CapturedFrame
from iosemu.net.link import Direction, Port
from iosemu.net.packet_filter import PacketFilter
from iosemu.net.signal import Signal

if TYPE_CHECKING:
    from iosemu.lab.cut.front import CutLab


class CutSource:
    """As `iosemu.lab.capture.FrameSource`, of a lab that is cut; fed whenever lab time has come on.

    Raises LabError for a wrong target or filter.
    """

    def __init__(
        self, lab: CutLab, target: str, expression: str, take: Callable[[CapturedFrame], None]
    ) -> None:
        self._lab = lab
        self._filter: PacketFilter | None = filter_of(expression)
        self._take = take
        self.ports = self._chosen(target)
        self.arrived = Signal()
        """A frame was handed to `take`."""
        self._number = 0
        everything = target in ("all", "cables")
        node = target.partition(":")[0]
        self._records: dict[int, int] = {}
        for worker in lab.workers:
            if everything or lab.partition.of[node] == worker.number:
                self._records[worker.number], framings = lab.ask(worker.number, "capture", target)
                for port, _direction in self.ports:
                    port.framing = framings.get(port.name, port.framing)

    def _chosen(self, target: str) -> list[tuple[Port, Direction | None]]:
        lab = self._lab
        if target in ("all", "cables"):
            return [(end, Direction.OUT) for link in lab.links for end in link.ends]
        ports = {end.name: end for link in lab.links for end in link.ends}
        if target in lab.partition.of:
            names = (f"{target}:{port}" for port in lab.topology.model(target).ports)
            return [(ports[name], None) for name in names if name in ports]
        node, port = lab.topology.endpoint(target)
        return [(ports.get(f"{node}:{port}") or Port(f"{node}:{port}"), None)]

    def feed(self) -> None:
        """Hand on what was recorded since the last time."""
        self.ask()
        self.take_in()

    def ask(self) -> None:
        """Ask all workers for what they recorded; `take_in` must follow, before any other answer is read."""
        for worker, number in self._records.items():
            self._lab.workers[worker].send("captured", number)

    def take_in(self) -> None:
        """Hand on what they answer."""
        streams = [self._lab.answer(worker) for worker in self._records]
        some = False
        for _key, captured in heapq.merge(*streams, key=itemgetter(0)):
            self._number += 1
            if self._filter is None or fits(self._filter, captured, self._number):
                self._take(captured)
                some = True
        if some:
            self.arrived.emit()

    def close(self) -> bool:
        """Stop; returns False when it was closed before."""
        if not self._records:
            return False
        if self._lab.workers:
            self.feed()
            for worker, number in self._records.items():
                self._lab.ask(worker, "uncapture", number)
        self._records = {}
        return True
