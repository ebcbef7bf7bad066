"""The console line of a box: boot messages, the initial configuration dialogue, logins one after the other.

It is there for as long as the box is; who looks at it comes and goes (`iosemu.lab.terminal_lines`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.shell.executor import Executor
from iosemu.shell.messages import Messages
from iosemu.shell.session import Session
from iosemu.shell.terminal_session import TerminalSession
from iosemu.subjects.boot.service import Boot
from iosemu.subjects.files.commands.setup import dialogue

STARTUP = "startup-config"
_RETURN = (b"\r", b"\n")
_HASHES = 70
"""Signs that stand for the image that is unpacked."""


class ConsoleLine:
    """Sans-IO as a session is: bytes in, bytes out, `tick` when roused; it never closes."""

    def __init__(self, device: Device, grammar: Any, opened: Callable[[Session], None] | None = None) -> None:
        """`opened` is told of each session on the line."""
        self._opened = opened
        self.device = device
        self._grammar = grammar
        self._session: Session | None = None
        self._setting_up = False
        self._out: list[bytes] = []
        self._rouse: Callable[[], None] = lambda: None
        self._spent: Callable[[], bool] | None = None
        self._boots = -1
        self._messages = Messages(device, True, self._stir)
        device.attention.connect(self._stir)
        self._booted()

    def attend(self, rouse: Callable[[], None]) -> None:
        """Call `rouse` from now on when something came that a `tick` is to deal with, or a wait began or ended."""
        self._rouse = rouse
        if self._session is not None:
            self._session.attend(rouse)

    def _stir(self) -> None:
        self._rouse()

    def receive(self, data: bytes) -> None:
        """What was typed; a Return wakes an idle line."""
        self._look()
        if not self.device.powered:
            return
        if self._session is None:
            places = [data.find(key) for key in _RETURN if key in data]
            if not places:
                return
            at = min(places)
            data = data[at + 1 :].removeprefix(b"\n") if data[at : at + 1] == b"\r" else data[at + 1 :]
            self._log_in()
        if data and self._session is not None:
            self._session.receive(data)
        self._after()

    def tick(self) -> None:
        """Look at everything that may have come."""
        self._look()
        if self._session is not None:
            self._session.tick()
        elif self.device.powered:
            rows = self._messages.fetch()
            if rows:
                self._print("", *rows)
        self._after()

    def resize(self, columns: int, rows: int) -> None:
        """A serial line knows no windows: the line's own length and width count."""

    def output(self) -> bytes:
        """What was printed since the last call."""
        self._gather()
        data = b"".join(self._out)
        self._out.clear()
        return data

    def turn(self, spent: Callable[[], bool]) -> None:
        """A turn begins, which ends with `spent()`."""
        self._spent = spent
        if self._session is not None:
            self._session.turn(spent)

    @property
    def busy(self) -> bool:
        """A command gave way, and has more to do."""
        return self._session is not None and self._session.busy

    def go_on(self) -> None:
        """Continue with what gave way."""
        if self._session is not None:
            self._session.go_on()
        self._after()

    @property
    def eager(self) -> bool:
        """What was typed ahead is little enough to take more."""
        return self._session is None or self._session.eager

    def close(self) -> None:
        """Nobody serves it any more."""
        self.device.attention.disconnect(self._stir)
        self._messages.close()
        if self._session is not None:
            self._session.disconnect()
            self._session = None

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        return self._session is not None and self._session.waiting

    @property
    def restless(self) -> bool:
        """A command wants a tick after every event."""
        return self._session is not None and self._session.restless

    @property
    def wake(self) -> float | None:
        """Lab time of the next tick it wants by itself."""
        return None if self._session is None else self._session.wake

    # what happens

    def _look(self) -> None:
        """A box that has started again since the last look begins anew."""
        if self.device.powered and self.device.boots != self._boots:
            self._booted()

    def _booted(self) -> None:
        device = self.device
        if not device.powered:
            return
        self._boots = device.boots
        if self._session is not None:
            self._gather()
            self._session.disconnect()
            self._session = None
        self._messages.close()
        self._print(*boot_messages(device, self._grammar))
        self._messages = Messages(device, True, self._stir)
        if not (device.startup or b"").strip():
            self._set_up()
            return
        self._print("", "", "Press RETURN to get started!", "")
        rows = self._messages.fetch_all()
        if rows:
            self._print("", *rows)

    def _set_up(self) -> None:
        """A box without a startup configuration asks for one."""
        self._setting_up = True
        session = self._begin(Session)
        session.shell.privilege = 15
        session.enter(self._dialogue(Context(self.device, None, session.shell)), None)

    @staticmethod
    def _dialogue(context: Context) -> Generator[Any, Any, bool]:
        yield from dialogue(context)
        return False  # a login follows

    def _log_in(self) -> None:
        self._print("")
        self._begin(TerminalSession).start()

    def _begin(self, kind: type[Session]) -> Session:
        device = self.device
        line = device.lines.console
        line.take("", "", device.now)
        session = kind(device, self._grammar, privilege=1, origin="console", line=line)
        session.attend(self._stir)
        if self._opened is not None:
            self._opened(session)
        if self._spent is not None:
            session.turn(self._spent)
        self._session = session
        return session

    def _after(self) -> None:
        """A session that ended leaves the line to the next."""
        self._gather()
        session = self._session
        if session is None or not session.closed:
            return
        self._session = None
        self._messages.close()
        self._messages = Messages(self.device, True, self._stir)
        if self._setting_up:
            self._setting_up = False
            self._print("", "", "Press RETURN to get started!", "")
        elif self.device.powered and self.device.boots == self._boots:
            self._print(*[""] * 4, f"{self.device.hostname} con0 is now available", *[""] * 5)
            self._print("Press RETURN to get started.", *[""] * 6)

    def _gather(self) -> None:
        if self._session is not None:
            self._out.append(self._session.output())

    def _print(self, *rows: str) -> None:
        self._out.append("".join(f"{row}\r\n" for row in rows).encode("utf-8", "replace"))


def boot_messages(device: Device, grammar: Any) -> Iterator[str]:
    """What a box prints while it starts: its bootstrap, the image that is unpacked, software and hardware."""
    rows = [
        row for row in Executor(device, grammar, privilege=15).steps("show version") if isinstance(row, str)
    ]
    bootstrap = next((row.partition(": ")[2] for row in rows if row.startswith(("ROM: ", "BOOTLDR: "))), "")
    yield ""
    if bootstrap:
        yield bootstrap
        yield ""
    loader = device.find(Boot)
    yield from loader.refusals if loader is not None else ()
    yield f"Self decompressing the image : {'#' * _HASHES} [OK]"
    yield ""
    yield from rows[: rows.index("")] if "" in rows else rows
    yield ""
    start = next((at for at, row in enumerate(rows) if "bytes of" in row and "memory" in row), len(rows))
    for row in rows[start:]:
        if row.startswith("Configuration register") or not row:
            break
        yield row
