"""Faults of iosemu itself while lab time passes: kept, logged, shown on the device, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MethodType, TracebackType
from typing import Any

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.link import Port
from iosemu.net.scheduler import Timer

_logger = logging.getLogger(__name__)
_KEPT = 100
"""Faults of different places that a lab remembers; more are only logged."""


@dataclass(slots=True)
class Fault:
    """An exception that was caught where lab time runs."""

    device: str
    """In whose work it came; empty where that cannot be told."""
    place: str
    """`file:line` that raised it."""
    error: Exception
    when: float
    """Lab seconds when it came first."""
    count: int = 1
    """How often it came."""

    def __str__(self) -> str:
        where = f"{self.device}: " if self.device else ""
        return f"{where}internal error at {self.place}: {type(self.error).__name__}: {self.error}"


class Faults(list[Fault]):
    """The faults of a lab, one for each device and place, in the order in which they came first."""

    def __init__(self, devices: Mapping[str, Device], now: Callable[[], float]) -> None:
        super().__init__()
        self._devices = devices
        self._now = now
        self.heard: list[Callable[[Fault], None]] = []
        """Who is told of a fault when it comes first."""

    def of(self, device: str) -> int:
        """How many faults a device had."""
        return sum(fault.count for fault in self if fault.device == device)

    def caught(self, origin: object, error: Exception) -> None:
        """Take up an exception; `origin` is the timer or waiter in which it came, if any. Never raises."""
        try:
            self._take(origin, error)
        except Exception:
            _logger.exception("a fault could not be taken up")

    def _take(self, origin: object, error: Exception) -> None:
        place = _place(error.__traceback__)
        device = self._device(origin, error.__traceback__)
        name = device.name if device is not None else ""
        for known in self:
            if (known.device, known.place) == (name, place):
                known.count += 1
                return
        fault = Fault(name, place, error, self._now())
        if len(self) < _KEPT:
            self.append(fault)
        _logger.error("%s", fault, exc_info=error)
        for heard in self.heard:
            heard(fault)
        if device is not None and device.powered:
            text = f"iosemu: internal error in {name} ({place}), see the lab's log"
            device.log("SYS", 3, "FAULT", text)

    def _device(self, origin: object, traceback: TracebackType | None) -> Device | None:
        """The device in whose code it came, else the one to which the timer belongs."""
        frames = [frame.f_locals for frame in _frames(traceback)]
        values: list[object] = [value for names in reversed(frames) for value in names.values()]
        for value in (*values, *_parts(origin)):
            found = self._owner(value)
            if found is not None:
                return found
        return None

    def _owner(self, value: object) -> Device | None:
        if isinstance(value, Port):
            return self._devices.get(value.name.partition(":")[0])
        if isinstance(value, Interface):
            value = value.device
        attributes: dict[str, Any] = getattr(value, "__dict__", {})
        for each in (value, attributes.get("device"), attributes.get("_device")):
            if isinstance(each, Device) and self._devices.get(each.name) is each:
                return each
        return None


def _frames(traceback: TracebackType | None) -> Iterator[Any]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _place(traceback: TracebackType | None) -> str:
    place = "unknown"
    while traceback is not None:
        place = f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _parts(origin: object) -> Iterator[object]:
    """What a timer's callback is made of."""
    callback = origin.callback if isinstance(origin, Timer) else origin
    yield callback
    while isinstance(callback, partial):
        yield from callback.args
        callback = callback.func
    if isinstance(callback, MethodType):
        yield callback.__self__
    for cell in getattr(callback, "__closure__", None) or ():
        yield cell.cell_contents
