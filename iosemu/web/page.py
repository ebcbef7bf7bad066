"""What the web server is given: a lab as its page sees it, without knowing what a lab is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Endpoint

Message = dict[str, Any]
"""What goes to the page as JSON."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The page asked for something that cannot be; the text is for its user."""


class View(Protocol):
    """The lab as one open page sees it."""

    def attend(self, rouse: Callable[[], None]) -> None:
        """Call `rouse` from now on when there is news."""
        ...

    def news(self) -> list[Message]:
        """What changed since the last call. Who asks seldom is given less often the same, not more."""
        ...

    async def do(self, what: str, values: Mapping[str, Any]) -> Any:
        """Do what the page's user wants; returns what is shown of it. Raises Refused."""
        ...

    def close(self) -> None:
        """The page is gone."""
        ...


class Page(Protocol):
    """A lab for the web server."""

    @property
    def name(self) -> str:
        """The lab's name."""
        ...

    @property
    def clock(self) -> LabClock:
        """What moves its shells."""
        ...

    def endpoint(self, name: str) -> Endpoint | None:
        """A device as its SSH listener sees it, or None."""
        ...

    def terminal(self, name: str) -> str:
        """The type of the terminal that the page is for this device."""
        ...

    def hello(self) -> Message:
        """What does not change: devices, cables, where they stand."""
        ...

    def open(self) -> View:
        """A page was opened."""
        ...

    async def download(self, what: str, values: Mapping[str, str]) -> tuple[str, str, bytes]:
        """A file: its name, media type and octets. Raises Refused."""
        ...
