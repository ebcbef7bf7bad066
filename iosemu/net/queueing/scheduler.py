"""Whose turn it is: a tree of classes, each with a queue of its own or with classes below it.

Priority classes go first. All others share by their weights: start-time fair queueing (Goyal, Vin, Cheng 1996), in
which what a class does not use falls to those that have something to send, in proportion to their weights. A shaped
class has its turn only while its shaper lets it.
"""

from __future__ import annotations

import math

from iosemu.net.queueing.meter import Bucket, Shaper
from iosemu.net.queueing.queues import Item, Queue


class Node:
    """A class, or the whole interface."""

    def __init__(
        self,
        weight: float = 1.0,
        *,
        level: int = 0,
        queue: Queue | None = None,
        shaper: Shaper | None = None,
        meter: Bucket | None = None,
    ) -> None:
        self.weight = weight
        self.level = level
        """Of priority, 1 before 2; 0: none."""
        self.queue = queue
        """None: packets wait in the classes below."""
        self.shaper = shaper
        self.meter = meter
        """What a priority class may send while others wait."""
        self.exceeded = 0
        self.exceeded_octets = 0
        """What it wanted to send more than that."""
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.backlog = 0
        """Packets that wait here and below."""
        self._start = 0.0
        self._finish = 0.0
        self._virtual = 0.0

    def add(self, child: Node) -> Node:
        """Put a class below this one."""
        child.parent = self
        self.children.append(child)
        return child

    def push(self, item: Item, now: float, busy: bool = False) -> bool:
        """Take a packet into the queue of this class; False: it is dropped. `busy`: the line is at work."""
        assert self.queue is not None
        if self.meter is not None:
            self.meter.fill(now)
            if not self.meter.take(item.octets) and not item.urgent and (busy or self._congested(now)):
                self.exceeded += 1
                self.exceeded_octets += item.octets
                return False
        if not self.queue.push(item, now):
            return False
        node: Node | None = self
        while node is not None:
            node.backlog += 1
            parent = node.parent
            if node.backlog == 1 and parent is not None:
                node._start = max(parent._virtual, node._finish)
            if node.shaper is not None and (node.backlog > 1 or not node.shaper.ready(now)):
                node.shaper.delayed_packets += 1
                node.shaper.delayed_octets += item.octets
            node = parent
        return True

    def _congested(self, now: float) -> bool:
        """Whether packets wait where this class shares with others."""
        node = self.parent
        while node is not None:
            if node.backlog or (node.shaper is not None and not node.shaper.ready(now)):
                return True
            node = node.parent
        return False

    def ready(self, now: float) -> bool:
        """Whether a packet may leave."""
        if not self.backlog or (self.shaper is not None and not self.shaper.ready(now)):
            return False
        return not self.children or any(child.ready(now) for child in self.children)

    def when(self, now: float) -> float:
        """Lab time at which a packet may leave; infinity when none waits."""
        if not self.backlog:
            return math.inf
        at = now if self.shaper is None else self.shaper.when(now)
        return max(at, min(child.when(now) for child in self.children)) if self.children else at

    def pop(self, now: float) -> Item:
        """The packet whose turn it is, once `ready`."""
        if self.queue is not None:
            item = self.queue.pop(now)
        else:
            child = self._chosen([each for each in self.children if each.ready(now)])
            item = child.pop(now)
            if not child.level:
                self._served(child, item.octets)
        if self.shaper is not None:
            self.shaper.take(now, item.octets)
        self.backlog -= 1
        return item

    def _chosen(self, ready: list[Node]) -> Node:
        """The class below whose turn it is."""
        return min(ready, key=lambda each: (0, each.level, 0.0) if each.level else (1, 0, each._start))

    def _served(self, child: Node, octets: int) -> None:
        """A class without priority has sent."""
        self._virtual = max(self._virtual, child._start)
        child._finish = child._start = child._start + octets / child.weight

    def clear(self) -> None:
        """Count from zero; what waits, waits on."""
        self.exceeded = self.exceeded_octets = 0
        if self.queue is not None:
            self.queue.clear()
        if self.shaper is not None:
            self.shaper.packets = self.shaper.octets = 0
            self.shaper.delayed_packets = self.shaper.delayed_octets = 0

    def leaves(self) -> list[Node]:
        """The classes with queues, here and below."""
        if self.queue is not None:
            return [self]
        return [leaf for child in self.children for leaf in child.leaves()]

    def drain(self, now: float) -> list[Item]:
        """Take everything out, whoever's turn it would be; nothing of it counts as sent by shapers."""
        taken: list[Item] = []
        for leaf in self.leaves():
            assert leaf.queue is not None
            while leaf.queue.depth:
                taken.append(leaf.queue.pop(now))
                node: Node | None = leaf
                while node is not None:
                    node.backlog -= 1
                    node = node.parent
        return taken


class RoundRobin(Node):
    """The classes below without priority take turns, and each sends until its weight, in octets, is used up.

    A packet is sent whole: what it has more than what was left is missing at the next turn (Cisco IOS QoS Configuration
    Guide, "Configuring Custom Queueing": the deficit is carried over).
    """

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        """Which of the children has its turn."""
        self._left: dict[int, float] = {}
        """Octets that each may still send at its turn."""

    def _chosen(self, ready: list[Node]) -> Node:
        urgent = min((each for each in ready if each.level), key=lambda each: each.level, default=None)
        if urgent is not None:
            return urgent
        chosen = self._round(ready)
        if chosen is None:  # all of them are in debt: the rounds in which nobody may send are passed over
            debts = [(each, -self._left[id(each)]) for each in ready]
            rounds = min(debt // each.weight for each, debt in debts)
            for each in ready:
                self._left[id(each)] += rounds * each.weight
            chosen = self._round(ready)
        assert chosen is not None
        return chosen

    def _round(self, ready: list[Node]) -> Node | None:
        """The next one that may send; None: nobody in a whole round."""
        for _ in range(len(self.children) + 1):
            child = self.children[self._at]
            if child in ready and self._left.get(id(child), 0.0) > 0:
                return child
            if not child.backlog:
                self._left.pop(id(child), None)
            self._at = (self._at + 1) % len(self.children)
            child = self.children[self._at]
            if child in ready:
                self._left[id(child)] = self._left.get(id(child), 0.0) + child.weight
        return None

    def _served(self, child: Node, octets: int) -> None:
        self._left[id(child)] -= octets
