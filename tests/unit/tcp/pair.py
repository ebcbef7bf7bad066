"""Two stacks over a wire that loses, delays, doubles and overtakes, all in lab time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

from iosemu.tcp import Address, Connection, Endpoint, Event, OutgoingSegment, Stack, TcpConfig
from iosemu.tcp.states import MAY_SEND

CLIENT, SERVER = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")


@dataclass
class Wire:
    """How the wire treats a segment: chances, and seconds of delay. `drop(index, segment)` picks victims."""

    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    delay: float = 0.01
    drop: Callable[[int, OutgoingSegment], bool] | None = None


@dataclass
class Pair:
    """A client and a server; `now` is lab time."""

    seed: int = 0
    config: TcpConfig = field(default_factory=TcpConfig)
    server_config: TcpConfig | None = None
    wire: Wire = field(default_factory=Wire)
    client_address: Address = CLIENT
    server_address: Address = SERVER

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.now = 1000.0
        self.client = Stack(self.random.randbytes, self.config)
        self.server = Stack(self.random.randbytes, self.server_config or self.config)
        self.flying: list[tuple[float, int, OutgoingSegment]] = []
        self.sent: list[tuple[float, OutgoingSegment]] = []
        self.client_events: list[Event] = []
        self.server_events: list[Event] = []
        self.record = True
        self._count = 0

    def open(self, port: int = 23) -> tuple[Connection, Connection]:
        """A connection of which both ends are established."""
        self.server.listen(port)
        ours = self.connect(port)
        self.settle()
        (theirs,) = self.server.connections()
        assert ours.state is theirs.state
        self.client_events.clear()
        self.server_events.clear()
        return ours, theirs

    def connect(self, port: int = 23, local_port: int = 0) -> Connection:
        return self.client.connect(
            Endpoint(self.client_address, local_port), Endpoint(self.server_address, port), self.now
        )

    def collect(self) -> None:
        """Put what the stacks want to send on the wire, and note events."""
        for stack in (self.client, self.server):
            for segment in stack.segments():
                self.put(segment)
        self.client_events += self.client.events()
        self.server_events += self.server.events()

    def put(self, segment: OutgoingSegment) -> None:
        wire, index = self.wire, self._count
        self._count += 1
        if self.record:
            self.sent.append((self.now, segment))
        if wire.drop is not None and wire.drop(index, segment):
            return
        copies = 1 + (self.random.random() < wire.duplication)
        for copy in range(copies):
            if self.random.random() >= wire.loss:
                late = self.random.random() < wire.reordering
                delay = wire.delay * (self.random.uniform(1, 4) if late else 1)
                heapq.heappush(self.flying, (self.now + delay, self._count * 2 + copy, segment))

    def step(self, limit: float = float("inf")) -> bool:
        """Go to the next thing that happens, not after `limit`; False if nothing does."""
        self.collect()
        timers = [t for t in (self.client.next_timer(), self.server.next_timer()) if t is not None]
        arrival = self.flying[0][0] if self.flying else float("inf")
        when = min([arrival, *timers])
        if when > limit or when == float("inf"):
            return False
        self.now = max(self.now, when)
        if arrival <= when:
            _, _, segment = heapq.heappop(self.flying)
            stack = self.server if segment.destination == self.server_address else self.client
            stack.receive(segment.data, segment.source, segment.destination, self.now)
        else:
            self.client.tick(self.now)
            self.server.tick(self.now)
        self.collect()
        return True

    def settle(self) -> None:
        """Until nothing is on the wire and no ACK is held back."""
        for _ in range(100_000):
            if not self.step(self.now + max(0.25, 2 * self.wire.delay)):
                return
        raise AssertionError("the wire does not come to rest")

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.step(end):
            pass
        self.now = end

    def transfer(
        self,
        sender: Connection,
        receiver: Connection,
        data: bytes,
        steps: int = 2_000_000,
        slow: int | None = None,
    ) -> bytearray:
        """Send all of `data` and close; what arrived. `slow` octets at a time are read."""
        got, at = bytearray(), 0
        held = 0
        for _ in range(steps):
            while at < len(data) and sender.writable:
                at += sender.send(data[at : at + 65536], self.now)
            if at == len(data) and sender.state in MAY_SEND and not sender.close_queued:
                sender.close(self.now)
            held = max(held, receiver.receiver.held, sender.sender.buffered)
            if receiver.readable:
                got += receiver.read(self.now, slow)
            if receiver.peer_closed and not receiver.readable:
                self.held = held
                return got
            if receiver.readable:  # the reader takes its time, but not for ever
                self.now += 0 if self.step(self.now + 0.05) else 0.05
            else:
                assert self.step(), f"stuck at {len(got)} of {len(data)}"
            self.client_events.clear()
            self.server_events.clear()
        raise AssertionError(f"{len(got)} of {len(data)} after {steps} steps")


def address(text: str) -> Address:
    return ip_address(text)
