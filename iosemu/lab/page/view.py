"""The lab as one open page sees it: what it was not told yet, and what it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from iosemu.lab.page.packets import Packets
from iosemu.lab.page.state import Facts
from iosemu.lab.page.tape import details_of
from iosemu.web.page import Message, Refused

if TYPE_CHECKING:
    from iosemu.lab.page.page import LabPage


class LabView:
    """Collects what changed until the page takes it: a slow page gets the newest state, and less often."""

    def __init__(self, page: LabPage) -> None:
        self._page = page
        self._rouse: Callable[[], None] = lambda: None
        self._state: dict[str, Facts | None] = {}
        self._flows: Counter[tuple[int, int, str]] = Counter()
        self._clock: float | None = page.lab.scheduler.now
        self._packets: Packets | None = None

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom to tell that there is news."""
        self._rouse = rouse

    def told(
        self,
        state: Mapping[str, Facts | None],
        flows: Sequence[tuple[int, int, str, int]],
        clock: float | None,
    ) -> None:
        """The lab was looked at, and this changed."""
        self._state.update(state)
        for number, side, kind, count in flows:
            self._flows[number, side, kind] += count
        if clock is not None:
            self._clock = clock
        self._rouse()

    def recorded(self) -> None:
        """There are packets that were not looked at."""
        if self._packets is not None:
            self._rouse()

    @property
    def listens(self) -> bool:
        """Its packet list is open."""
        return self._packets is not None

    def news(self) -> list[Message]:
        """State, traffic and time, each at most once."""
        found: list[Message] = []
        if self._state:
            found.append({"type": "state", "changed": self._state})
            self._state = {}
        if self._flows:
            flows = [[*flow, count] for flow, count in self._flows.items()]
            found.append({"type": "traffic", "flows": flows})
            self._flows = Counter()
        if self._clock is not None:
            found.append({"type": "time", "now": self._page.lab.scheduler.now})
            self._clock = None
        if self._packets is not None:
            message, more = self._packets.news()
            if message is not None:
                found.append(message)
            if more:
                self._rouse()
        return found

    async def do(self, what: str, values: Mapping[str, Any]) -> Any:
        """Do what the page's user wants. Raises Refused."""
        if what == "packets":
            self._packets = Packets(self._page.tape, values)
            self._rouse()
            return self._packets.about()
        if what == "stop-packets":
            self._packets = None
            return None
        if what == "ladders":
            await self._page.decode_all()
            return self._page.ladders.all()
        if what == "ladder":
            await self._page.decode_all()
            return self._ladder(values)
        if what == "packet":
            return self._packet(values)
        return await self._page.actions.do(what, values)

    def _ladder(self, values: Mapping[str, Any]) -> dict[str, Any]:
        key = values.get("key")
        found = self._page.ladders.draw(key) if isinstance(key, str) else None
        if found is None:
            raise Refused("% the exchange is no longer kept")
        return found

    def _packet(self, values: Mapping[str, Any]) -> dict[str, Any]:
        number = values.get("number")
        tape = self._page.tape
        frames = self._packets.list.frames if self._packets is not None else tape.decoded
        row = frames.find(number) if isinstance(number, int) else None
        if row is None:
            raise Refused("% the packet is no longer kept")
        return details_of(tape, row)

    def close(self) -> None:
        """The page is gone."""
        self._page.close(self)
