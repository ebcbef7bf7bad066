"""A terminal of the page: bytes between a WebSocket and the shell that SSH has, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from iosemu.server.clock import LabClock
from iosemu.server.deciding import made
from iosemu.server.endpoint import Client, Endpoint, Shell
from iosemu.server.waiters import ShellWaiter

WINDOW = 131_072
"""Octets that may be on their way to a page that has not yet shown them; the shell waits beyond that."""
LARGEST = 4096
"""Columns and rows of a terminal; a larger one is taken for one of this size."""
AHEAD = 262_144
"""Octets that may be typed ahead of the shell."""
PASSWORD_LENGTH = 128
"""Signs of a user name or a password; the others are not taken."""
REFUSAL = b"\r\n% The device takes no connection now: no power, no key, or no free line.\r\n"
FIRST = ("admin", "admin")
"""Whom the page is where a device knows him, as `iosemu ssh` is; else it asks."""

Send = Callable[[bytes], Awaitable[None]]


class Terminal(ShellWaiter[Shell]):
    """One terminal: the clock ticks its shell, `pump` sends what it prints as fast as the page shows it."""

    def __init__(self, clock: LabClock, client: Client, send: Send) -> None:
        self._clock = clock
        self._client = client
        self._send = send
        self._shell = None
        self._ready = asyncio.Event()
        self._typed = bytearray()
        """What the shell does not take yet."""
        self._way = 0
        """Octets that the page has not yet shown."""
        self.hung_up = False

    # what the clock asks

    def tick(self) -> None:
        """Have the shell look; what it prints is sent when this turn is over."""
        if self._shell is not None:
            self._begin_turn(self._shell)
            self._shell.tick()
            self._look()

    # what the page does

    def open(self, endpoint: Endpoint, client: Client) -> bool:
        """Begin a session for who logged in; False when no line is left."""
        self._clock.catch_up()
        client = replace(client, columns=self._client.columns, rows=self._client.rows)
        shell = endpoint.open(client, self.hang_up)
        if shell is None:
            return False
        self._shell = shell
        self._clock.watch(self)
        self._begin_turn(shell)
        shell.start()
        self._after_input()
        return True

    def typed(self, data: bytes) -> bool:
        """Take keys; False when somebody types further ahead than anybody does: that is no user.

        Reading goes on meanwhile, for what the page has shown is told on the same way.
        """
        self._typed += data
        if self._shell is None:
            return False
        if self._shell.eager:
            self._clock.catch_up()
            self._feed()
            self._after_input()
        return len(self._typed) <= AHEAD

    def _feed(self) -> None:
        if self._shell is not None and self._typed:
            data = bytes(self._typed)
            self._typed.clear()
            self._begin_turn(self._shell)
            self._shell.receive(data)

    def told(self, text: str) -> None:
        """`{"resize": [columns, rows]}` or `{"shown": octets}`; what is neither is ignored."""
        try:
            message = json.loads(text)
            size, shown = message.get("resize"), message.get("shown", 0)
            columns, rows = (int(each) for each in size) if size is not None else (0, 0)
            shown = int(shown)
        except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
            return
        if columns > 0 and rows > 0:
            columns, rows = min(columns, LARGEST), min(rows, LARGEST)
            self._client = replace(self._client, columns=columns, rows=rows)
            if self._shell is not None:
                self._shell.resize(columns, rows)
        if shown > 0:
            self._way = max(0, self._way - shown)
        self._look()

    def hang_up(self) -> None:
        """The device cuts the user off."""
        self.hung_up = True
        self._ready.set()

    def close(self) -> None:
        """The page closed it: free the line."""
        self._clock.unwatch(self)
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.disconnect()
            self._clock.poke()

    async def pump(self) -> None:
        """Send what the shell prints, until it ends."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            shell = self._shell
            if shell is None:
                return
            while self._way < WINDOW:
                data = shell.output()
                if not data:
                    break
                self._way += len(data)
                await self._send(data)
            if self._way < WINDOW and (shell.closed or self.hung_up):
                return
            self._look(sent=True)

    def _after_input(self) -> None:
        self._look()
        self._clock.served(self)

    def _look(self, *, sent: bool = False) -> None:
        """Note what the shell wants now."""
        shell = self._shell
        if shell is None:
            return
        if self._typed and shell.eager:
            self._feed()
            self._ready.set()
        if not sent:
            self._ready.set()
        if self._way < WINDOW:
            self._want_turn(shell)


class Keys:
    """What is typed, octet by octet while somebody logs in, then as it comes."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._rest = bytearray()

    async def octet(self) -> int | None:
        """The next one; None when the page closed."""
        while not self._rest:
            try:
                self._rest += await anext(self._source)
            except StopAsyncIteration:
                return None
        return self._rest.pop(0)

    async def all(self) -> AsyncIterator[bytes]:
        """Everything from here on."""
        if self._rest:
            rest = bytes(self._rest)
            self._rest.clear()
            yield rest
        async for data in self._source:
            yield data

    async def line(self, prompt: bytes, say: Send, *, shown: bool) -> str | None:
        """A line that is typed; None when the page closed."""
        await say(prompt)
        line = bytearray()
        while (octet := await self.octet()) is not None:
            if octet in (0x0D, 0x0A):
                return line.decode("utf-8", "replace")
            if octet in (0x08, 0x7F):
                if line and shown:
                    await say(b"\b \b")
                del line[-1:]
            elif octet >= 0x20 and len(line) < PASSWORD_LENGTH:
                line.append(octet)
                if shown:
                    await say(bytes((octet,)))
        return None


async def log_in(endpoint: Endpoint, clock: LabClock, client: Client, say: Send, keys: Keys) -> Client | None:
    """Who types: the lab's usual user where the device knows him, else whoever the device lets in.

    The device is asked as SSH asks it; None when it refuses, or the page closed.
    """
    if not endpoint.admits(client.address) or endpoint.full():
        await say(REFUSAL)
        return None
    privilege = await made(clock, endpoint.log_in(*FIRST, client.address))
    if privilege is not None:
        endpoint.attempted(FIRST[0], client.address, True)
        return replace(client, username=FIRST[0], privilege=privilege)
    if endpoint.banner:
        await say(endpoint.banner.encode())
    for _ in range(endpoint.retries):
        username = await keys.line(b"\r\nUsername: ", say, shown=True)
        password = None if username is None else await keys.line(b"\r\nPassword: ", say, shown=False)
        if username is None or password is None:
            return None
        privilege = await made(clock, endpoint.log_in(username, password, client.address))
        endpoint.attempted(username, client.address, privilege is not None)
        if privilege is not None:
            await say(b"\r\n")
            return replace(client, username=username, privilege=privilege)
        await asyncio.sleep(max(1.0, endpoint.login_delay))
        await say(b"\r\n% Login invalid\r\n")
    return None
