"""Switches and PCs on a bench: boxes, cables, typed commands and lab time."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface

from iosemu.box.device import Device
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.kinds.factory import create_device
from iosemu.lab.resources import grammar, image, model
from iosemu.net.link import Direction, Link
from iosemu.net.scheduler import Scheduler
from iosemu.packets.icmp import IcmpType
from iosemu.shell.executor import Executor
from iosemu.shell.loader import load
from iosemu.subjects.pc.service import NetworkCards

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)


class Bench:
    """A scheduler and the boxes on it."""

    def __init__(self) -> None:
        self.scheduler = Scheduler()

    def _device(self, name: str, model_name: str, image_name: str) -> Device:
        device = create_device(
            name, model(model_name), image(image_name), self.scheduler, random.Random(name), ORIGIN
        )
        device.nvram["startup-config"] = b"!"
        device.boot()
        return device

    def switch(
        self, name: str, config: str = "", model_name: str = "catalyst-2960-24tt", image_name: str = "15.1"
    ) -> Device:
        """A running switch with its configuration typed in."""
        device = self._device(name, model_name, image_name)
        configure(device, config)
        return device

    def router(self, name: str, config: str = "", model_name: str = "c2811") -> Device:
        """A running router with its configuration typed in."""
        device = self._device(name, model_name, "15.1")
        configure(device, config)
        return device

    def pc(self, name: str, address: str, gateway: str | None = None) -> Device:
        """A PC with an address."""
        device = self._device(name, "pc", "packet-tracer")
        device.service(NetworkCards).set_address(
            IPv4Interface(address), IPv4Address(gateway) if gateway is not None else None
        )
        return device

    def cable(self, a: Device, a_port: str, b: Device, b_port: str = "") -> Link:
        """Join two ports; short names such as `Fa0/1` will do."""
        far = full(b_port) if b_port else next(iter(b.ports))
        return Link(self.scheduler, a.ports[full(a_port)], b.ports[far])

    def run(self, seconds: float) -> None:
        """Let lab time pass."""
        self.scheduler.run_until(self.scheduler.now + seconds)


def full(name: str) -> str:
    """`Fa0/1` -> `FastEthernet0/1`."""
    for short, long in (("Fa", "FastEthernet"), ("Gi", "GigabitEthernet"), ("Po", "Port-channel")):
        if name.startswith(short) and name[2:3].isdigit():
            return long + name[2:]
    return name


def configure(device: Device, text: str) -> None:
    """Type configuration lines; every one must be accepted."""
    errors = load(device, grammar(), text)
    assert not errors, errors


def refused(device: Device, text: str) -> str:
    """Type configuration lines of which the last is refused; returns what was printed then."""
    errors = load(device, grammar(), text)
    assert len(errors) == 1, errors
    return "\n".join(errors[0].messages)


def show(device: Device, command: str) -> list[str]:
    """What an exec command prints."""
    executor = Executor(device, grammar(), privilege=15)
    lines = [item for item in executor.steps(command) if isinstance(item, str)]
    assert not executor.failed, lines
    return lines


def running_config(device: Device) -> list[str]:
    """The lines of `show running-config` after its header."""
    lines = show(device, "show running-config")
    return lines[lines.index("!") :]


def has_block(lines: list[str], *block: str) -> bool:
    """Whether the lines stand together somewhere in `lines`."""
    return any(tuple(lines[at : at + len(block)]) == block for at in range(len(lines)))


class Wire:
    """Notes the frames that leave or enter a port."""

    def __init__(self, device: Device, port: str) -> None:
        self.incoming: list[bytes] = []
        self.outgoing: list[bytes] = []
        device.ports[full(port)].taps.append(self._tap)

    def _tap(self, direction: Direction, frame: bytes) -> None:
        (self.incoming if direction is Direction.IN else self.outgoing).append(frame)

    def clear(self) -> None:
        """Forget."""
        self.incoming.clear()
        self.outgoing.clear()


def pings(bench: Bench, source: Device, destination: str, count: int = 1) -> list[bool]:
    """One echo request a second; for each whether its answer came back in that second."""
    address = IPv4Address(destination)
    results = []
    for sequence in range(count):
        probe = Probe(source.service(IpStack), address, source.service(IpStack).source_for(address))
        with probe.echo(7, sequence, b"iosemu"):
            bench.run(1.0)
            results.append(probe.answer is not None and probe.answer.message.type == IcmpType.ECHO_REPLY)
    return results


def reaches(bench: Bench, source: Device, destination: str) -> bool:
    """Whether the second of two pings is answered (the first may be lost to ARP)."""
    return pings(bench, source, destination, 2)[-1]
