"""Operations at work: a question every so often, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.subjects.ip_sla.attempts import Attempt, TcpConnect, UdpEcho, UdpJitter
from iosemu.subjects.ip_sla.config import IpSlaConfig, Operation, Schedule
from iosemu.subjects.ip_sla.http_get import HttpGet
from iosemu.subjects.ip_sla.icmp_attempts import IcmpEcho, IcmpJitter, PathEcho, PathJitter
from iosemu.subjects.ip_sla.moments import DAY, until
from iosemu.subjects.ip_sla.named import Dns
from iosemu.subjects.ip_sla.reactions import Reaction, Watch, observed
from iosemu.subjects.ip_sla.records import Records
from iosemu.subjects.ip_sla.results import INTERNAL, OK, Details, Result
from iosemu.subjects.ip_sla.service_attempts import DhcpLease, FtpGet

ATTEMPTS: dict[str, type[Attempt]] = {
    "icmp-echo": IcmpEcho,
    "udp-echo": UdpEcho,
    "udp-jitter": UdpJitter,
    "tcp-connect": TcpConnect,
    "http": HttpGet,
    "dns": Dns,
    "path-echo": PathEcho,
    "path-jitter": PathJitter,
    "icmp-jitter": IcmpJitter,
    "dhcp": DhcpLease,
    "ftp": FtpGet,
}
"""By the kind of the operation."""


@dataclass(frozen=True)
class Alert:
    """A threshold of an operation was crossed."""

    number: int
    destination: IPv4Address | None
    reaction: Reaction
    exceeded: bool
    """False: it is below again."""
    value: int


@dataclass(eq=False)
class Run:
    """What is known of one scheduled operation; times in lab seconds, `rtt` in milliseconds."""

    operation: Operation
    schedule: Schedule
    ends: float | None
    begun: float = 0.0
    code: str = "Unknown"
    rtt: int | None = None
    started: float | None = None
    successes: int = 0
    failures: int = 0
    over_threshold: bool = False
    active: bool = True
    details: Details | None = None
    attempt: Attempt | None = None
    watches: dict[str, Watch] = field(default_factory=dict)
    """What reactions have seen, by element."""
    next: Timer | None = None
    timeout: Timer | None = None
    aging: Timer | None = None

    def halt(self) -> None:
        """Send and expect nothing more."""
        for timer in (self.next, self.timeout, self.aging):
            if timer is not None:
                timer.cancel()
        if self.attempt is not None:
            self.attempt.close()
        self.next = self.timeout = self.aging = self.attempt = None


class IpSla(Service):
    """Runs what is scheduled."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.runs: dict[int, Run] = {}
        self.records: dict[int, Records] = {}
        """What is kept of results, by operation."""
        self.due: dict[int, float] = {}
        """When operations that wait for a time begin, in lab seconds."""
        self.alerts: list[Callable[[Alert], None]] = []
        """Who is told of thresholds, with `ip sla enable reaction-alerts`."""
        self.changed_at = 0.0
        """Lab time of the last change of the configuration."""
        self._starts: dict[int, tuple[Schedule, Timer]] = {}
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
        for _, timer in self._starts.values():
            timer.cancel()
        self.runs.clear()
        self._starts.clear()
        self.triggered.clear()

    def changed(self) -> None:
        """Begin and end operations as they are configured now."""
        if not self.device.powered:
            return
        config = self.device.config.of(IpSlaConfig)
        self.changed_at = self.device.now
        self.triggered &= set(config.operations)
        schedules = {
            **{number: Schedule(start="now") for number in self.triggered},
            **{
                number: each for group in config.groups.values() for number, each in group.schedules().items()
            },
            **config.schedules,
        }
        for number, run in list(self.runs.items()):
            if number not in config.operations or schedules.get(number) != run.schedule:
                run.halt()
                del self.runs[number]
                self.told.emit()
        for number, (schedule, _) in list(self._starts.items()):
            if number not in config.operations or schedules.get(number) != schedule:
                self._wait_no_more(number)
        for number in [each for each in self.records if each not in config.operations]:
            del self.records[number]
        for number, schedule in schedules.items():
            waiting = number in self.runs or number in self._starts
            if number not in config.operations or waiting:
                continue
            if number in self.triggered:
                self._begin(number, schedule)
            elif not schedule.waits:
                self._plan(number, schedule, until(self.device, schedule.start) + schedule.delay)

    def _plan(self, number: int, schedule: Schedule, seconds: float) -> None:
        """Begin an operation later."""
        if seconds <= 0:
            self._begin(number, schedule)
            return
        timer = self.device.scheduler.after(seconds, lambda: self._begin(number, schedule))
        self.due[number] = self.device.now + seconds
        self._starts[number] = schedule, timer

    def _wait_no_more(self, number: int) -> None:
        self.due.pop(number, None)
        found = self._starts.pop(number, None)
        if found is not None:
            found[1].cancel()

    def _begin(self, number: int, schedule: Schedule) -> None:
        self._wait_no_more(number)
        operation = self.device.config.of(IpSlaConfig).operations.get(number)
        if operation is None:
            return
        before = self.runs.get(number)
        if before is not None:
            before.halt()
        now = self.device.now
        run = Run(operation, schedule, None if schedule.life is None else now + schedule.life, now)
        self.runs[number] = run
        self.records.setdefault(number, Records()).begin(operation.keeping)
        self._ask_after(0.0, operation, run)

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
            self._over(operation, run)
            return
        self._ask_after(run.schedule.frequency or float(operation.frequency), operation, run)
        made = ATTEMPTS.get(operation.kind)
        if made is None:
            return
        run.started = now
        if self.device.service(IpStack).find_vrf(operation.vrf) is None:
            self._judge(operation, run, Result(INTERNAL))
            return
        source = self._source(operation)
        attempt = made(
            self.device, operation, source, lambda result: self._ended(operation, run, attempt, result)
        )
        run.attempt = attempt
        run.timeout = self.device.scheduler.after(
            attempt.patience, lambda: self._ended(operation, run, attempt, attempt.expired())
        )
        attempt.begin()

    def _over(self, operation: Operation, run: Run) -> None:
        """Its life has ended."""
        run.active = False
        schedule, number = run.schedule, operation.number
        if schedule.recurring:
            self._plan(number, schedule, run.begun + DAY - self.device.now)
        elif schedule.ageout:
            run.aging = self.device.scheduler.after(float(schedule.ageout), lambda: self._age_out(number))
        self.told.emit()

    def _age_out(self, number: int) -> None:
        """It has been inactive for so long that it is forgotten."""
        config = self.device.config.of(IpSlaConfig)
        for part in (config.operations, config.schedules, config.reactions, config.triggers):
            part.pop(number, None)
        self.changed()

    def _source(self, operation: Operation) -> IPv4Address | None:
        if operation.source is not None:
            return operation.source
        if operation.source_interface:
            return primary_address(self.device.config.interfaces.get(operation.source_interface))
        if operation.destination is None:
            return None
        return self.device.service(IpStack).vrf(operation.vrf).source_for(operation.destination)

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
        records = self.records.get(operation.number)
        if records is not None:
            began = run.started if run.started is not None else self.device.now
            records.take(
                run.begun, began, result, operation.keeping, run.over_threshold, operation.destination
            )
        self._react(operation, run, result)
        self.told.emit()

    def _react(self, operation: Operation, run: Run, result: Result) -> None:
        """See whether thresholds are crossed, and do what is configured for it."""
        config, number = self.device.config.of(IpSlaConfig), operation.number
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
            if config.alerts:
                alert = Alert(number, operation.destination, reaction, watch.exceeded, value)
                for told in list(self.alerts):
                    told(alert)
            if reaction.triggers and watch.exceeded:
                self.triggered.update(config.triggers.get(number, ()))
                self.device.soon(self.changed)
