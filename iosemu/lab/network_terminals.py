"""The terminal lines of a device for those who come over the lab's own network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.box.terminals import RemoteUser
from iosemu.lab.terminal_lines import VtyEndpoint
from iosemu.server.waiters import ShellWaiter
from iosemu.shell.session import Session

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab


class NetworkTerminals:
    """What `Device.terminals` is in a lab."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self._endpoint = VtyEndpoint(lab, name)

    def admits(self, protocol: str, address: str, vrf: str = "") -> bool:
        """Whether a line is free for him."""
        return self._endpoint.admits(address, protocol, vrf)

    def answer(self, user: RemoteUser) -> bool:
        """Give him a shell on a line."""
        session = self._endpoint.open(user.address, _nothing, user.vrf)
        if session is None:
            return False
        NetworkTerminal(self._lab, session, user).begin()
        return True


class NetworkTerminal(ShellWaiter[Session]):
    """One user and his shell."""

    def __init__(self, lab: Lab, session: Session, user: RemoteUser) -> None:
        self._clock = lab.clock
        self._shell = session
        self._user = user
        self._rouse: Callable[[], None] = _nothing

    def begin(self, command: str | None = None) -> None:
        """The shell speaks first, or runs one command and ends."""
        self._user.signal.connect(self._stir)
        self._clock.watch(self)
        shell = self._shell
        assert shell is not None
        self._begin_turn(shell)
        if command is None:
            shell.start()
        else:
            shell.run(command)
        self._flush()

    def _stir(self) -> None:
        self._rouse()

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom to tell when there is something to do."""
        self._rouse = rouse
        super().attend(rouse)

    @property
    def waiting(self) -> bool:
        """The shell wants lab time to pass, or what it printed is on its way, or what he typed is here."""
        user, shell = self._user, self._shell
        if shell is None:
            return not user.settled
        return shell.waiting or not user.settled or (user.unread > 0 and shell.eager)

    def tick(self) -> None:
        """He typed, or has hung up; or the shell has something to do."""
        shell = self._shell
        if shell is None:
            self._leave()
            return
        self._begin_turn(shell)
        shell.tick()
        if not self._user.open:
            self._end()
            return
        if shell.eager:
            typed = self._user.read()
            if typed:
                shell.receive(typed)
        self._flush()

    def _begin_turn(self, shell: Session) -> None:
        """A turn; where no loop runs, everything is done at once."""
        if self._loops:
            super()._begin_turn(shell)

    @property
    def _loops(self) -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def _after_input(self) -> None:
        self._flush()
        self._clock.served(self)

    def _flush(self) -> None:
        """Send what was printed, unless he does not read; hang up when the shell has ended."""
        shell = self._shell
        if shell is None:
            return
        if not self._user.clogged:
            printed = shell.output()
            if printed:
                self._user.write(printed)
            if shell.closed:
                self._end()
                return
        if self._loops:
            self._want_turn(shell)

    def _end(self) -> None:
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.disconnect()
            if self._loops:
                self._clock.turns.finish(shell)
        self._user.close()
        self._leave()

    def _leave(self) -> None:
        """Go, when the last word has arrived."""
        if self._user.settled:
            self._user.signal.disconnect(self._stir)
            self._clock.unwatch(self)


def _nothing() -> None:
    """Nobody is told."""
