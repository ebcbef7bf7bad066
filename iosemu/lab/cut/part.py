"""The part of a lab that one worker computes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import datetime

from iosemu.lab.cut.cable import CutLink, Item
from iosemu.lab.cut.partition import Partition, distances
from iosemu.lab.cut.peers import Peers
from iosemu.lab.cut.rounds import PartClock
from iosemu.lab.lab import Lab
from iosemu.lab.labfile import Topology
from iosemu.lab.storage import LabState
from iosemu.net.link import Port
from iosemu.server.pace import Pace


class PartState(LabState):
    """What the devices of a part saved; the process at the front owns the directory."""

    def open(self) -> None:
        """It is owned already."""

    def close(self) -> None:
        """It stays owned."""


class PartLab(Lab):
    """Some devices of a lab, the cables between them, and halves of those that lead to other workers."""

    clock: PartClock

    def __init__(
        self,
        topology: Topology,
        partition: Partition,
        number: int,
        post: Callable[[int, Item], None],
        *,
        seed: int | str | None,
        origin: datetime,
        state: LabState | None = None,
    ) -> None:
        self.partition = partition
        self.number = number
        self.cut: dict[int, CutLink] = {}
        """Cables that lead to another worker, by their numbers."""
        self._post = post
        super().__init__(topology, seed=seed, time=Pace.MANUAL, state=state)
        self.origin = origin
        for device in self.devices.values():
            device.origin = origin

    def holds(self, name: str) -> bool:
        """Whether this worker computes a node."""
        return self.partition.of[name] == self.number

    def _make_clock(self, pace: Pace) -> PartClock:
        return PartClock(self.scheduler, pace)

    def _add_cable(self, number: int) -> None:
        ends = self.topology.cables[number]
        held = [self.holds(name) for name, _port in ends[:2]]
        if all(held):
            super()._add_cable(number)
        elif any(held):
            (near, near_port), (far, far_port) = ends[:2] if held[0] else (ends[1], ends[0])
            ghost = Port(f"{far}:{far_port}")
            ghost.lane = list(self.topology.lab.nodes).index(far)
            peer = self.partition.of[far]
            link = CutLink(
                number,
                self.scheduler,
                self.devices[near].ports[near_port],
                ghost,
                ends[2].impairment(),
                self._random(f"{near}:{near_port}"),
                lambda item: self._post(peer, item),
            )
            self.cut[number] = link
            self.links.append(link)

    def take(self, item: Item) -> None:
        """Something was sent over a cable that is cut."""
        self.cut[item.cable].take(item)

    # --- switching on --------------------------------------------------------------------------------

    def switch_on(self, peers: Peers) -> None:
        """Start the devices in the order of the lab's file, together with the other workers.

        Light is seen at once then: what a neighbour over there does to it is done here when its turn comes.
        """
        if self.state is not None:
            self.state.open()
        neighbours = self._neighbours()
        for name in self.topology.lab.nodes:
            if self.holds(name):
                device = self.devices[name]
                self._insert_files(device)
                for link in self.cut.values():
                    link.journal.clear()
                self.start(name)
                for peer, ports in neighbours.get(name, {}).items():
                    lights = [
                        entry for link in self.cut.values() for entry in link.journal if link.number in ports
                    ]
                    peers.send(peer, json.dumps(lights).encode())
            elif name in neighbours:
                for number, lit in json.loads(peers.receive(self.partition.of[name])):
                    self.cut[number].far.enabled = lit

    def _neighbours(self) -> dict[str, dict[int, set[int]]]:
        """The nodes at both ends of the cut cables of this part: for each the other workers, and the cables to them."""
        found: dict[str, dict[int, set[int]]] = {}
        for number in self.cut:
            for name, _port in self.topology.cables[number][:2]:
                peer = next(
                    self.partition.of[each]
                    for each, _port in self.topology.cables[number][:2]
                    if self.partition.of[each] != self.number
                )
                found.setdefault(name, {}).setdefault(peer, set()).add(number)
        return found

    # --- how far off the others are ------------------------------------------------------------------

    def ahead(self) -> list[float]:
        """For each lane the least seconds until what happens there is seen by another worker."""
        hops: dict[int, list[tuple[int, float]]] = {}
        doors: dict[int, float] = {}
        for link in self.links:
            if isinstance(link, CutLink):
                lane = link.near.lane
                doors[lane] = min(link.lookahead, doors.get(lane, math.inf))
                continue
            for end in link.ends:  # the delay of a cable may be changed, the time that a port needs may not
                hops.setdefault(link.other(end).lane, []).append((end.lane, end.latency))
        return distances(len(self.topology.lab.nodes), hops, doors)
