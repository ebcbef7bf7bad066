"""One user's session with a device, sans-IO: bytes in, bytes out, lab time told by `tick`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from iosemu.box.device import Device
from iosemu.box.lines import Line
from iosemu.handling.effects import (
    Ask,
    Confirm,
    End,
    Interrupted,
    Pause,
    ReadBlock,
    Relay,
    Steps,
    Stream,
    View,
    Wait,
    WaitFor,
    Write,
)
from iosemu.shell.attachment import Attachment
from iosemu.shell.executor import Executor
from iosemu.shell.help_view import completed, shown_help
from iosemu.shell.messages import Messages
from iosemu.shell.pager import Pager
from iosemu.shell.relay import HELP, Escape
from iosemu.shell.standstill import Standstill
from iosemu.subjects.access.accounting import Accounting
from iosemu.subjects.access.authorization import asking_of
from iosemu.subjects.access.line_login import REFUSED
from iosemu.terminal import CtrlC, CtrlZ, Event, HelpKey, History, KeyTyped, LineEditor, Tab, Typing
from iosemu.terminal import Line as LineTyped

ROOM = 65536
"""Octets that wait for a slow client before the command that prints them stands still."""
TYPED_AHEAD = 16384
"""Octets that may wait for a command to end; more are left in the network, as by IOS."""


class Session:
    """A shell on `device`.

    `grammar` is a loaded `iosemu.parser` Grammar. `username` and `privilege` are what authentication gave;
    `origin` is `console` or the client's address; `line` is a `iosemu.box.lines.Line` from
    `allocate_vty(device, …)` (None: the console). Without `pty` nothing is echoed or paged, but the prompt
    is still printed.
    """

    def __init__(
        self,
        device: Device,
        grammar: Any,
        *,
        username: str = "",
        privilege: int = 1,
        origin: str = "console",
        line: Line | None = None,
        columns: int = 80,
        rows: int = 24,
        pty: bool = True,
    ) -> None:
        self.device = device
        self.line = line
        self.pty = pty
        name = line.name if line is not None else "con0"
        self.shell = Executor(
            device, grammar, username=username, privilege=privilege, origin=origin, line_name=name
        )
        self.views = False
        """Whoever shows this session can also show full-screen views."""
        self.heard: Callable[[bytes], None] | None = None
        """Is told all that is sent: the dialogue as the user sees it."""
        self._boots = device.boots
        self._account: int | None = None
        """Its number for `aaa accounting exec`, while somebody is in."""
        self._rouse: Callable[[], None] = _nobody
        self._escape = Escape()
        self._still = Standstill(device, self._stir)
        self._out: list[bytes] = []
        self._out_size = 0
        self._spent: Callable[[], bool] | None = None
        """The present turn is over; None: nobody else waits for a turn."""
        self._busy = False
        """There is more to do, but others have their turn first."""
        self._breakable = True
        """A command that gave way can be broken off where it is."""
        self._farewell: str | None = None
        """The user is gone, and what runs is still to be done as a whole; what is printed at the end."""
        self._closed = False
        self._at_end = False
        self._editor = LineEditor(columns, echo=pty)
        self._histories = {False: History(), True: History()}
        self.shell.history = self._histories[False].lines
        self._steps: Steps | None = None
        self._block_text: list[str] = []
        self._pager = Pager(0)
        self._resuming = False
        self._ending = False
        self._one_command = False
        self._blank = True
        self._announced = False
        """The last thing on the screen is a system message: the next one needs no line end before it."""
        self.entering = False
        """The steps before the first prompt run: a login, or the initial configuration dialogue."""
        self._patience: float | None = None
        """Lab seconds for each answer while `entering`."""
        self._messages = Messages(device, line is None or line.kind == "con", self._stir)
        device.attention.connect(self._stir)
        if line is not None:
            line.attention.connect(self._stir)
        self._place = Attachment(device, line)
        if (settings := self._place.settings) is not None:
            self.shell.history_size = settings.history_size
            if privilege >= 0:
                self.shell.privilege = max(self.shell.privilege, settings.privilege)
            self.shell.monitor = settings.monitor
            self._messages.follow(settings.monitor)
        self.resize(columns, rows)

    # what the server calls

    def attend(self, rouse: Callable[[], None]) -> None:
        """Call `rouse` from now on when something came that a `tick` is to deal with, or a wait began or ended."""
        self._rouse = rouse

    def _stir(self) -> None:
        self._rouse()

    def turn(self, spent: Callable[[], bool]) -> None:
        """A turn begins: what follows works until `spent()`, or until much waits to be sent.

        If that was not all, `busy` holds, and `go_on` continues, in another turn. Whoever never calls this has
        every command run to its end at once.
        """
        self._spent = spent

    @property
    def busy(self) -> bool:
        """It gave way, and has more to do as soon as it gets a turn."""
        return self._busy and not self._closed and not self._full

    def go_on(self) -> None:
        """Continue with what gave way."""
        self.device.scheduler.lane = self.device.lane
        if self._closed or not self._busy or self._full:
            return
        if self.device.boots != self._boots or not self.device.powered:
            self._close()
            return
        self._busy = False
        if self._steps is not None and self._still.item is None and not self._pager.paused:
            if self._breakable and self._broken_off():
                self._interrupt()
            else:
                self._advance(None)
        if self._farewell is not None:
            self._leave(self._farewell)
            return
        self._pump()
        if self._still.waits:
            self._rouse()

    @property
    def _full(self) -> bool:
        """As much waits to be sent as a client may leave unread."""
        return self._spent is not None and self._out_size >= ROOM and self._farewell is None

    @property
    def eager(self) -> bool:
        """What was typed ahead is little enough to take more."""
        return self._editor.queued < TYPED_AHEAD

    def start(self) -> None:
        """Print banners and the first prompt; who was let in but may have no shell is told so."""
        self.device.scheduler.lane = self.device.lane
        if self._unauthorized():
            return
        self._began()
        self._emit(self._place.greeting())
        self._shell()

    def _shell(self) -> None:
        """The first prompt, or what is run instead of it (`autocommand`)."""
        command, self._one_command = self._place.autocommand(self.shell.username)
        if not command:
            self._one_command = False
            self._prompt()
            return
        self._begin(self.shell.steps(command))
        self._pump()
        if self._still.waits:
            self._rouse()

    def enter(self, steps: Generator[Any, Any, bool], patience: float | None) -> None:
        """Instead of `start`: run `steps`, whose result tells whether the session may begin.

        Each answer has `patience` lab seconds (None: any time).
        """
        self.entering, self._patience = True, patience
        self._begin(self._entrance(steps))
        self._pump()

    def _entrance(self, steps: Generator[Any, Any, bool]) -> Steps:
        try:
            admitted = yield from steps
        except Interrupted:  # whoever breaks a login off is not in
            admitted = False
        if not admitted:
            self.shell.closing = True

    def _unauthorized(self) -> bool:
        """`aaa authorization exec` gives this user no shell: say so, and hang up."""
        if self.shell.privilege >= 0:
            return False
        self._emit(f"{REFUSED}\r\n")
        self._close()
        return True

    def _began(self) -> None:
        """Somebody is in: `aaa accounting exec`."""
        accounting, line = self.device.find(Accounting), self.line
        if self.shell.exempt or self._place.settings is None:
            return
        if accounting is not None and line is not None:
            asking = asking_of(self.device, self.shell, line)
            self._account = accounting.began(asking, line, self._place.settings)

    def run(self, command: str) -> None:
        """Exec channel (instead of `start`): run one command line without echo, pager or prompt, then close."""
        self.device.scheduler.lane = self.device.lane
        if self._unauthorized():
            return
        self._began()
        self._one_command = True
        self.shell.length = 0
        self._begin(self.shell.steps(command))
        self._pump()
        if self._still.waits:
            self._rouse()

    def receive(self, data: bytes) -> None:
        """Take what the client typed; never raises."""
        self.device.scheduler.lane = self.device.lane
        if self._closed or self._farewell is not None or isinstance(self._still.item, Stream | View):
            return
        self._place.typed()
        if (relay := self._still.relay) is not None:
            self._pass_on(relay, data)
            return
        waited = self._still.waits
        self._editor.feed(data)
        if (waited or (self._busy and self._breakable)) and self._broken_off():
            self._interrupt()
        self._pump()
        if waited or self._still.waits:
            self._rouse()

    def _broken_off(self) -> bool:
        """The key that breaks a command off was typed; what was typed before it is forgotten."""
        plain = self.device.composition.control_c
        return self._editor.take_break() or (plain and self._editor.take_control_c())

    def end_of_input(self) -> None:
        """The client will type no more: the session ends where it would read, a question or a prompt."""
        self.device.scheduler.lane = self.device.lane
        self._at_end = True
        self._pump()

    def output(self) -> bytes:
        """What is to be sent since the last call."""
        self._put(self._editor.take_output())
        printed = self._still.printed()
        self._put(printed)
        if printed and (relay := self._still.relay) is not None and not relay.far.open:
            self._rouse()  # the far end hung up before what it printed last was read
        data = b"".join(self._out)
        self._out.clear()
        if data and self.heard is not None:
            self.heard(data)
        if self._full:
            self._rouse()  # messages came meanwhile, perhaps
        self._out_size = 0
        return data

    def tick(self) -> None:
        """Look at everything that may have come: the end of a wait, messages, a timeout, a dead device."""
        self.device.scheduler.lane = self.device.lane
        if self._closed:
            return
        if self.device.boots != self._boots or not self.device.powered:
            self._close()
            return
        if self._farewell is not None:
            return
        if self.line is not None and self.line.cleared:
            self._leave("\r\n[Connection to the line was cleared]\r\n")
            return
        deadline = self._timeout()
        if deadline is not None and self.device.now >= deadline:
            if (relay := self._still.relay) is not None:
                self._gave_up(relay)
                return
            if self.entering and isinstance(self._still.item, Ask):
                self._emit(f"\r\n% {self._still.item.prompt.strip()}  timeout expired!\r\n")
            self._close()
            return
        if not self._full:
            self._show_messages()
            self._emit(self._place.mail())
        if (relay := self._still.relay) is not None:
            self._look_over(relay)
        elif self._still.waits:
            self._pump()

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed; `length` and `width` of the line go before it."""
        self.shell.width, length = self._place.size(columns, rows)
        self.shell.length = length if self.pty and self.device.composition.pages else 0
        self._editor.resize(self.shell.width)

    def disconnect(self) -> None:
        """The client is gone: interrupt what runs, free the line, close.

        A command that is to be done as a whole is done first: `busy` holds until then, and `go_on` continues it.
        """
        self.device.scheduler.lane = self.device.lane
        if not self._closed:
            self._leave("")

    def abandon(self) -> None:
        """Close wherever it is: the box that it worked on is about to be another one."""
        self.device.scheduler.lane = self.device.lane
        if not self._closed:
            self._interrupt()
        if not self._closed:
            self._close()

    def _leave(self, farewell: str) -> None:
        if self._busy and not self._breakable:
            self._farewell = farewell
            self._out.clear()
            self._out_size = 0
            return
        self._farewell = None
        self._interrupt()
        if not self._closed:
            self._emit(farewell)
            self._close()

    @property
    def view(self) -> str:
        """The full-screen view that is wanted now, if any; `leave_view` goes on afterwards."""
        return self._still.item.name if isinstance(self._still.item, View) else ""

    def leave_view(self) -> None:
        """The user left the view."""
        self._advance(None)
        self._rouse()

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        if (relay := self._still.relay) is not None:
            return not self._closed and not relay.far.settled
        return not self._closed and not self._busy and self._still.waits

    @property
    def restless(self) -> bool:
        """A command waits for a condition that nobody announces: it wants a tick after every event."""
        return self.waiting and self._still.restless

    @property
    def wake(self) -> float | None:
        """Lab time at which the session next wants a tick by itself (a wait's end, exec-timeout), if any."""
        if self._closed or self._busy:
            return None
        times = [time for time in (self._still.wake, self._timeout()) if time is not None]
        return min(times, default=None)

    @property
    def closed(self) -> bool:
        """The session ended; send `output()` and hang up."""
        return self._closed

    # output

    def _emit(self, text: str) -> None:
        if text:
            self._put(self._editor.take_output())
            self._put(text.encode("utf-8", "replace"))

    def _put(self, data: bytes) -> None:
        if data:
            self._out.append(data)
            self._out_size += len(data)
            self._announced = False

    def _prompt(self) -> None:
        if self._one_command:
            self._close()
            return
        if self.device.composition.spaced_prompt and not self._blank:
            self._emit("\r\n")
        self._blank = True
        configuring = self.shell.modes.configuring
        if self._editor.display.width != self.shell.width:
            self._editor.resize(self.shell.width)
        history = self._histories[configuring]
        if history.size != self.shell.history_size:
            history.size = self.shell.history_size
        self._editor.read(self.shell.prompt, history=history, show_controls=configuring)

    def _show_messages(self) -> None:
        lines = self._messages.fetch()
        if not lines:
            return
        self._put(self._editor.take_output())
        lead = "" if self._announced else "\r\n"
        self._emit(lead + "".join(f"{line}\r\n" for line in lines))
        self._announced = True
        if self._steps is None and self._place.synchronous:
            self._editor.resume()

    def _timeout(self) -> float | None:
        if self._still.relay is not None:
            return self._place.session_deadline()
        if self._busy or self._still.waits:
            return None
        if self.entering:
            return None if self._patience is None else self._place.last_input + self._patience
        return self._place.deadline()

    def _close(self) -> None:
        if self._account is not None and self.device.boots == self._boots and self.device.powered:
            accounting, number = self.device.service(Accounting), self._account
            accounting.ended(number, self.shell.username, self.shell.privilege)
        self._account = None
        self._closed = True
        self._busy = False
        self._steps = None
        self._still.end()
        for far in self.shell.far_ends:
            far.close()
        self._messages.close()
        self.device.attention.disconnect(self._stir)
        if self.line is not None:
            self.line.attention.disconnect(self._stir)
        self._place.free()
        self._rouse()

    # running

    def _begin(self, steps: Steps, resuming: bool = False) -> None:
        self._steps = steps
        self._still.end()
        self._pager = Pager(0 if self.entering else self.shell.length)
        self._resuming = resuming
        self._advance(None)

    def _advance(self, answer: Any) -> None:
        """Run the command until it asks, waits, fills the page, gives way or ends."""
        self._still.end()
        self._busy = False
        while self._steps is not None:
            try:
                item = self._steps.send(answer)
            except StopIteration:
                self._finish()
                return
            answer = None
            if not self._take(item):
                return
            self._breakable = not isinstance(item, Pause) or item.breakable
            if self._gives_way():
                return

    def _gives_way(self) -> bool:
        """Stop here if the turn is over."""
        self._busy = self._full or (self._spent is not None and self._spent())
        return self._busy

    def _take(self, item: Any) -> bool:
        """Deal with what a command yielded; False: it must be waited for."""
        match item:
            case str():
                self._blank = not item
                self._emit(self._pager.feed((item,)) if self.shell.paged else f"{item}\r\n")
                if self._pager.paused:
                    self._editor.read_key()
                return not self._pager.paused
            case Write(text):
                self._emit(text.replace("\n", "\r\n"))
                return True
            case Stream() if self.pty:
                self._emit(
                    "% A terminal cannot take this; run it without one, its output in a file or pipe\r\n"
                )
                return True
            case View() if not self.views:
                self._emit("% There is no full screen here\r\n")
                return True
            case Relay(_, escapes):
                self._escape = Escape(escapes)
            case Stream() | View() | Wait() | WaitFor():
                pass
            case Ask(prompt, echo):
                self._editor.read(prompt, masked=not echo, help_keys=False)
            case Confirm(prompt):
                self._emit(prompt)
                self._editor.read_key()
            case ReadBlock():
                self._block_text = []
                self._editor.read("", help_keys=False)
            case _:
                return True
        self._still.begin(item)
        return False

    def _finish(self) -> None:
        self._steps = None
        self._still.end()
        self._messages.follow(self.shell.monitor)
        if self._ending and self.shell.modes.configuring:
            self.shell.modes.apply(End(), 0)
            self.shell.left_configuration()
        self._ending = False
        if self.shell.closing:
            self._close()
        elif self.device.reload_requested:
            pass  # the box goes down: nobody is asked for more
        elif self.entering:
            self.entering = False
            self._began()
            self._emit(self._place.greeting(logged_in=True))
            self._shell()
        elif self._resuming:
            self._resuming = False
            self._editor.resume()
        else:
            self._prompt()

    def _interrupt(self) -> None:
        """Throw Interrupted into the command that runs."""
        if self._steps is None:
            return
        self._still.end()
        self._busy = False
        try:
            item = self._steps.throw(Interrupted())
        except (StopIteration, Interrupted):
            self._finish()
            return
        if self._take(item):
            self._advance(None)

    def _pump(self) -> None:
        """Go on until there is nothing left to read or to do, or the turn is over."""
        if self._full:
            self._busy = True
            return
        while not self._closed and not self._busy:
            if self._still.waits:
                holds, over = self._still.over()
                if not (holds or over) or self._gives_way():
                    return
                self._advance(holds)
                continue
            if (relay := self._still.relay) is not None:
                self._pass_on(relay, self._editor.take_queued())
                return
            event = self._editor.next()
            if event is None:
                if self._at_end and not isinstance(self._still.item, Stream | View):
                    self._close()
                return
            if isinstance(event, Typing):
                self._put(self._editor.take_output())
            elif self._steps is None:
                self._edit(event)
            elif self._pager.paused:
                self._page(event)
            else:
                self._answer(event)
            if self._busy or (not self._still.waits and self._gives_way()):
                return  # who waits for lab time gives way by that, and lab time may jump

    def _pass_on(self, relay: Relay, data: bytes) -> None:
        """What was typed goes to the far end; what follows the escape sequence is for this one."""
        away, rest = self._escape.take(data)
        sent = 0
        for before, letter in self._escape.functions():
            relay.far.write(away[sent:before])
            sent = before
            if letter == "?":
                self._emit("\r\n" + "".join(f"{line}\r\n" for line in HELP))
            else:
                relay.far.function(letter)
        if away[sent:]:
            relay.far.write(away[sent:])
        if rest is None:
            self._look_over(relay)
            return
        self._emit("\r\n")
        self._editor.feed(rest)
        self._advance(False)
        self._pump()

    def _gave_up(self, relay: Relay) -> None:
        """Nobody has typed anything to the far end for too long."""
        self._emit(f"\r\n[Connection to {relay.far.host} idle too long; timed out]\r\n")
        relay.far.close()
        self.shell.far_ends.remove(relay.far)
        self._advance(False)
        self._pump()

    def _look_over(self, relay: Relay) -> None:
        """The far end may have hung up."""
        if not relay.far.open:
            self._advance(True)
            self._pump()

    def _page(self, event: Event) -> None:
        """A key at `--More--`."""
        key = event.key if isinstance(event, KeyTyped) else ""
        self._emit(self._pager.key(key if len(key) == 1 else "q"))
        if self._pager.stopped:
            if self._steps is not None:
                self._steps.close()
            self._finish()
        elif self._pager.paused:
            self._editor.read_key()
        else:
            self._advance(None)

    def _answer(self, event: Event) -> None:
        """Give the command what it asked for."""
        match event:
            case KeyTyped(key):
                self._emit(f"{key}\r\n" if len(key) == 1 and key.isprintable() else "\r\n")
                self._advance(key in ("\r", "\n", "y", "Y"))
            case LineTyped(text) if isinstance(self._still.item, ReadBlock):
                before, found, _ = text.partition(self._still.item.delimiter)
                self._block_text.append(before if found else text + "\n")
                if found:
                    self._advance("".join(self._block_text))
                else:
                    self._editor.read("", help_keys=False)
            case LineTyped(text):
                self._advance(text)
            case CtrlZ(text) if (
                isinstance(self._still.item, ReadBlock) and self._still.item.delimiter == "\x1a"
            ):
                self._advance("".join([*self._block_text, text]))
            case CtrlC() | CtrlZ():
                self._interrupt()
            case _:
                pass

    # the command line

    def _edit(self, event: Event) -> None:
        match event:
            case LineTyped(text):
                self._submit(text)
            case HelpKey(text):
                self.shell.paged = True
                self._begin(_lines(shown_help(self.shell, text)), resuming=True)
            case Tab(text):
                self._editor.resume(before=completed(self.shell, text))
            case CtrlZ(text) if self.shell.modes.configuring:
                self._ending = True
                self._submit(text)
            case CtrlC() | CtrlZ():
                self._ending = self.shell.modes.configuring
                self._submit("")
            case _:
                pass

    def _submit(self, line: str) -> None:
        history = self._histories[self.shell.modes.configuring]
        history.add(line)
        self.shell.history = history.lines
        if line.strip():
            self._blank = False
        self._begin(self.shell.steps(line, len(self.shell.prompt)))


def _nobody() -> None:
    """Nobody attends yet: whoever ticks does so by himself."""


def _lines(lines: list[str]) -> Steps:
    yield from lines
