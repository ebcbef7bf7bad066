"""How a command waits for what comes back to its probe."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.effects import Wait, WaitFor
from iosemu.ip.probe import Probe

PROBE_TIME = 0.2e-3
"""Lab seconds that a box works on one probe at least, even if it waits for no answer."""


def answer_to(probe: Probe, timeout: float) -> WaitFor:
    """The effect that waits for the answer, at most `timeout` lab seconds."""
    return WaitFor(lambda: probe.answered, timeout, probe.arrived)


def pause_after(probe: Probe) -> Iterator[Wait]:
    """The effect that gives a probe the lab time that it takes a box to make one, if it was not under way as long."""
    rest = probe.started + PROBE_TIME - probe.stack.device.now
    if rest > 0:
        yield Wait(rest)
