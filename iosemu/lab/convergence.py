"""How long a lab takes to find another way: pings go on, a cable is cut, and what happened is told in lab time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from iosemu.box.device import Device
from iosemu.box.syslog import Message
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.net.link import Link
from iosemu.net.routing import Route
from iosemu.net.signal import Signal
from iosemu.packets.icmp import IcmpType

INTERVAL = 0.1
"""Seconds between pings."""
PATIENCE = 1.0
"""Seconds after which a ping is lost."""
STEADY = 20
"""So many answers in a row mean that a way is there."""
WARM_UP = 30.0
"""Seconds within which the first way has to be there."""
LEAST = 3.0
"""Seconds that are watched after the cut, if nothing is lost."""
PAYLOAD = bytes(72)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a device said or did, `after` seconds after the cut."""

    after: float
    device: str
    text: str

    def __str__(self) -> str:
        return f"+{self.after:.3f} s  {self.device}: {self.text}"


@dataclass(frozen=True, slots=True)
class Convergence:
    """What a cut cost."""

    source: str
    destination: IPv4Address
    endpoint: str
    cut_at: float
    """Lab seconds."""
    sent: int
    """Pings sent from the cut until they were steadily answered again, or the watch was over."""
    lost: int
    outage: float | None
    """Seconds from the cut to the first ping after the last lost one; None: no way was found."""
    events: tuple[Happening, ...]
    """Messages of the devices, and changes of routes to either end, from the cut to the end of the outage."""

    @property
    def ended_by(self) -> Happening | None:
        """What happened last before pings were answered again; None where nothing was lost."""
        return self.events[-1] if self.lost and self.outage is not None and self.events else None

    def lines(self) -> Iterator[str]:
        """The report, for people."""
        yield f"{self.source} to {self.destination}, {self.endpoint} cut at {self.cut_at:.3f} s of lab time"
        yield f"{self.sent} pings, one every {INTERVAL * 1000:.0f} ms: {self.lost} lost"
        yield from (f"  {each}" for each in self.events)
        if self.outage is None:
            yield "no other way was found"
        elif self.lost:
            yield f"answered again {self.outage:.3f} s after the cut"
            if self.ended_by is not None:
                yield f"ended by {self.ended_by.device}: {self.ended_by.text}"
        else:
            yield "nothing was lost"

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(slots=True)
class _Ping:
    sent_at: float
    probe: Probe

    @property
    def good(self) -> bool:
        answer = self.probe.answer
        return answer is not None and answer.message.type == IcmpType.ECHO_REPLY


class Stopwatch:
    """Pings from `source` to `destination`, and the cut of the cable in `endpoint` once they are answered.

    It runs as lab time passes; `result` is there when `done` is emitted. The cable stays cut.
    Raises LabError for a device that cannot ping, a wrong address or a port without a cable.
    """

    def __init__(self, lab: Lab, source: str, destination: str, endpoint: str, within: float = 120.0) -> None:
        self.result: Convergence | None = None
        self.error = ""
        """Why nothing could be measured; empty while nothing is wrong."""
        self.done = Signal()
        self._lab = lab
        self._link: Link = lab.link(endpoint)
        self._endpoint = endpoint
        self._within = within
        device = lab.devices.get(source)
        if device is None:
            raise LabError(f"there is no node {source!r}; there are: {', '.join(lab.devices)}")
        stack = device.find(IpStack)
        if stack is None or not device.powered:
            raise LabError(f"{source} cannot ping")
        try:
            self._destination = IPv4Address(destination)
        except AddressValueError as error:
            raise LabError(f"{destination!r} is no IPv4 address, such as 192.168.2.1") from error
        self._device = device
        self._stack = stack
        self._identifier = device.rng.randrange(1, 0x10000)
        self._pings: list[_Ping] = []
        self._number = 0
        self._cut_at: float | None = None
        self._began = lab.scheduler.now
        self._events: list[Happening] = []
        self._undo: list[Callable[[], None]] = []
        self._send()

    @property
    def finished(self) -> bool:
        """There is a result, or there will be none."""
        return self.result is not None or bool(self.error)

    def report(self) -> Iterator[str]:
        """The result as lines, for people; nothing before there is one."""
        return self.result.lines() if self.result is not None else iter(())

    def stop(self) -> None:
        """Send no more, and listen to nobody."""
        for undo in self._undo:
            undo()
        self._undo.clear()
        for ping in self._pings:
            ping.probe.close()

    # --- pings ---------------------------------------------------------------------------------------

    def _send(self) -> None:
        if self.finished:
            return
        now = self._lab.scheduler.now
        self._number += 1
        probe = Probe(self._stack, self._destination, self._stack.source_for(self._destination))
        probe.echo(self._identifier, self._number & 0xFFFF, PAYLOAD)
        self._pings.append(_Ping(now, probe))
        self._lab.scheduler.after(INTERVAL, self._look)

    def _look(self) -> None:
        """An interval has passed: judge, and send the next."""
        now = self._lab.scheduler.now
        judged = [each for each in self._pings if each.good or each.sent_at <= now - PATIENCE]
        tail = self._pings[-STEADY:]
        steady = len(tail) == STEADY and all(each.good for each in tail)
        for each in judged:
            each.probe.close()
        if self._cut_at is None:
            if steady:
                self._cut()
            elif now - self._began > WARM_UP:
                self._fail(f"{self._destination} does not answer {self._device.name} before the cut")
        elif (steady and now - self._cut_at >= LEAST) or now - self._cut_at > self._within:
            self._finish(steady)
        self._send()

    def _fail(self, text: str) -> None:
        self.error = text
        self.stop()
        self.done.emit()

    def _cut(self) -> None:
        self._pings.clear()
        self._cut_at = self._lab.scheduler.now
        for device in self._lab.devices.values():
            self._listen(device)
        self._link.plugged = False
        self._lab.clock.poke()

    def _finish(self, recovered: bool) -> None:
        assert self._cut_at is not None
        bad = [index for index, each in enumerate(self._pings) if not each.good]
        counted, outage, until = self._pings, None, self._lab.scheduler.now
        if recovered and bad:
            first = self._pings[bad[-1] + 1]
            assert first.probe.answer is not None
            counted, outage = self._pings[: bad[-1] + 1], first.sent_at - self._cut_at
            until = first.sent_at + first.probe.answer.seconds
        elif recovered:
            outage = 0.0
        events = tuple(each for each in self._events if each.after <= until - self._cut_at)
        self.stop()
        self.result = Convergence(
            self._device.name,
            self._destination,
            self._endpoint,
            self._cut_at,
            len(counted),
            len(bad),
            outage,
            events,
        )
        self.done.emit()

    # --- what happens meanwhile ----------------------------------------------------------------------

    def _listen(self, device: Device) -> None:
        said, changed = self._hearing(device), self._routing(device)
        device.syslog.listeners.append(said)
        self._undo.append(lambda: _forget(device.syslog.listeners, said))
        stack = device.find(IpStack)
        if stack is not None:
            stack.routes.listeners.append(changed)
            self._undo.append(lambda: _forget(stack.routes.listeners, changed))

    def _note(self, device: Device, text: str) -> None:
        assert self._cut_at is not None
        self._events.append(Happening(self._lab.scheduler.now - self._cut_at, device.name, text))

    def _hearing(self, device: Device) -> Callable[[Message], None]:
        def said(message: Message) -> None:
            if message.mnemonic and not message.continues:
                self._note(device, str(message))

        return said

    def _routing(self, device: Device) -> Callable[[tuple[Route, ...], tuple[Route, ...]], None]:
        source = self._stack.source_for(self._destination)
        ends = [self._destination, *([source] if source is not None else [])]

        def changed(old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
            network = (new or old)[0].network
            if any(end in network for end in ends):
                self._note(device, f"{network} {_ways(new)}, was {_ways(old)}")

        return changed


def _forget(listeners: list[Callable[..., None]], one: Callable[..., None]) -> None:
    if one in listeners:
        listeners.remove(one)


def _ways(routes: tuple[Route, ...]) -> str:
    """`by ospf 1 via 10.0.0.2`; several ways parted by `and`."""
    if not routes:
        return "not there"
    name = routes[0].process or routes[0].source.name.lower()
    ways = " and ".join(str(each.next_hop or each.interface) for each in routes)
    return f"by {name} via {ways}"
