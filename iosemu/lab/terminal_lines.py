"""The terminal lines of a lab's devices as Telnet listeners see them: virtual terminals, and consoles."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.box.line_config import LinesConfig
from iosemu.box.lines import Line
from iosemu.box.vtys import allocate_vty
from iosemu.shell.console_line import ConsoleLine
from iosemu.shell.terminal_session import TerminalSession
from iosemu.subjects.access.authentication import line_admits
from iosemu.subjects.access.login import LoginGuard

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

REMEMBERED = 65536
"""Octets that a console printed while nobody looked, which the next one who looks is shown."""


def has_terminal_lines(lab: Lab, name: str) -> bool:
    """Whether a device is reached by Telnet and a console cable: a PC and a sniffer are not."""
    return lab.devices[name].config.find(LinesConfig) is not None


class VtyEndpoint:
    """The virtual terminals of a device, for Telnet."""

    watched = True

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self.name = name

    def open(self, address: str, changed: Callable[[], None], vrf: str = "") -> TerminalSession | None:
        """A session on the first free vty that takes Telnet, if its `access-class` lets the client in."""
        line = self.take(address, "telnet", vrf)
        return None if line is None else self._lab.terminal_session(self.name, line, address)

    def admits(self, address: str, protocol: str, vrf: str = "") -> bool:
        """Whether a client would be given a line now."""
        line = self.take(address, protocol, vrf)
        if line is not None:
            line.uses -= 1
            line.free()
        return line is not None

    def take(self, address: str, protocol: str, vrf: str) -> Line | None:
        """The first free line that lets the client in; None: there is none."""
        device = self._lab.devices[self.name]
        lines = device.config.find(LinesConfig)
        if not device.powered or lines is None or not device.service(LoginGuard).admits(address):
            return None
        line = allocate_vty(device, "", address, protocol)
        if line is not None and not line_admits(device, lines.vty[line.number], address, vrf):
            line.free()
            return None
        return line


class ConsoleHub:
    """The console line of one device and all who look at it, as at the two ends of one serial cable.

    Nobody who goes away logs anybody out.
    """

    watched = False

    def __init__(self, lab: Lab, name: str) -> None:
        self.name = f"the console of {name}"
        self._clock = lab.clock
        self._line = ConsoleLine(lab.devices[name], lab.grammar, lab.adopt)
        self._views: list[ConsoleView] = []
        self._kept = b""
        self._queued = False
        """It waits for a turn."""
        self._clock.watch(self)
        self._gather()

    def open(self, address: str, changed: Callable[[], None]) -> ConsoleView:
        """One more who looks; what nobody saw is shown to the first."""
        view = ConsoleView(self, changed)
        view.print(self._kept)
        self._kept = b""
        self._views.append(view)
        return view

    def close(self) -> None:
        """The lab ends."""
        self._clock.unwatch(self)
        self._line.close()

    def left(self, view: ConsoleView) -> None:
        """One looks no more."""
        if view in self._views:
            self._views.remove(view)

    def typed(self, data: bytes) -> None:
        """Somebody typed."""
        self._line.turn(self._clock.turns.begin())
        self._line.receive(data)
        self._gather()
        self._clock.served(self)

    @property
    def eager(self) -> bool:
        """What was typed ahead is little enough to take more."""
        return self._line.eager

    def _go_on(self) -> None:
        """A turn for what gave way."""
        self._queued = False
        self._line.turn(self._clock.turns.begin())
        self._line.go_on()
        self._gather()
        self._clock.served(self)

    def _gather(self) -> None:
        """Hand on what was printed."""
        data = self._line.output()
        if self._line.busy and not self._queued:
            self._queued = True
            self._clock.turns.add(self._go_on)
        if not data:
            return
        if not self._views:
            self._kept = (self._kept + data)[-REMEMBERED:]
        for view in list(self._views):
            view.print(data)

    # what the clock asks

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom the line tells when there is something to do."""
        self._line.attend(rouse)

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        return self._line.waiting

    @property
    def restless(self) -> bool:
        """A command wants a tick after every event."""
        return self._line.restless

    @property
    def wake(self) -> float | None:
        """Lab time of the next tick it wants."""
        return self._line.wake

    def tick(self) -> None:
        """Have the line look."""
        self._line.turn(self._clock.turns.begin())
        self._line.tick()
        self._gather()


class ConsoleView:
    """One who looks at a console; a shell for the Telnet server."""

    waiting = False
    restless = False
    busy = False
    wake: float | None = None
    closed = False
    greeted = True

    def __init__(self, hub: ConsoleHub, changed: Callable[[], None]) -> None:
        self._hub = hub
        self._changed = changed
        self._out = b""

    def print(self, data: bytes) -> None:
        """Printed by the box; who reads too slowly loses what is old, as on a serial cable."""
        if data:
            self._out = (self._out + data)[-16 * REMEMBERED :]
            self._changed()

    def output(self) -> bytes:
        """What is to be sent since the last call."""
        out, self._out = self._out, b""
        return out

    def receive(self, data: bytes) -> None:
        """Typed."""
        self._hub.typed(data)

    def disconnect(self) -> None:
        """The client is gone; the line stays as it is."""
        self._hub.left(self)

    @property
    def eager(self) -> bool:
        """What was typed ahead is little enough to take more."""
        return self._hub.eager

    def turn(self, spent: Callable[[], bool]) -> None:
        """The hub takes turns."""

    def go_on(self) -> None:
        """The hub does it."""

    def attend(self, rouse: Callable[[], None]) -> None:
        """The hub is told by the clock."""

    def start(self) -> None:
        """What was kept is printed already."""

    def run(self, command: str) -> None:
        """A console runs no single commands."""

    def end_of_input(self) -> None:
        """The line stays."""

    def tick(self) -> None:
        """The hub does it."""

    def resize(self, columns: int, rows: int) -> None:
        """A serial line knows no windows."""

    def named(self, terminal: str) -> None:
        """A serial line knows no terminals."""
