"""The bench that holds a real lab, reached over SSH or in process.

Most tests never log in over SSH: what that needs is imported when the first one does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from iosemu.lab import labfile
from iosemu.lab.console import ConsoleShell
from iosemu.lab.convergence import LEAST, WARM_UP, Stopwatch
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.registry import LOOPBACK
from iosemu.lab.snapshot import Snapshot
from iosemu.server.endpoint import Client
from iosemu.server.pace import Pace
from iosemu.testing import transcript
from iosemu.testing.channel import Bench, Channel
from iosemu.testing.console import Console
from iosemu.testing.direct import DirectChannel
from iosemu.testing.evidence import Evidence
from iosemu.testing.transcript import UseLab

if TYPE_CHECKING:
    from iosemu.lab.ssh_service import Serving

POLLS = 240
"""Into how many looks a `wait_until` is divided."""
CONSOLE = "console"
"""The lab's console, as scenarios name it."""
FOREVER = 1e9
"""Lab seconds within which a line of the console comes to its end."""
SHORTEST = 0.25
"""Lab seconds between two looks, at least."""

Key = tuple[str, int, str]


class LabBench(Bench):
    """One lab at a time, with nothing remembered from earlier runs.

    With `direct` sessions are opened in process, else over SSH on free ports. A lab that is asked for again
    is put back to the moment after it booted; nobody can tell it from a fresh one. With `record` everything
    on its cables is kept as evidence.
    """

    def __init__(self, *, direct: bool = False, record: bool = False) -> None:
        self._direct = direct
        self._record = record
        self._lab: Lab | None = None
        self._key: Key | None = None
        self._booted: Snapshot | None = None
        self._pace = Pace.FAST
        self._serving: Serving | None = None
        self._stack = contextlib.AsyncExitStack()
        self._consoles: dict[str, Console] = {}
        self.evidence: Evidence | None = None
        """What is recorded of the lab, with `record`."""
        self.uses = 0
        """How often a lab was put on the bench or put back."""

    @property
    def lab(self) -> Lab:
        """The lab on the bench; raises ValueError when there is none."""
        if self._lab is None:
            raise ValueError("no lab is running: put '@lab NAME' above")
        return self._lab

    @property
    def devices(self) -> list[str]:
        """Names of the lab's devices."""
        return list(self.lab.devices)

    async def use(self, lab: UseLab) -> None:
        """Put a lab on the bench as it is after booting; raises ValueError when there is none of that name."""
        try:
            path = labfile.find(lab.lab)
            key = (str(path.resolve()), path.stat().st_mtime_ns, lab.time)
            if key != self._key or self._lab is None:
                await self.put(Lab.load(lab.lab, time=lab.time))
                self._key = key
            else:
                await self.reset()
        except LabError as error:
            raise ValueError(str(error)) from error

    async def put(self, lab: Lab) -> None:
        """Boot a lab and put it on the bench, in place of the one that is there."""
        await self.close()
        self.uses += 1
        lab.boot()
        self._lab, self._pace = lab, lab.clock.pace
        if not lab.outsides:
            self._booted = lab.snapshot()
        if not self._direct or lab.outsides or self._pace is Pace.REAL:
            await self.serve()
        if self._record:
            self.evidence = Evidence(lab)

    async def reset(self, snapshot: Snapshot | None = None) -> None:
        """Put the lab back to a snapshot, or to the moment after it booted."""
        await self._hang_up()
        snapshot = snapshot or self._booted
        if snapshot is None:  # it cannot be put back: what is outside of it lives on
            await self.put(Lab(self.lab.topology, seed=self.lab.seed, time=self._pace))
            return
        if self.evidence is not None:
            self.evidence.detach()
        self.uses += 1
        self.lab.restore(snapshot)
        self.lab.clock.pace = self._pace
        if self.evidence is not None:
            self.evidence.attach()

    async def serve(self) -> Serving:
        """Give every device an SSH port, if it has none yet."""
        if self._serving is None:
            from iosemu.lab.ssh_service import serve
            from iosemu.server.hostkeys import temporary_keys

            context = serve(self.lab, base_port=0, keys=temporary_keys())
            self._serving = await self._stack.enter_async_context(context)
        return self._serving

    async def address(self, device: str) -> tuple[str, int]:
        """Host and port of a device's SSH server; raises ValueError for an unknown device."""
        self._check(device)
        return LOOPBACK, (await self.serve()).ports[device]

    async def line_address(self, device: str, kind: str) -> tuple[str, int]:
        """Host and port of what a lab file may ask for: `telnet`, `console` or `snmp`; ValueError where it does not."""
        self._check(device)
        serving = await self.serve()
        ports = {"telnet": serving.telnet, "console": serving.consoles, "snmp": serving.snmp}[kind]
        if device not in ports:
            raise ValueError(f"the lab file gives {device} no {kind}: write management: {{{kind}: PORT}}")
        return LOOPBACK, ports[device]

    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        """Log in to a device; raises ValueError when there is none of that name or it refuses."""
        self._check(device)
        if self._direct:
            return await DirectChannel.open(self.lab, self.run_until, device, username, password, size)
        from iosemu.testing.ssh import QUIET_HERE, SSHChannel

        host, port = await self.address(device)
        channel = await SSHChannel.open(host, port, username, password, size)
        channel.quiet = QUIET_HERE
        clock = self.lab.clock
        channel.busy = lambda: clock.busy
        return channel

    def _check(self, device: str) -> None:
        if device not in self.devices:
            raise ValueError(f"the lab has no device {device!r}; it has: {', '.join(self.devices)}")

    async def run(self, device: str, command: str) -> str:
        """Type a line into a session kept for this and return what it printed.

        The session is one of the lab's own, at privilege 15: it needs neither a user nor a free line. The
        device `console` is the lab's console (`link R-A:Fa0/0 loss 1%`).
        """
        if device == CONSOLE and device not in self.devices:
            return await self._run_on_console(command)
        self._check(device)
        console = self._consoles.get(device)
        if console is not None:
            await console.channel.drain()  # a device that was rebooted has hung up
        if console is None or console.channel.closed:
            channel = DirectChannel.behind(self.lab, self.run_until, device, (80, 1000))
            console = Console(device, channel)
            await console.greet()
            self._consoles[device] = console
        return await console.run(command)

    async def _run_on_console(self, command: str) -> str:
        shell = ConsoleShell(self.lab, {}, Client("admin", 15, LOOPBACK, pty=False))
        shell.run(command)
        self.lab.clock.watch(shell)
        try:
            await self.run_until(lambda: shell.closed, FOREVER)
        finally:
            self.lab.clock.unwatch(shell)
            shell.disconnect()
        return shell.output().decode()

    async def advance(self, seconds: float) -> None:
        """Let lab time pass."""
        if self._serving is None:
            self.lab.advance(seconds)
        else:
            await self.lab.clock.advance(seconds)

    async def run_until(self, reached: Callable[[], bool], timeout: float) -> bool:
        """Let lab time pass until `reached()`, or for `timeout` lab seconds; tells which."""
        if self._serving is None:
            return self.lab.run_until(reached, timeout)
        return await self.lab.clock.run_until(reached, timeout)

    async def set_link(self, endpoint: str, action: str) -> None:
        """Cut, mend, silence or clear a cable; raises ValueError for an unknown endpoint."""
        try:
            link = self.lab.link(endpoint)
        except LabError as error:
            raise ValueError(str(error)) from error
        match action:
            case "mute":
                link.mute(":".join(self.lab.topology.endpoint(endpoint)))
            case "clear":
                link.clear()
            case _:
                link.plugged = action == "up"
        self.lab.clock.poke()

    async def converge(self, directive: transcript.Converge) -> tuple[int | None, str]:
        """Cut a cable while pings go on; returns how many were lost, None when no way was found, and the report."""
        try:
            watch = Stopwatch(
                self.lab, directive.source, directive.destination, directive.endpoint, directive.within
            )
        except LabError as error:
            raise ValueError(str(error)) from error
        try:
            await self.run_until(lambda: watch.finished, WARM_UP + directive.within + 2 * LEAST)
        finally:
            watch.stop()
        if watch.result is None:
            raise ValueError(watch.error or "lab time does not pass")
        return watch.result.lost if watch.result.outage is not None else None, str(watch.result)

    async def wait_until(self, device: str, command: str, holds: Callable[[str], bool], within: float) -> str:
        """Let lab time pass until a command's output satisfies `holds`; returns the last output."""
        pause = max(SHORTEST, within / POLLS)
        remaining = within
        while True:
            output = await self.run(device, command)
            if holds(output):
                return output
            if remaining <= 0:
                raise TimeoutError(output)
            await self.advance(min(pause, remaining))
            remaining -= pause

    def take_faults(self) -> list[str]:
        """What went wrong in iosemu itself in the lab since the last call; none without a lab."""
        if self._lab is None:
            return []
        found = [str(fault) for fault in self._lab.faults]
        self._lab.faults.clear()
        return found

    async def save_evidence(self, folder: Path) -> list[Path]:
        """Write logs, packets and keys to a folder; returns the files, none without `record`."""
        return [] if self.evidence is None else self.evidence.write(folder)

    async def _hang_up(self) -> None:
        for console in self._consoles.values():
            await console.channel.close()
        self._consoles.clear()

    async def close(self) -> None:
        """Take the lab down."""
        await self._hang_up()
        if self.evidence is not None:
            self.evidence.detach()
        ended = self._lab
        self._lab = self._serving = self._booted = self._key = self.evidence = None
        await self._stack.aclose()
        if ended is not None:
            ended.cut_connections()
