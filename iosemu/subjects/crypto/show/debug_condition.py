"""`show crypto debug-condition`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine


def show_condition(context: Context) -> Iterator[str]:
    """`show crypto debug-condition`: which connections crypto debugging tells of."""
    yield from context.device.service(CryptoEngine).debug.conditions.lines()
