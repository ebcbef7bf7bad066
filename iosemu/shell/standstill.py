"""What a command stands still for: lab time, a condition, an answer, somebody's output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iosemu.box.device import Device
from iosemu.handling.effects import Relay, Stream, Wait, WaitFor
from iosemu.net.signal import Signal


class Standstill:
    """The effect that the command waits at, if any, and what may end the wait."""

    def __init__(self, device: Device, stir: Callable[[], None]) -> None:
        """`stir` is called when something came that the wait may be for."""
        self._device = device
        self._stir = stir
        self._signal: Signal | None = None
        self.item: Any = None
        """The effect; None: the command goes on."""
        self.wake: float | None = None
        """Lab time at which the wait ends by itself."""

    def begin(self, item: Any) -> None:
        """The command stands still for `item`."""
        self.end()
        self.item = item
        match item:
            case Wait(seconds):
                self.wake = self._device.now + max(seconds, 0.0)
            case WaitFor(_, timeout, signal):
                self.wake = None if timeout is None else self._device.now + timeout
                self._signal = signal
            case Stream(_, signal):
                self._signal = signal
            case Relay(far):
                self._signal = far.signal
        if self._signal is not None:
            self._signal.connect(self._stir)

    def end(self) -> None:
        """The command goes on."""
        if self._signal is not None:
            self._signal.disconnect(self._stir)
        self.item, self.wake, self._signal = None, None, None

    @property
    def waits(self) -> bool:
        """For lab time, or for a condition."""
        return isinstance(self.item, Wait | WaitFor)

    @property
    def restless(self) -> bool:
        """For a condition that nobody announces."""
        return isinstance(self.item, WaitFor) and self.item.signal is None

    @property
    def relay(self) -> Relay | None:
        """The far end that has the terminal."""
        return self.item if isinstance(self.item, Relay) else None

    def over(self) -> tuple[bool, bool]:
        """Whether the condition of a wait holds, and whether its time has come."""
        late = self.wake is not None and self._device.now >= self.wake
        holds = isinstance(self.item, WaitFor) and bool(self.item.condition())
        return holds, late

    def printed(self) -> bytes:
        """What comes from where the command looks: a stream, or the far end."""
        match self.item:
            case Stream(read):
                return read()
            case Relay(far):
                return far.read()
        return b""
