"""One user's session with a device, sans-IO: bytes in, bytes out, lab time told by `tick`."""

from __future__ import annotations

from typing import Any

from iosemu.device.device import Device


class Session:
    """A shell on `device`.

    `grammar` is a loaded `iosemu.parser` Grammar. `username` and `privilege` are what authentication gave;
    `origin` is `console` or the client's address; `line` is a `iosemu.device.lines.Line` from
    `allocate_vty(device, …)` (None: the console). Without `pty` nothing is echoed, paged or prompted for
    by the line editor, but the prompt is still printed.
    """

    def __init__(
        self,
        device: Device,
        grammar: Any,
        *,
        username: str = "",
        privilege: int = 1,
        origin: str = "console",
        line: Any = None,
        columns: int = 80,
        rows: int = 24,
        pty: bool = True,
    ) -> None:
        self.device = device

    def start(self) -> None:
        """Print banners and the first prompt."""

    def run(self, command: str) -> None:
        """Exec channel (instead of `start`): run one command line without echo, pager or prompt, then close."""

    def receive(self, data: bytes) -> None:
        """Take what the client typed; never raises."""

    def output(self) -> bytes:
        """What is to be sent since the last call."""
        return b""

    def tick(self) -> None:
        """Lab time moved: re-check waits and timeouts, fetch system messages, notice a dead device."""

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed."""

    def disconnect(self) -> None:
        """The client is gone: interrupt what runs, free the line, close."""

    @property
    def waiting(self) -> bool:
        """A command wants lab time to pass."""
        return False

    @property
    def wake(self) -> float | None:
        """Lab time at which the session next wants a tick by itself (a Wait's end, exec-timeout), if any."""
        return None

    @property
    def closed(self) -> bool:
        """The session ended; send `output()` and hang up."""
        return False
