"""`[no] debug crypto isakmp | ipsec | engine` and its end."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.subjects.crypto.debug.flags import FLAGS


def debug(context: Context, subject: str) -> str:
    """`[no] debug crypto SUBJECT`: events become messages of severity 7."""
    return context.device.debugging.set(FLAGS[subject], not context.silenced)
