"""The packet list of one page: the packet view's own list, told in portions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from iosemu.lab.page.tape import LIMIT, Tape, summary_of
from iosemu.net.capture import CapturedFrame
from iosemu.server.packet_view.frames import EVENTS, FilterError, PacketList, PastFrames
from iosemu.web.page import Message, Refused

PORTION = 400
"""Frames that are looked at for one message."""
LONGEST_FILTER = 1000
SPOKEN = 1.0
"""Lab seconds by which more may be kept than a page knows of, where nothing of it is in its list."""


class Packets:
    """Frames that pass the filters a page set; raises Refused for filters that make no sense.

    `values`: `filter`, `hidden` (of EVENTS), `decrypt`, `after` (a number: only later frames), `where` (`""`: each
    frame once, where it begins; `R-A`: on the cables of a device; `R-A:Fa0/0`: on one cable), `when` (lab seconds:
    what passed around then, in the place of what is newest).
    """

    def __init__(self, tape: Tape, values: Mapping[str, Any]) -> None:
        self._tape = tape
        opened, when = values.get("decrypt", True) is True, values.get("when")
        self._past: PastFrames | None = None
        if when is not None:
            if not isinstance(when, int | float) or isinstance(when, bool) or not math.isfinite(when):
                raise Refused("% when: lab seconds are wanted")
            self._past = tape.past(when, opened=opened)
        self.list = PacketList(self._past or tape.frames(opened=opened))
        expression, hidden, after = values.get("filter", ""), values.get("hidden", []), values.get("after", 0)
        where = values.get("where", "")
        if not isinstance(expression, str) or len(expression) > LONGEST_FILTER or not isinstance(where, str):
            raise Refused("% filter: a text is wanted")
        if not isinstance(hidden, list) or not all(each in EVENTS for each in hidden):
            raise Refused("% hidden: " + ", ".join(EVENTS))
        try:
            self.list.choose(expression)
        except FilterError as error:
            raise Refused(f"filter: {error}") from error
        self.list.hidden_events = set(hidden)
        self.list.scope = self._scope(where)
        self.list.again(after if isinstance(after, int) else 0)
        self._begun = False
        self._told = 0.0
        self._ended = False

    def _scope(self, where: str) -> Callable[[CapturedFrame], bool]:
        tape = self._tape
        if not where:
            return tape.begins
        if ":" in where:
            if where not in tape.ends:
                raise Refused("% there is no such port with a cable")
            link = tape.ends[where][0]
            ports = {port for port, (number, _) in tape.ends.items() if number == link}
        else:
            links = {number for port, (number, _) in tape.ends.items() if port.partition(":")[0] == where}
            ports = {port for port, (number, _) in tape.ends.items() if number in links}
        if not ports:
            raise Refused(f"% no cable leads to {where!r}")
        return lambda captured: captured.port in ports

    def about(self) -> dict[str, Any]:
        """What the page should know of the list."""
        return {"events": EVENTS, "limit": LIMIT, "last": self._tape.recorder.received}

    def news(self) -> tuple[Message | None, bool]:
        """Rows that came, or None; and whether there is more to look at."""
        before = len(self.list.rows)
        more = self.look(PORTION)
        found = self.list.rows[before:]
        gone = self.list.forget() if self._past is None else 0
        message = None
        span = self._tape.span()
        ended = self._past is not None and not more and not self._ended
        if found or gone or ended or not self._begun or abs(span[1] - self._told) >= SPOKEN:
            self._ended = not more
            self._told = span[1]
            message = {
                "type": "packets",
                "reset": not self._begun,
                "rows": [summary_of(self._tape, row) for row in found],
                "first": self.list.frames.first,
                "total": self.list.total,
                "span": span,
                "more": more,
                "from": rows[0].captured.time if (rows := self.list.frames.rows) else 0.0,
            }
            self._begun = True
        return message, more

    def look(self, portion: int) -> bool:
        """Look at some frames more; tells whether there are still others."""
        if self._past is not None:
            self._past.poll(portion)
        self.list.take(portion)
        return self.list.behind or (self._past is not None and self._past.more)
