"""How a command waits for what comes back to its probe."""

from __future__ import annotations

from iosemu.handling.effects import WaitFor
from iosemu.ip.probe import Probe


def answer_to(probe: Probe, timeout: float) -> WaitFor:
    """The effect that waits for the answer, at most `timeout` lab seconds."""
    return WaitFor(lambda: probe.answered, timeout, probe.arrived)
