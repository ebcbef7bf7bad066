"""Operations that need nobody's help: echo and timestamp messages of ICMP (RFC 792)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.ip.icmp import DAY_MS
from iosemu.ip.probe import Answer, Probe
from iosemu.ip.vrf import Vrf
from iosemu.net.scheduler import Timer
from iosemu.packets.icmp import IcmpMessage, IcmpType, timestamp
from iosemu.packets.ip_sla import JitterPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.ip_sla.attempts import Attempt
from iosemu.subjects.ip_sla.results import (
    OK,
    TIMEOUT,
    HopJitter,
    Jitter,
    PathHops,
    PathJitters,
    Result,
)

PATTERN = b"\xab\xcd\xab\xcd"
"""What the data of requests consists of."""
MOST_HOPS = 30
HOP_SECONDS = 1.0
"""For which the answer of one hop is waited for."""

Heard = Callable[[Answer], None]


def _milliseconds(when: float) -> int:
    """Microseconds of a time stamp of ICMP, which has whole milliseconds."""
    return int(when * 1000) * 1000


class _Echoing(Attempt):
    """One that sends echo requests."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # as those of Attempt
        self._probes: list[Probe] = []
        self._identifier = self.device.rng.randrange(1, 0x10000)
        self._sequence = 0

    def echo(self, destination: IPv4Address, heard: Heard, ttl: int | None = None) -> Probe:
        """Send one; `heard` is told of what comes back."""
        probe = Probe(self.stack, destination, self.source, self.vrf)
        probe.arrived.connect(lambda: heard(probe.answer) if probe.answer is not None else None)
        self._probes.append(probe)
        self._sequence = self._sequence % 0xFFFF + 1
        size = self.operation.size
        data = (PATTERN * (size // len(PATTERN) + 1))[:size]
        return probe.echo(self._identifier, self._sequence, data, ttl=ttl, tos=self.operation.tos)

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        for probe in self._probes:
            probe.close()


class IcmpEcho(_Echoing):
    """`icmp-echo`: an echo request and its reply."""

    def begin(self) -> None:
        """Ask."""
        assert self.operation.destination is not None
        self.echo(self.operation.destination, self._arrived)

    def _arrived(self, answer: Answer) -> None:
        if answer.message.type == IcmpType.ECHO_REPLY:
            self.end(Result(OK, max(1, answer.milliseconds)))


class _Path(_Echoing):
    """One that finds the routers on the way first, by the time to live, as traceroute does."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.hops: list[tuple[IPv4Address, int]] = []
        """The routers and the target, as far as they answered, with their milliseconds."""
        self._ttl = 0
        self._late: Timer | None = None

    def begin(self) -> None:
        """Ask the first hop."""
        self._next_hop()

    def _next_hop(self) -> None:
        assert self.operation.destination is not None
        self._ttl += 1
        if self._ttl > MOST_HOPS:
            return
        self.echo(self.operation.destination, self._hop_answered, self._ttl)
        self._late = self.device.scheduler.after(HOP_SECONDS, self._next_hop)

    def _hop_answered(self, answer: Answer) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self.hops.append((answer.source, max(1, answer.milliseconds)))
        if answer.message.type == IcmpType.TIME_EXCEEDED:
            self._next_hop()
        elif answer.message.type == IcmpType.ECHO_REPLY:
            self.found()

    def found(self) -> None:
        """The target has answered."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._late is not None:
            self._late.cancel()


class PathEcho(_Path):
    """`path-echo`: the round trip time of each hop."""

    def found(self) -> None:
        """The last hop is the target."""
        self.end(Result(OK, self.hops[-1][1], PathHops(tuple(self.hops))))

    def expired(self) -> Result:
        """Some hops are known by then."""
        return Result(TIMEOUT, None, PathHops(tuple(self.hops)))


class PathJitter(_Path):
    """`path-jitter`: echo requests at an even pace to each hop, or with `targetOnly` to the target."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.measured: list[HopJitter] = []
        self._sent = 0
        self._open = 0
        self._next: Timer | None = None

    @property
    def patience(self) -> float:
        """Seconds, with those in which packets are sent."""
        return (self.operation.timeout + self.operation.packets * self.operation.interval) / 1000

    def begin(self) -> None:
        """Find the way, unless the target alone is asked."""
        assert self.operation.destination is not None
        if self.operation.target_only:
            self.hops = [(self.operation.destination, 0)]
            self.found()
        else:
            super().begin()

    def found(self) -> None:
        """The way is known."""
        self.measured = [HopJitter(address) for address, _ in dict(self.hops).items()]
        self._open = len(self.measured) * self.operation.packets
        self._send()

    def _send(self) -> None:
        self._sent += 1
        if self._sent < self.operation.packets:
            self._next = self.device.scheduler.after(self.operation.interval / 1000, self._send)
        for hop in self.measured:
            self._ask(hop)

    def _ask(self, hop: HopJitter) -> None:
        def heard(answer: Answer) -> None:
            if answer.message.type == IcmpType.ECHO_REPLY:
                hop.rtts.append(max(1, answer.milliseconds))
                self._open -= 1
                if not self._open:
                    self.end(self._result())

        self.echo(hop.address, heard)

    def _result(self) -> Result:
        for hop in self.measured:
            hop.lost = self._sent - len(hop.rtts)
        details = PathJitters(tuple(self.measured), self.source)
        if not self.measured or not self.measured[-1].rtts:
            return Result(TIMEOUT, None, details)
        last = self.measured[-1].rtts
        return Result(OK, max(1, round(sum(last) / len(last))), details)

    def expired(self) -> Result:
        """What is known by then."""
        return self._result()

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._next is not None:
            self._next.cancel()


class IcmpJitter(Attempt):
    """`icmp-jitter`: timestamp requests at an even pace; any host that answers them will do."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # as those of Attempt
        self._identifier = self.device.rng.randrange(1, 0x10000)
        self._sent: dict[int, int] = {}
        self._answers: list[tuple[JitterPacket, int]] = []
        self._next: Timer | None = None

    @property
    def patience(self) -> float:
        """Seconds, with those in which packets are sent."""
        return (self.operation.timeout + self.operation.packets * self.operation.interval) / 1000

    def begin(self) -> None:
        """Send the first."""
        self.stack.icmp.listeners.append(self._listen)
        self._send()

    def _send(self) -> None:
        assert self.operation.destination is not None
        number, now = len(self._sent) + 1, self.device.now
        self._sent[number] = _milliseconds(now)
        if number < self.operation.packets:
            self._next = self.device.scheduler.after(self.operation.interval / 1000, self._send)
        if self.source is not None:
            message = timestamp(self._identifier, number, int(now * 1000) % DAY_MS)
            self.stack.icmp.send(
                self.source, self.operation.destination, message, tos=self.operation.tos, vrf=self.vrf
            )

    def _listen(self, packet: IPv4Packet, message: IcmpMessage, vrf: Vrf) -> None:
        if message.type != IcmpType.TIMESTAMP_REPLY or vrf is not self.vrf:
            return
        number = message.sequence
        known = {packet.sequence for packet, _ in self._answers}
        if message.identifier != self._identifier or number not in self._sent or number in known:
            return
        if len(message.payload) < 12:
            return
        received = message.timestamps[1] * 1000
        # nobody counts what arrives there: a packet that is missing counts as lost on the way there
        stamps = JitterPacket(number, self._sent[number], len(known) + 1, received)
        self._answers.append((stamps, _milliseconds(self.device.now)))
        if len(self._answers) == self.operation.packets:
            self.end(self._measured())

    def _measured(self) -> Result:
        found = Jitter.measured(len(self._sent), self._answers)
        return Result(OK, max(1, round(sum(found.rtts) / len(found.rtts))), found)

    def expired(self) -> Result:
        """What is known by then."""
        return self._measured() if self._answers else Result(TIMEOUT)

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._next is not None:
            self._next.cancel()
        if self._listen in self.stack.icmp.listeners:
            self.stack.icmp.listeners.remove(self._listen)
