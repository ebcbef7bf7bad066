"""What a session asks servers, by the methods of `aaa authentication dot1x`."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.aaa.outcome import Verdict
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.radius import RadiusPacket
from iosemu.subjects.aaa_servers.service import AaaServers, PortClient, RadiusPending, when_answered
from iosemu.subjects.access.config import AaaConfig

GROUP = "group "
Told = Callable[[RadiusPacket | None, bool], None]
"""Given the answer; without one, whether everybody is let in (`none`) or nobody could decide."""


class Inquiry:
    """One question at a time; what is not waited for any more is not heard."""

    def __init__(self, device: Device, told: Told) -> None:
        self._device = device
        self._told = told
        self._methods: tuple[str, ...] = ()
        self._question: tuple[PortClient, bytes, bytes | None] | None = None
        self._patience = 0.0
        self._asked: RadiusPending | None = None
        self._timer: Timer | None = None

    def ask(self, client: PortClient, eap: bytes, state: bytes | None, patience: float = 0.0) -> None:
        """Ask the methods one after the other, while none can decide; `patience` in seconds, 0 as RADIUS has it."""
        self._methods = self._device.config.of(AaaConfig).dot1x
        self._question, self._patience = (client, eap, state), patience
        self._next()

    def forget(self) -> None:
        """The answer is of no interest any more."""
        self._asked = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> None:
        self.forget()
        while self._methods:
            method, self._methods = self._methods[0], self._methods[1:]
            if method == "none":
                self._told(None, True)
                return
            if method.startswith(GROUP):
                self._ask_group(method.removeprefix(GROUP))
                return
        self._told(None, False)

    def _ask_group(self, group: str) -> None:
        assert self._question is not None
        pending = self._device.service(AaaServers).port_access(group, *self._question)
        self._asked = pending
        if self._patience:
            self._timer = self._device.scheduler.after(self._patience, self._next)
        when_answered(self._device, pending, lambda verdict: self._answered(pending, verdict))

    def _answered(self, pending: RadiusPending, verdict: Verdict) -> None:
        if pending is not self._asked:
            return
        if verdict is Verdict.ERROR or pending.answer is None:
            self._next()
            return
        self.forget()
        self._told(pending.answer, False)


def port_client(interface: Interface, name: bytes, station: MacAddress, session: str) -> PortClient:
    """A station at a port, as servers are told of it."""
    return PortClient(name, station, interface.name, _nas_port(interface.name), interface.mac, session)


def _nas_port(name: str) -> int:
    """`50001` for FastEthernet0/1, `50101` for GigabitEthernet0/1, as Catalysts tell it."""
    numbers = name.rsplit("/", 1)
    place = int(numbers[-1]) if numbers[-1].isdecimal() else 0
    return 50000 + (100 if name.startswith("Gigabit") else 0) + place
