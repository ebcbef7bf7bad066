"""`trace`: one packet is sent and followed through every device, and its answer back, in lab time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from iosemu.box.device import Device
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.lab.configured import running
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.net.signal import Signal
from iosemu.net.tracing import End, Kind, Line, Note, Trace
from iosemu.packets.icmp import echo
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.packets.udp import UdpDatagram

PATIENCE = 5.0
"""Lab seconds for which a packet and what comes of it are followed."""
PAYLOAD = bytes(72)
"""Makes an echo request of 100 octets, as IOS sends it."""
PROTOCOLS = ("icmp", "udp", "tcp")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was decided about the packet, with the lines of the running configuration behind it."""

    after: float
    """Seconds since it was sent."""
    device: str
    kind: Kind
    stage: str
    text: str
    lines: tuple[str, ...]
    port: str
    end: End | None

    def data(self) -> dict[str, Any]:
        """For the page and for programs."""
        return {
            "after": self.after,
            "device": self.device,
            "kind": self.kind.value,
            "stage": self.stage,
            "text": self.text,
            "lines": list(self.lines),
            "port": self.port,
            "end": self.end.value if self.end is not None else "",
        }


@dataclass(frozen=True, slots=True)
class Traced:
    """What became of a packet."""

    title: str
    steps: tuple[Step, ...]
    answered: bool
    verdict: str

    def lines(self) -> Iterator[str]:
        """For people: by device, the answer and ARP marked, configuration indented."""
        yield self.title
        place, kind = "", Kind.PACKET
        for step in self.steps:
            if (step.device, step.kind) != (place, kind) or step.stage == "in" or not place:
                mark = "" if step.kind is Kind.PACKET else f" ({step.kind.value})"
                if (step.device, step.kind) != (place, kind) or not place:
                    yield f"{step.after * 1000:+10.3f} ms  {step.device}{mark}"
            place, kind = step.device, step.kind
            dropped = "DROPPED: " if step.end is End.DROPPED and step.kind is not Kind.ARP else ""
            yield f"    {step.stage}: {dropped}{step.text}"
            yield from (f"        | {line}" for line in step.lines)
        yield self.verdict

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def data(self) -> dict[str, Any]:
        """For the page and for programs."""
        return {
            "title": self.title,
            "steps": [each.data() for each in self.steps],
            "answered": self.answered,
            "verdict": self.verdict,
        }


class Tracer:
    """Sends a packet when made; `result` is there when `done` is emitted, as lab time passes.

    `destination` is an address or a device, whose first address it is. Raises LabError for a device that cannot send,
    a destination that is none, a protocol that is not of PROTOCOLS or a port that is wanted and missing.
    """

    def __init__(
        self, lab: Lab, source: str, destination: str, protocol: str = "icmp", port: int | None = None
    ) -> None:
        self.result: Traced | None = None
        self.done = Signal()
        self._lab = lab
        device = lab.devices.get(source)
        if device is None:
            raise LabError(f"there is no node {source!r}; there are: {', '.join(lab.devices)}")
        stack = device.find(IpStack)
        if stack is None or not device.powered:
            raise LabError(f"{source} cannot send packets")
        if protocol not in PROTOCOLS or (protocol != "icmp" and not (port and 0 < port < 0x10000)):
            raise LabError("icmp, udp PORT or tcp PORT is wanted")
        self._destination = _address(lab, destination)
        self._device, self._stack = device, stack
        self._began = lab.scheduler.now
        self._trace = Trace(lab.scheduler, source, self._began + PATIENCE)
        self._trace.done.connect(self._finish)
        what = "ICMP echo" if protocol == "icmp" else f"{protocol.upper()} port {port}"
        self._title = f"{source} to {self._destination}, {what}, at {self._began:.3f} s of lab time"
        self._timer = lab.scheduler.after(PATIENCE, self._trace.finish)
        self._send(protocol, port or 0)

    @property
    def finished(self) -> bool:
        """There is a result."""
        return self.result is not None

    @property
    def error(self) -> str:
        """Always empty: what cannot be traced is refused at once."""
        return ""

    def report(self) -> Iterator[str]:
        """The result as lines; nothing before there is one."""
        return self.result.lines() if self.result is not None else iter(())

    def stop(self) -> None:
        """Follow the packet no further."""
        self._timer.cancel()
        self._trace.finish()

    def _send(self, protocol: str, port: int) -> None:
        stack, device, destination = self._stack, self._device, self._destination
        source = stack.source_for(destination)
        span = self._trace.root()
        with span.at_work():
            if source is None:
                span.drop(
                    device.name, "route", f"there is no route to {destination}, or no address to send from",
                    Line("", ("ip default-gateway", "no ip routing", "ipconfig")),
                )  # fmt: skip
            else:
                stack.send(_packet(device, source, destination, protocol, port, stack.ttl))
        self._trace.settle()

    def _finish(self) -> None:
        self._timer.cancel()
        texts = Configurations(self._lab)
        notes = relevant(self._trace)
        steps = tuple(
            Step(
                note.when - self._began, note.device, note.kind, note.stage, note.text,
                texts.lines(note), note.port, note.end,
            )
            for note in notes
        )  # fmt: skip
        answered, verdict = judge(steps, self._device.name)
        self.result = Traced(self._title, steps, answered, verdict)
        self.done.emit()


def _address(lab: Lab, text: str) -> IPv4Address:
    for name, device in lab.devices.items():
        if name.lower() == text.lower():
            for interface in device.interfaces.values():
                settings = interface.config.held(IpSettings)
                if settings is not None and settings.addresses:
                    return settings.addresses[0].ip
            raise LabError(f"{name} has no IP address")
    try:
        return IPv4Address(text)
    except AddressValueError as error:
        raise LabError(f"{text!r} is neither an IPv4 address, such as 192.168.2.1, nor a node") from error


def _packet(
    device: Device, source: IPv4Address, destination: IPv4Address, protocol: str, port: int, ttl: int
) -> IPv4Packet:
    near = device.rng.randrange(49152, 0x10000)
    if protocol == "icmp":
        return IPv4Packet(source, destination, Protocol.ICMP, echo(near, 0, PAYLOAD).to_bytes(), ttl)
    if protocol == "udp":
        data = UdpDatagram(near, port, PAYLOAD).to_bytes(source, destination)
        return IPv4Packet(source, destination, Protocol.UDP, data, ttl)
    segment = TcpSegment(near, port, device.rng.randrange(0, 1 << 32), 0, TcpFlags.SYN)
    return IPv4Packet(source, destination, Protocol.TCP, segment.to_bytes(source, destination), ttl)


def relevant(trace: Trace) -> list[Note]:
    """What was noted on ways that led somewhere: without the copies that came to others.

    Of ARP that nobody answered everything is told, once: somewhere on its way is why.
    """
    ends = {note.span for note in trace.notes if note.end in (End.ARRIVED, End.DROPPED)}
    if not ends:  # everything that there is, then
        ends = {note.span for note in trace.notes}
    wanted = {each for span in ends for each in trace.ancestors(span)}
    answered = any(note.kind is Kind.ARP and note.end is End.ARRIVED for note in trace.notes)
    told: set[tuple[str, str]] = set()
    notes = []
    for note in trace.notes:
        if note.kind is Kind.ARP and not answered:
            if (note.device, note.text) not in told:
                notes.append(note)
                told.add((note.device, note.text))
        elif note.span in wanted and note.end is not End.IGNORED:
            notes.append(note)
    return notes


def judge(steps: tuple[Step, ...], origin: str) -> tuple[bool, str]:
    """Whether the packet was answered, and what became of it in a sentence or two."""
    last: dict[tuple[Kind, End | None], Step] = {}
    for step in steps:
        last[step.kind, step.end] = step
    arrived, told = last.get((Kind.PACKET, End.ARRIVED)), last.get((Kind.ERROR, End.ARRIVED))
    answer, lost = last.get((Kind.ANSWER, End.ARRIVED)), last.get((Kind.ANSWER, End.DROPPED))
    dropped = last.get((Kind.PACKET, End.DROPPED))
    if arrived is not None and arrived.device == origin:
        return True, f"{origin} has that address itself."
    if answer is not None and answer.device == origin:
        how = "Refused by a reset" if " RST " in answer.text else "Answered"
        return True, f"{how} after {answer.after * 1000:.3f} ms."
    if arrived is not None:
        where = f"It arrived at {arrived.device}"
        if lost is not None:
            return False, f"{where}; {lost.device} dropped the answer: {_why(lost, steps)}"
        if told is not None:
            return False, f"{where}, which refused it: {told.text.removeprefix('for this box: ')}."
        return False, f"{where}; no answer came back within {PATIENCE:g} s."
    if dropped is not None:
        error = "" if told is None else f" {origin} was told after {told.after * 1000:.3f} ms."
        return False, f"{dropped.device} dropped it: {_why(dropped, steps)}{error}"
    if not steps:
        return False, "Nothing was sent."
    asked = next((step for step in steps if step.kind is Kind.ARP), None)
    if asked is not None:
        return False, f"{asked.device} waits in vain for an answer to ARP: {asked.text}."
    return False, f"It was seen last at {steps[-1].device}: {steps[-1].text}."


def _why(dropped: Step, steps: tuple[Step, ...]) -> str:
    """Why it was dropped; of a next hop that was asked for, whether it has answered since."""
    arp = [step for step in steps if step.kind is Kind.ARP and step.after >= dropped.after]
    if dropped.stage != "ARP" or not arp or arp[0].device != dropped.device:
        return f"{dropped.text}."
    if any(step.end is End.ARRIVED for step in arp):
        return f"{dropped.text}. It answered meanwhile: the next packet goes on."
    return f"{dropped.text}. Nobody answered."


class Configurations:
    """The running configurations of a lab, made when asked for, and the lines that notes name."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._texts: dict[str, list[str]] = {}

    def lines(self, note: Note) -> tuple[str, ...]:
        """Those that a note names; what stands under the same line comes under it together."""
        rows: list[str] = []
        section = ""
        for each in note.lines:
            found = self.find(note.device, each)
            rows += found[1:] if found and found[0] == section else found
            section = next((row for row in reversed(rows) if not row.startswith(" ")), "")
        return tuple(rows)

    def find(self, device: str, line: Line) -> list[str]:
        """A line of a device with the one that it stands under; nothing where it has none such."""
        if device not in self._texts:
            box = self._lab.devices.get(device)
            self._texts[device] = running(self._lab, box) if box is not None else []
        rows = self._texts[device]
        section, inside, passed = "", not line.section, 0
        for row in rows:
            if not row.startswith(" "):
                section, inside = row, _is(row, line.section) if line.section else True
                if line.section and not line.starts and inside:
                    return [row.rstrip()]
            elif not line.section:
                continue
            if not inside or (line.section and row == section):
                continue
            if any(row.strip().startswith(start) for start in line.starts):
                if passed == line.nth:
                    return [section.rstrip(), row] if line.section else [row]
                passed += 1
        return []


def _is(row: str, section: str) -> bool:
    return (
        row == section or row.startswith(section + " ") or (section.endswith(".") and row.startswith(section))
    )
