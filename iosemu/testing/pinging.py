"""Pings whose result is an object: the same packets at the same pace as the devices' own `ping`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from iosemu.box.device import Device
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpType
from iosemu.subjects.pc.service import HostStack

PAYLOAD = 72
"""Octets of data: the 100-byte packets of IOS."""
ROUTER = (5, 2.0, 0.0)
"""Probes, seconds that each waits, seconds between one that was answered and the next: IOS."""
HOST = (4, 4.0, 1.0)
"""The same of a PC (Windows)."""

RunUntil = Callable[[Callable[[], bool], float], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class PingResult:
    """What came of a ping; true when every packet was answered."""

    destination: IPv4Address
    sent: int
    rtts: tuple[float, ...]
    """Lab seconds of each echo that came back."""
    errors: tuple[str, ...] = ()
    """What came back instead: `unreachable from 10.0.0.1` and the like."""

    @property
    def received(self) -> int:
        """How many echoes came back."""
        return len(self.rtts)

    @property
    def lost(self) -> int:
        """How many did not."""
        return self.sent - self.received

    @property
    def loss(self) -> float:
        """Share that was lost, from 0 to 1."""
        return self.lost / self.sent

    def __bool__(self) -> bool:
        return self.lost == 0

    def __str__(self) -> str:
        text = f"{self.received} of {self.sent} answered by {self.destination}"
        return f"{text} ({'; '.join(dict.fromkeys(self.errors))})" if self.errors else text


async def ping(
    device: Device,
    destination: str | IPv4Address,
    run_until: RunUntil,
    count: int | None,
    timeout: float | None,
) -> PingResult:
    """Send echo requests from a device.

    Raises ValueError for a bad address, a count below 1, or a device that has no IP.
    """
    stack = device.find(IpStack)
    if stack is None or not device.powered:
        reason = "is switched off" if stack is not None else f"is a {device.kind} and cannot ping"
        raise ValueError(f"{device.name} {reason}")
    try:
        address = IPv4Address(destination)
    except AddressValueError as error:
        raise ValueError(f"{destination!r} is no IPv4 address, such as 192.168.2.1") from error
    usual, patience, interval = HOST if device.find(HostStack) is not None else ROUTER
    total = usual if count is None else count
    if total < 1:
        raise ValueError(f"a ping of {total} packets: send at least 1")
    identifier = device.rng.randrange(1, 0x10000)
    rtts: list[float] = []
    errors: list[str] = []
    for number in range(1, total + 1):
        with Probe(stack, address, stack.source_for(address)) as probe:
            probe.echo(identifier, number & 0xFFFF, bytes(PAYLOAD))
            await run_until(lambda probe=probe: probe.answered, patience if timeout is None else timeout)  # type: ignore[misc]
        answer = probe.answer
        if answer is None:
            continue
        if answer.message.type == IcmpType.ECHO_REPLY:
            rtts.append(answer.seconds)
        else:
            errors.append(f"{IcmpType(answer.message.type).name.lower()} from {answer.source}")
        if interval and number < total:
            await run_until(lambda: False, interval)
    return PingResult(address, total, tuple(rtts), tuple(errors))
