"""What a page can do to a lab: the commands of the lab's console, by click."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from iosemu.handling.effects import CommandError
from iosemu.lab import assessment
from iosemu.lab.configured import running
from iosemu.lab.console import LabConsole
from iosemu.lab.errors import LabError
from iosemu.lab.lab import STARTUP, Lab
from iosemu.lab.page.state import end_of
from iosemu.lab.tracing import PATIENCE
from iosemu.lab.units import duration
from iosemu.web.page import Refused

ResultT = TypeVar("ResultT")

LONGEST = 86_400.0 * 7
"""Lab seconds that one step may take."""


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > 512:
        raise Refused(f"% {name}: a text is wanted")
    return value


def _number(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(f"% {name}: a number is wanted")
    return value


class Actions:
    """Does what pages ask for; `out_of_the_way` takes the page's own taps off the lab for a moment."""

    def __init__(
        self,
        lab: Lab,
        ports: Mapping[str, int],
        out_of_the_way: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._lab = lab
        self.console = LabConsole(lab, ports, terminal=False)
        lab.moments.around = out_of_the_way
        self._checking: asyncio.Task[dict[str, Any]] | None = None
        self._startup = {name: device.nvram.get(STARTUP, b"") for name, device in lab.devices.items()}
        """Startup configurations as they were when the page began."""
        self._known: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "link": self._link,
            "impair": self._impair,
            "power": self._power,
            "time": self._time,
            "advance": self._advance,
            "trace": self._trace,
            "config": self._config,
            "checks": self._checks,
            "moments": self._list_moments,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "compare": self._compare,
            "branch": self._branch,
            "save": self._save,
        }

    async def do(self, what: str, values: Mapping[str, Any]) -> Any:
        """Do it; returns what is shown of it. Raises Refused."""
        action = self._known.get(what)
        if action is None:
            raise Refused(f"% nothing is known of {what[:40]!r}")
        try:
            result = action(values)
            return await result if isinstance(result, Awaitable) else result
        except (CommandError, LabError, ValueError) as error:
            raise Refused(str(error)) from error

    # --- cables and power ----------------------------------------------------------------------------

    def _endpoint(self, values: Mapping[str, Any]) -> str:
        number = _number(values, "link")
        if not 0 <= number < len(self._lab.links):
            raise Refused("% there is no such cable")
        for end in self._lab.links[number].ends:
            name, socket = end_of(end)
            if name in self._lab.devices:
                return f"{name}:{socket}"
        raise Refused("% there is no such cable")

    def _link(self, values: Mapping[str, Any]) -> None:
        action = _text(values, "action")
        if action not in ("up", "down", "clear"):
            raise Refused("% up, down or clear")
        self.console.link(self._endpoint(values), action)

    def _impair(self, values: Mapping[str, Any]) -> list[str]:
        faults = values.get("faults")
        known = ("delay", "jitter", "loss", "duplicate", "reorder", "corrupt", "rate", "mtu")
        if not isinstance(faults, dict) or not set(faults) <= set(known):
            raise Refused("% faults: " + ", ".join(known))
        texts = {name: str(value)[:32] for name, value in faults.items() if str(value).strip()}
        return self.console.impair(self._endpoint(values), texts)

    def _device(self, values: Mapping[str, Any]) -> str:
        name = _text(values, "device")
        if name not in self._lab.devices:
            raise Refused(f"% there is no node {name!r}")
        return name

    def _power(self, values: Mapping[str, Any]) -> None:
        state = _text(values, "state")
        if state not in ("on", "off", "cycle"):
            raise Refused("% on, off or cycle")
        self.console.power(state, self._device(values))

    # --- time ----------------------------------------------------------------------------------------

    def _time(self, values: Mapping[str, Any]) -> str:
        return self.console.time(_text(values, "pace"))

    async def _advance(self, values: Mapping[str, Any]) -> float:
        seconds = duration(_text(values, "amount"))
        if not 0 < seconds <= LONGEST:
            raise Refused("% from a millisecond to a week")
        await self._lab.clock.advance(seconds)
        return self._lab.scheduler.now

    # --- a packet ------------------------------------------------------------------------------------

    async def _trace(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Send one packet; what every device decided about it and its answer."""
        port = _number(values, "port") or None
        tracer = self.console.trace(
            _text(values, "source"), _text(values, "destination"), _text(values, "protocol") or "icmp", port
        )
        try:
            await self._lab.clock.run_until(lambda: tracer.finished, 2 * PATIENCE)
        finally:
            tracer.stop()
        assert tracer.result is not None
        return tracer.result.data()

    # --- configurations ------------------------------------------------------------------------------

    def _config(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The running configuration, and what of it was not in the startup configuration at the beginning."""
        now, before = self.configurations(self._device(values))
        return {"running": now.splitlines(), "before": before.splitlines()}

    def configurations(self, name: str) -> tuple[str, str]:
        """A device's running configuration, and the startup configuration that it had at the beginning.

        Raises Refused for one that is off.
        """
        device = self._lab.devices[name]
        if not device.powered:
            raise Refused(f"% {name} is off")
        now = "".join(f"{line}\n" for line in running(self._lab, device))
        return now, self._startup[name].decode("utf-8", "replace")

    def _save(self, values: Mapping[str, Any]) -> list[str]:
        return self.console.save()

    # --- lessons -------------------------------------------------------------------------------------

    async def _checks(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Every check with what it says, whether it holds, and its hint; and the stage.

        Pages that ask at the same time get one answer, which is worked out check by check, others in between.
        """
        if not self._lab.topology.lab.checks:
            return {"marks": [], "stage": None}
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())
        return await asyncio.shield(self._checking)

    async def _check(self) -> dict[str, Any]:
        marks = []
        for mark in assessment.each_mark(self._lab):
            marks.append(
                {
                    "number": mark.number,
                    "title": mark.check.title.all(),
                    "hint": mark.check.hint.all() if mark.check.hint is not None else {},
                    "points": mark.check.points,
                    "holds": mark.holds,
                    "conditions": [f"{each.device}: {each.command}" for each in mark.check.conditions],
                }
            )
            await asyncio.sleep(0)
        now = assessment.stage(self._lab)
        return {
            "marks": marks,
            "stage": None if now is None else {
                "title": now.title.all(), "hint": now.hint.all() if now.hint is not None else {}},
        }  # fmt: skip

    # --- moments -------------------------------------------------------------------------------------

    def _list_moments(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {"number": each.number, "label": each.label, "when": each.when, "branch": each.branch}
            for each in self._lab.moments
        ]

    async def _branch(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Go on with another branch, where a name is given; tells of all branches and moments."""
        moments, name = self._lab.moments, _text(values, "name").strip()
        if name:
            await _stepped(moments.turn_to(name))
        names = [each for each, _ in moments.branches()]
        return {"branch": moments.branch, "branches": names, "moments": self._list_moments(values)}

    async def _snapshot(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        await _stepped(self._lab.moments.take(_text(values, "label")[:80]))
        return self._list_moments(values)

    def _restore(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._lab.moments.restore(_number(values, "number"))
        return self._list_moments(values)

    async def _compare(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What differs between a moment and another one, or (0) now."""
        work = self._lab.moments.compare(_number(values, "first"), _number(values, "second") or None)
        return [
            {"device": each.device, "table": each.table, "gone": each.gone, "come": each.come}
            for each in await _stepped(work)
        ]


async def _stepped(work: Generator[None, None, ResultT]) -> ResultT:
    """Do it step by step, others in between."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: ResultT = done.value
            return result
        await asyncio.sleep(0)
