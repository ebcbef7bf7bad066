"""A channel in process: keys go straight into the session, and lab time passes while it waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from iosemu.lab.lab import Lab
from iosemu.shell.proceeding import Proceeding
from iosemu.shell.session import Session
from iosemu.subjects.access.authentication import authenticating
from iosemu.testing.channel import Channel, Ready

PATIENCE = 3600.0
"""Lab seconds after which a command that waits is given up."""


RunUntil = Callable[[Callable[[], bool], float], Awaitable[bool]]
"""Lets lab time pass until something holds, at most for so many lab seconds; tells whether it does."""


class DirectChannel(Channel):
    """A session without SSH."""

    def __init__(self, lab: Lab, session: Session, run_until: RunUntil) -> None:
        super().__init__()
        self._lab = lab
        self._session = session
        self._run_until = run_until

    @classmethod
    async def open(
        cls, lab: Lab, run_until: RunUntil, device: str, username: str, password: str, size: tuple[int, int]
    ) -> DirectChannel:
        """Log in; raises ValueError when the device is off, refuses the user or has no line left."""
        if not lab[device].powered:
            raise ValueError(f"{device} is switched off")
        login = Proceeding(lab[device], authenticating(lab[device], username, password, "127.0.0.1"))
        if not login.done:
            lab.clock.watch(login)
            await run_until(lambda: login.done, PATIENCE)
            lab.clock.unwatch(login)
            login.cancel()
        privilege = login.result
        if privilege is None:
            raise ValueError(f"{device} refuses user {username!r} with that password")
        session = lab.session(device, username=username, privilege=privilege, columns=size[0], rows=size[1])
        if session is None:
            raise ValueError(f"{device} has no free line: '@close' a session first")
        return cls._begin(lab, run_until, session)

    @classmethod
    def behind(cls, lab: Lab, run_until: RunUntil, device: str, size: tuple[int, int]) -> DirectChannel:
        """A session at privilege 15 that needs neither a user nor a free line.

        Raises ValueError when the device is off.
        """
        session = lab.session(device, columns=size[0], rows=size[1], hidden=True)
        if session is None or not lab[device].powered:
            raise ValueError(f"{device} is switched off")
        return cls._begin(lab, run_until, session)

    @classmethod
    def _begin(cls, lab: Lab, run_until: RunUntil, session: Session) -> DirectChannel:
        channel = cls(lab, session, run_until)
        lab.clock.watch(session)
        session.start()
        channel._take()
        return channel

    def _take(self) -> None:
        self.screen.feed(self._session.output())
        if self._session.closed:
            self.closed = True

    async def send(self, data: bytes) -> None:
        """Press keys; a device that has hung up hears nothing."""
        if not self.closed:
            self._session.receive(data)
            self._take()

    async def settle(self, ready: Callable[[], Ready]) -> bool:
        """Let lab time pass until the session waits for keys; False when it never does."""

        def idle() -> bool:
            return self._session.closed or not self._session.waiting

        done = idle() or await self._run_until(idle, PATIENCE)
        self._take()
        return done

    async def drain(self) -> None:
        """Take what was printed meanwhile."""
        self._session.tick()
        self._take()

    async def close(self) -> None:
        """Hang up."""
        if not self._session.closed:
            self._session.disconnect()
        self._lab.clock.unwatch(self._session)
        self.closed = True
