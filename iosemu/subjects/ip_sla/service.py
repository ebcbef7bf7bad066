"""Operations at work: a question every so often, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.subjects.ip_sla.attempts import Attempt, Dns, IcmpEcho, TcpConnect, UdpEcho, UdpJitter
from iosemu.subjects.ip_sla.config import IpSlaConfig, Operation, Schedule
from iosemu.subjects.ip_sla.http_get import HttpGet
from iosemu.subjects.ip_sla.reactions import Watch, observed
from iosemu.subjects.ip_sla.results import OK, HttpTimes, Jitter, Result

ATTEMPTS: dict[str, type[Attempt]] = {
    "icmp-echo": IcmpEcho,
    "udp-echo": UdpEcho,
    "udp-jitter": UdpJitter,
    "tcp-connect": TcpConnect,
    "http": HttpGet,
    "dns": Dns,
}
"""By the kind of the operation."""


@dataclass(eq=False)
class Run:
    """What is known of one scheduled operation; times in lab seconds, `rtt` in milliseconds."""

    schedule: Schedule
    ends: float | None
    code: str = "Unknown"
    rtt: int | None = None
    started: float | None = None
    successes: int = 0
    failures: int = 0
    over_threshold: bool = False
    active: bool = True
    details: HttpTimes | Jitter | None = None
    attempt: Attempt | None = None
    watches: dict[str, Watch] = field(default_factory=dict)
    """What reactions have seen, by element."""
    next: Timer | None = None
    timeout: Timer | None = None

    def halt(self) -> None:
        """Send and expect nothing more."""
        for timer in (self.next, self.timeout):
            if timer is not None:
                timer.cancel()
        if self.attempt is not None:
            self.attempt.close()
        self.next = self.timeout = self.attempt = None


class IpSla(Service):
    """Runs what is scheduled."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.runs: dict[int, Run] = {}
        self.triggered: set[int] = set()
        """Operations that a reaction has started."""
        self.told = Signal()
        """An operation has a new result, or is gone."""

    def start(self) -> None:
        """Begin what the startup configuration schedules."""
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        for run in self.runs.values():
            run.halt()
        self.runs.clear()
        self.triggered.clear()

    def changed(self) -> None:
        """Begin and end operations as they are configured now."""
        if not self.device.powered:
            return
        config = self.device.config.of(IpSlaConfig)
        self.triggered &= set(config.operations)
        schedules = {
            **{number: Schedule() for number in self.triggered},
            **config.schedules,
        }
        for number, run in list(self.runs.items()):
            if number not in config.operations or schedules.get(number) != run.schedule:
                run.halt()
                del self.runs[number]
                self.told.emit()
        for number, schedule in schedules.items():
            begun = schedule.now or number in self.triggered
            if number in config.operations and begun and number not in self.runs:
                ends = None if schedule.life is None else self.device.now + schedule.life
                run = Run(schedule, ends)
                self.runs[number] = run
                self._ask_after(0.0, config.operations[number], run)

    def restart(self, number: int) -> None:
        """Begin an operation that runs anew; what it found out before is forgotten."""
        run = self.runs.pop(number, None)
        if run is not None:
            run.halt()
            self.changed()

    def running(self, number: int) -> bool:
        """Whether an operation is at work, and so may not be changed."""
        run = self.runs.get(number)
        return run is not None and run.active

    def _ask_after(self, seconds: float, operation: Operation, run: Run) -> None:
        run.next = self.device.scheduler.after(seconds, lambda: self._ask(operation, run))

    def _ask(self, operation: Operation, run: Run) -> None:
        if run.attempt is not None:  # it takes longer than from one to the next
            self._judge(operation, run, run.attempt.expired())
        run.halt()
        now = self.device.now
        if run.ends is not None and now >= run.ends:
            run.active = False
            self.told.emit()
            return
        self._ask_after(float(operation.frequency), operation, run)
        made = ATTEMPTS.get(operation.kind)
        if made is None:
            return
        run.started = now
        source = self._source(operation)
        attempt = made(
            self.device, operation, source, lambda result: self._ended(operation, run, attempt, result)
        )
        run.attempt = attempt
        run.timeout = self.device.scheduler.after(
            attempt.patience, lambda: self._ended(operation, run, attempt, attempt.expired())
        )
        attempt.begin()

    def _source(self, operation: Operation) -> IPv4Address | None:
        if operation.source is not None:
            return operation.source
        if operation.source_interface:
            interface = self.device.interfaces.get(operation.source_interface)
            addresses = interface.config.of(IpSettings).addresses if interface is not None else []
            return addresses[0].ip if addresses else None
        if operation.destination is None:
            return None
        return self.device.service(IpStack).vrf("").source_for(operation.destination)

    def _ended(self, operation: Operation, run: Run, attempt: Attempt, result: Result) -> None:
        if run.attempt is attempt:
            self._judge(operation, run, result)

    def _judge(self, operation: Operation, run: Run, result: Result) -> None:
        run.rtt, run.code, run.details = result.rtt, result.code, result.details
        run.over_threshold = result.rtt is not None and result.rtt > operation.threshold
        if result.code == OK:
            run.code = "Over threshold" if run.over_threshold else OK
            run.successes += 1
        else:
            run.failures += 1
        if run.timeout is not None:
            run.timeout.cancel()
        if run.attempt is not None:
            run.attempt.close()
        run.timeout = run.attempt = None
        self._react(operation.number, run, result)
        self.told.emit()

    def _react(self, number: int, run: Run, result: Result) -> None:
        """See whether thresholds are crossed, and do what is configured for it."""
        config = self.device.config.of(IpSlaConfig)
        for name, reaction in list(config.reactions.get(number, {}).items()):
            watch = run.watches.get(name)
            if watch is None or watch.reaction != reaction:
                watch = run.watches[name] = Watch(reaction)
            value = observed(name, result)
            if value is None or not watch.take(value):
                continue
            if reaction.tells and config.logging:
                text = f"IP SLAs({number}): Threshold {watch.word} for {name}"
                self.device.log("RTT", 3, "IPSLATHRESHOLD", text)
            if reaction.triggers and watch.exceeded:
                self.triggered.update(config.triggers.get(number, ()))
                self.device.soon(self.changed)
