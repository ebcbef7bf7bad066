"""Passwords are tried on one connection as fast as it takes them, without waiting for an answer."""

from __future__ import annotations

import asyncio
import contextlib

import asyncssh
from asyncssh.constants import MSG_USERAUTH_REQUEST
from asyncssh.packet import Boolean, String

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.deciding import Decision
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.ssh import Listener

OFTEN = 5000
DEVICE = "R-A"


class _Guesser(asyncssh.SSHClient):
    """Sends all its guesses at once, as soon as the server would take the first."""

    def __init__(self, guesses: int) -> None:
        self._guesses = guesses
        self._connection: asyncssh.SSHClientConnection | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._connection = conn

    def password_auth_requested(self) -> str | None:
        connection = self._connection
        assert connection is not None
        for number in range(self._guesses):
            connection.send_packet(
                MSG_USERAUTH_REQUEST,
                String("admin"), String("ssh-connection"), String("password"), Boolean(False), String(f"guess{number}"),
            )  # fmt: skip
        return "guess"


async def judged(guesses: int) -> int:
    """How many of so many passwords, sent at once on one connection, were compared with the right one."""
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot(settle=0)
    compared = 0
    async with serve(lab, base_port=0, keys=temporary_keys()) as serving:
        (endpoint,) = (
            each.endpoint
            for each in serving.listeners
            if isinstance(each, Listener) and each.endpoint.name == DEVICE
        )
        plain = endpoint.log_in

        def counted(username: str, password: str, address: str, *, asks: bool = False) -> Decision:
            nonlocal compared
            compared += 1
            return plain(username, password, address, asks=asks)

        endpoint.log_in = counted  # type: ignore[method-assign]
        with contextlib.suppress(OSError, asyncssh.Error):
            connection, _client = await asyncssh.create_connection(
                lambda: _Guesser(guesses), "127.0.0.1", serving.ports[DEVICE], username="admin",
                known_hosts=None, client_keys=None, preferred_auth="password", config=None,
            )  # fmt: skip
            connection.abort()
    return compared


def logins(count: int | None = None) -> str:
    """Send passwords without waiting; tells how many were judged."""
    often = OFTEN if count is None else count
    return f"{asyncio.run(judged(often))} of {often} passwords sent at once were judged"
