"""The commands that concern all debug flags of a box."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Steps


def debug_all(context: Context) -> Steps:
    """`debug all`, after a question."""
    answer = yield Ask("This may severely impact network performance. Continue? (yes/[no]): ")
    if "yes".startswith(answer.strip().lower() or "no"):
        context.device.debugging.set_all(True)
        yield "All possible debugging has been turned on"


def undebug_all(context: Context) -> str:
    """`undebug all`, `no debug all`."""
    context.device.debugging.set_all(False)
    return "All possible debugging has been turned off"


def show_debugging(context: Context) -> Iterator[str]:
    """`show debugging`."""
    yield from context.device.debugging.lines()
