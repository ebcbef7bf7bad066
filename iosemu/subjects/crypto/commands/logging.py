"""`crypto logging session`: whether tunnels that come up and go down are announced."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig


def session(context: Context) -> None:
    """`[no] crypto logging session`."""
    router = context.device
    router.config.of(IsakmpConfig).log_sessions = not context.off
