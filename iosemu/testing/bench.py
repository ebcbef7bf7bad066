"""The bench that holds a real lab, reached over SSH or in process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from iosemu.lab.lab import Lab
from iosemu.lab.marked import LabError
from iosemu.lab.serving import Serving, serve
from iosemu.server.ssh import HOST
from iosemu.testing.channel import Bench, Channel
from iosemu.testing.console import Console
from iosemu.testing.direct import DirectChannel
from iosemu.testing.ssh import SSHChannel
from iosemu.testing.transcript import UseLab

POLLS = 240
"""Into how many looks a `wait_until` is divided."""
SHORTEST = 0.25
"""Lab seconds between two looks, at least."""


class LabBench(Bench):
    """One lab at a time, on free ports, with nothing remembered from earlier runs.

    With `direct` sessions are opened in process; without `serve` the lab has no SSH ports at all and
    its time stands still unless somebody waits.
    """

    def __init__(self, *, direct: bool = False, serve: bool | None = None) -> None:
        self._direct = direct
        self._serve = not direct if serve is None else serve
        self._lab: Lab | None = None
        self._serving: Serving | None = None
        self._stack = contextlib.AsyncExitStack()
        self._consoles: dict[str, Console] = {}

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
        """Put a fresh copy of a lab on the bench; raises ValueError when there is none of that name."""
        await self.close()
        try:
            loaded = Lab.load(lab.lab, time=lab.time)
        except LabError as error:
            raise ValueError(str(error)) from error
        loaded.boot()
        self._lab = loaded
        if self._serve:
            self._serving = await self._stack.enter_async_context(serve(loaded, base_port=0))

    def address(self, device: str) -> tuple[str, int]:
        """Host and port of a device's SSH server; raises ValueError when the lab is not served."""
        self._check(device)
        if self._serving is None:
            raise ValueError("the lab runs without SSH ports")
        return HOST, self._serving.ports[device]

    async def open(self, device: str, username: str, password: str, size: tuple[int, int]) -> Channel:
        """Log in to a device; raises ValueError when there is none of that name or it refuses."""
        self._check(device)
        if self._direct:
            return DirectChannel.open(self.lab, self.run_until, device, username, password, size)
        host, port = self.address(device)
        return await SSHChannel.open(host, port, username, password, size)

    def _check(self, device: str) -> None:
        if device not in self.devices:
            raise ValueError(f"the lab has no device {device!r}; it has: {', '.join(self.devices)}")

    async def run(self, device: str, command: str) -> str:
        """Type a line into a session kept for this and return what it printed."""
        console = self._consoles.get(device)
        if console is None or console.channel.closed:
            console = Console(device, await self.open(device, "admin", "admin", (80, 1000)))
            await console.greet()
            self._consoles[device] = console
        return await console.run(command)

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

    async def set_link(self, endpoint: str, up: bool) -> None:
        """Cut or mend a cable; raises ValueError for an unknown endpoint."""
        try:
            link = self.lab.link(endpoint)
        except LabError as error:
            raise ValueError(str(error)) from error
        link.plugged = up
        self.lab.clock.poke()

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

    async def close(self) -> None:
        """Take the lab down."""
        for console in self._consoles.values():
            await console.channel.close()
        self._consoles.clear()
        self._lab = self._serving = None
        await self._stack.aclose()
