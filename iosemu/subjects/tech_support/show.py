"""`show tech-support`: the shows that a support engineer asks for, one after the other."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import Steps


def show_tech_support(context: Context) -> Steps:
    """`show tech-support`."""
    for command in context.device.composition.order.tech_support:
        yield ""
        yield f"------------------ {command} ------------------"
        yield ""
        yield from context.session.run_exec(command)
