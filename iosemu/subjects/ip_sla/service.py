"""Operations at work: an echo request every so often, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.packets.icmp import IcmpType
from iosemu.subjects.ip_sla.config import IpSlaConfig, Operation, Schedule


@dataclass(eq=False)
class Run:
    """What is known of one scheduled operation; times in lab seconds, `rtt` in milliseconds."""

    schedule: Schedule
    identifier: int
    ends: float | None
    code: str = "Unknown"
    rtt: int | None = None
    started: float | None = None
    successes: int = 0
    failures: int = 0
    over_threshold: bool = False
    active: bool = True
    probe: Probe | None = None
    next: Timer | None = None
    timeout: Timer | None = None

    def halt(self) -> None:
        """Send and expect nothing more."""
        for timer in (self.next, self.timeout):
            if timer is not None:
                timer.cancel()
        if self.probe is not None:
            self.probe.close()
        self.next = self.timeout = self.probe = None


class IpSla(Service):
    """Runs what is scheduled."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.runs: dict[int, Run] = {}
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

    def changed(self) -> None:
        """Begin and end operations as they are configured now."""
        if not self.device.powered:
            return
        config = self.device.config.of(IpSlaConfig)
        for number, run in list(self.runs.items()):
            if number not in config.operations or config.schedules.get(number) != run.schedule:
                run.halt()
                del self.runs[number]
                self.told.emit()
        for number, schedule in config.schedules.items():
            if number in config.operations and schedule.now and number not in self.runs:
                ends = None if schedule.life is None else self.device.now + schedule.life
                run = Run(schedule, self.device.rng.randrange(1, 0x10000), ends)
                self.runs[number] = run
                self._ask_after(0.0, config.operations[number], run)

    def running(self, number: int) -> bool:
        """Whether an operation is at work, and so may not be changed."""
        run = self.runs.get(number)
        return run is not None and run.active

    def _ask_after(self, seconds: float, operation: Operation, run: Run) -> None:
        run.next = self.device.scheduler.after(seconds, lambda: self._ask(operation, run))

    def _ask(self, operation: Operation, run: Run) -> None:
        run.halt()
        now = self.device.now
        if run.ends is not None and now >= run.ends:
            run.active = False
            self.told.emit()
            return
        self._ask_after(float(operation.frequency), operation, run)
        if operation.destination is None:
            return
        run.started = now
        stack = self.device.service(IpStack)
        probe = Probe(stack, operation.destination, self._source(operation, operation.destination))
        run.probe = probe
        run.timeout = self.device.scheduler.after(
            operation.timeout / 1000, lambda: self._judge(operation, run)
        )

        def heard() -> None:
            # whoever signals is in the middle of things: judge when it is done
            self.device.scheduler.after(0.0, lambda: self._arrived(operation, run, probe))

        probe.arrived.connect(heard)
        sequence = (run.successes + run.failures) & 0xFFFF
        probe.echo(run.identifier, sequence, bytes(operation.size))

    def _source(self, operation: Operation, destination: IPv4Address) -> IPv4Address | None:
        if operation.source is not None:
            return operation.source
        if operation.source_interface:
            interface = self.device.interfaces.get(operation.source_interface)
            addresses = interface.config.of(IpSettings).addresses if interface is not None else []
            return addresses[0].ip if addresses else None
        return self.device.service(IpStack).vrf("").source_for(destination)

    def _arrived(self, operation: Operation, run: Run, probe: Probe) -> None:
        if run.probe is not probe or probe.answer is None:
            return
        if probe.answer.message.type == IcmpType.ECHO_REPLY:
            self._judge(operation, run)

    def _judge(self, operation: Operation, run: Run) -> None:
        answer = run.probe.answer if run.probe is not None else None
        if answer is not None and answer.message.type == IcmpType.ECHO_REPLY:
            run.rtt = max(1, answer.milliseconds)
            run.over_threshold = run.rtt > operation.threshold
            run.code = "Over threshold" if run.over_threshold else "OK"
            run.successes += 1
        else:
            run.rtt, run.code = None, "Timeout"
            run.failures += 1
        if run.timeout is not None:
            run.timeout.cancel()
        if run.probe is not None:
            run.probe.close()
        run.timeout = run.probe = None
        self.told.emit()
