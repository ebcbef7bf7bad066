"""Logging in at a server: its banner, and the password that the user is asked for."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from iosemu.handling.effects import Ask, Effect, WaitFor
from iosemu.subjects.ssh.service import SecureFarEnd

PATIENCE = 120.0
"""Lab seconds that a server may take for each step."""


def logging_in(
    far: SecureFarEnd, password: str | None = None, *, speaks: bool = True
) -> Generator[str | Effect, Any, bool]:
    """Whether the user is in; `password` is given first, without a question.

    With `speaks` off the user wants a version that no server has: it ends when that is known.
    """
    while True:
        yield WaitFor(lambda: far.decided, PATIENCE, far.signal)
        client = far.client
        if client is None or client.refused or not (speaks and (client.asking or client.ready)):
            return False
        if client.banner:
            yield ""
            yield from client.banner.rstrip("\r\n").replace("\r", "").split("\n")
            client.banner = ""
        if client.ready:
            return True
        if password is None:
            client.answer((yield Ask("Password: ", echo=False)))
        else:
            client.answer(password)
            password = None
