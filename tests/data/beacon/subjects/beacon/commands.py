"""`debug beacon`."""

from iosemu.subjects.beacon.config import DEBUG

from iosemu.handling.context import Context


def debug(context: Context) -> str:
    """`[no] debug beacon`."""
    return context.device.debugging.set(DEBUG, not context.negated)
