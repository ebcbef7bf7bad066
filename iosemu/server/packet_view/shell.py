"""A sniffer's shell: the packet view on a terminal, and the plain session behind it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TextIO, cast

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.output.vt100 import Vt100_Output

from iosemu.server.endpoint import Client
from iosemu.server.packet_view.layout import PacketApplication
from iosemu.server.packet_view.model import PacketView
from iosemu.shell.session import TYPED_AHEAD, Session
from iosemu.subjects.sniffer.service import Sniffer

PLAIN_TERMINALS = ("", "ansi", "dumb", "network", "unknown", "vt100")
"""Terminal types of programs that type commands; others have somebody who looks."""
KEYS = 16
"""Keys that the view takes at once."""
RESIZE_SECONDS = 0.1
"""Wall seconds in which further changes of the window's size are one with the first."""
MOST_COLUMNS, MOST_ROWS = 200, 60
"""Of a window that the view fills: to draw more of one takes longer than others should wait."""
_logger = logging.getLogger(__name__)


class ChannelInput(Input):
    """What a channel brings, as keys."""

    def __init__(self) -> None:
        self._keys: list[KeyPress] = []
        self._parser = Vt100Parser(self._keys.append)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ready: Callable[[], None] | None = None
        self._closed = False

    def feed(self, data: bytes) -> None:
        """Take bytes."""
        self._parser.feed(self._decoder.decode(data))
        if self._ready is not None:
            self._ready()

    def fileno(self) -> int:
        """There is no file; nothing asks for it."""
        return -1

    def typeahead_hash(self) -> str:
        """Every channel has its own keys."""
        return f"channel-{id(self)}"

    def read_keys(self) -> list[KeyPress]:
        """The keys since the last call."""
        keys, self._keys[:] = list(self._keys), []
        return keys

    def flush_keys(self) -> list[KeyPress]:
        """No more of an escape sequence comes: what there is are keys."""
        self._parser.flush()
        return self.read_keys()

    @property
    def closed(self) -> bool:
        """The client is gone."""
        return self._closed

    def close(self) -> None:
        """The client is gone."""
        self._closed = True

    def raw_mode(self) -> AbstractContextManager[None]:
        """A channel is always raw."""
        return contextlib.nullcontext()

    def cooked_mode(self) -> AbstractContextManager[None]:
        """A channel is always raw."""
        return contextlib.nullcontext()

    def attach(self, input_ready_callback: Callable[[], None]) -> AbstractContextManager[None]:
        """Call back when there are keys."""
        return self._attached(input_ready_callback)

    def detach(self) -> AbstractContextManager[None]:
        """Do not call back."""
        return self._attached(None)

    @contextlib.contextmanager
    def _attached(self, callback: Callable[[], None] | None) -> Iterator[None]:
        before, self._ready = self._ready, callback
        try:
            yield
        finally:
            self._ready = before


class ChannelOutput:
    """A text stream into a channel."""

    encoding = "utf-8"

    def __init__(self, written: Callable[[], None]) -> None:
        self._text: list[str] = []
        self._written = written

    def write(self, text: str) -> int:
        """Keep until the channel fetches it."""
        self._text.append(text)
        return len(text)

    def flush(self) -> None:
        """Have it fetched."""
        if self._text:
            self._written()

    def isatty(self) -> bool:
        """Yes."""
        return True

    def take(self) -> bytes:
        """What was written since the last call."""
        text = "".join(self._text)
        self._text.clear()
        return text.encode("utf-8", "replace")


class SnifferShell:
    """A session that can show the packet view: at once on a real terminal, else by the command `view`.

    The view draws whenever it likes, and has the clock look at this shell then.
    """

    def __init__(self, session: Session, client: Client, view: Callable[[], PacketView]) -> None:
        self.session = session
        session.views = True
        self._make_view = view
        self._rouse: Callable[[], None] = _nobody
        self._begin_with_view = client.term not in PLAIN_TERMINALS
        self._term = client.term or "xterm"
        self._size = _size(client.columns, client.rows)
        self._resizing: asyncio.TimerHandle | None = None
        self._keys = bytearray()
        """Typed, and not yet given to the view."""
        self._spent: Callable[[], bool] = _never
        self._stdout = ChannelOutput(self._stir)
        self._input = ChannelInput()
        self._application: PacketApplication | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = False
        self._fresh = False
        """The sniffer took frames since the view last looked."""
        self._closed = False

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom to tell when there is something to do."""
        self._rouse = rouse
        self.session.attend(rouse)

    def _frames_came(self) -> None:
        self._fresh = True
        self._rouse()

    def _stir(self) -> None:
        self._rouse()

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        return self._application is None and self.session.waiting

    @property
    def restless(self) -> bool:
        """A command waits for what nobody announces."""
        return self._application is None and self.session.restless

    @property
    def wake(self) -> float | None:
        """When the session wants a tick."""
        return self.session.wake

    @property
    def closed(self) -> bool:
        """It ended."""
        return self._application is None and (self._closed or self.session.closed)

    def turn(self, spent: Callable[[], bool]) -> None:
        """A turn begins."""
        self._spent = spent
        self.session.turn(spent)

    @property
    def busy(self) -> bool:
        """A command gave way, or keys for the view are left."""
        return bool(self._keys) if self._application is not None else self.session.busy

    def go_on(self) -> None:
        """Continue with it."""
        if self._application is not None:
            self._type()
            return
        self.session.go_on()
        self._look()

    @property
    def eager(self) -> bool:
        """It takes more keys."""
        return len(self._keys) < TYPED_AHEAD if self._application is not None else self.session.eager

    def start(self) -> None:
        """Show the view, or the prompt."""
        if self._begin_with_view:
            self._open()
        else:
            self._start_session()

    def _start_session(self) -> None:
        self._started = True
        self.session.start()

    def run(self, command: str) -> None:
        """One command, then the end."""
        self._started = True
        self.session.run(command)
        self._look()

    def receive(self, data: bytes) -> None:
        """Take keys."""
        if self._application is not None:
            self._keys += data
            self._type()
            return
        self.session.receive(data)
        self._look()

    def _type(self) -> None:
        """Give the view its keys, a few at a time, until the turn is over."""
        while self._keys and self._application is not None:
            keys = bytes(self._keys[:KEYS])
            del self._keys[:KEYS]
            self._input.feed(keys)
            if self._spent():
                break

    def end_of_input(self) -> None:
        """No more keys: a view has nobody who looks at it."""
        if self._application is not None:
            self._application.leave("quit")
        self.session.end_of_input()

    def output(self) -> bytes:
        """What is to be sent."""
        return self._stdout.take() + (self.session.output() if self._application is None else b"")

    def tick(self) -> None:
        """Lab time moved: there may be new frames."""
        self.session.tick()
        application = self._application
        if application is None:
            self._look()
        elif self.session.closed:
            application.leave("quit")
        elif self._fresh:
            self._fresh = False
            if application.view.poll():
                application.application.invalidate()

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed."""
        self._size = _size(columns, rows)
        self.session.resize(columns, rows)
        if self._application is not None and self._resizing is None:
            loop = asyncio.get_running_loop()
            self._resizing = loop.call_later(RESIZE_SECONDS, self._resized)

    def _resized(self) -> None:
        """Draw for the size the window has now, however often it changed meanwhile."""
        self._resizing = None
        if self._application is not None and self._application.application.is_running:
            self._application.application._on_resize()

    def disconnect(self) -> None:
        """The client is gone."""
        self._input.close()
        if self._resizing is not None:
            self._resizing.cancel()
        if self._task is not None:
            self._task.cancel()
        self.session.disconnect()

    def _look(self) -> None:
        """Open the view if the session wants it."""
        if self._application is None and self.session.view and not self.session.closed:
            self._open()

    def _open(self) -> None:
        output = Vt100_Output(
            cast(TextIO, self._stdout), lambda: self._size, term=self._term, enable_cpr=False
        )
        self._application = PacketApplication(self._make_view(), self._input, output)
        self._task = asyncio.get_running_loop().create_task(self._show(self._application, output))

    async def _show(self, application: PacketApplication, output: Vt100_Output) -> None:
        result = "quit"
        changed = application.view.sniffer.service(Sniffer).recorder.changed
        changed.connect(self._frames_came)
        try:
            with create_app_session(self._input, output):
                result = await application.application.run_async(
                    set_exception_handler=False, handle_sigint=False
                )
        except (EOFError, KeyboardInterrupt):
            pass
        except Exception:
            _logger.exception("%s: the packet view failed", self.session.device.name)
        finally:
            self._application = self._task = None
            keys = bytes(self._keys)
            self._keys.clear()
            changed.disconnect(self._frames_came)
        if self.session.closed:
            pass
        elif self.session.view:
            self.session.leave_view()
        elif result == "shell":
            self._start_session()
        else:
            self._closed = True
        if keys and self._started and not self.closed:
            self.session.receive(keys)
        self._stir()


def _nobody() -> None:
    """Nobody attends yet."""


def _never() -> bool:
    """Nobody else waits for a turn."""
    return False


def _size(columns: int, rows: int) -> Size:
    return Size(rows=min(rows, MOST_ROWS), columns=min(columns, MOST_COLUMNS))


__all__ = ["ChannelInput", "ChannelOutput", "SnifferShell"]
