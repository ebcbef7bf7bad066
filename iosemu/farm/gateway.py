"""The front door: one SSH server for all labs. `ssh student17+R-A@HOST -p 2200` is a terminal of that device.

Without a device it is the lab's console. A teacher names the student, too: `ssh teacher/student17+R-A@HOST`. As a jump
host (`ssh -J student17@HOST:2200 admin@R-A`) it leads to the SSH server that the device itself has, and to no other
address. What a client does not take is not read from its lab, and the other way round.
"""

from __future__ import annotations

import asyncio
import logging
import random

import asyncssh

from iosemu.farm.accounts import Identities
from iosemu.farm.channels import Counters, Hall, Login, Session, Tunnel
from iosemu.lab.errors import LabError
from iosemu.server.connection import SOFTWARE, PatientConnection
from iosemu.server.limits import MAXIMUM_CHANNELS, MAXIMUM_KEYS, Admission

LOGIN_SECONDS = 60
KEEPALIVE = 30
"""Wall seconds after which a silent client is asked whether it is there."""
RETRIES = 3
"""Wrong passwords before the connection is closed."""
REFUSAL_DELAY = 1.0
"""Wall seconds before a wrong password is refused."""
logger = logging.getLogger("iosemu.farm")


class Door(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._connection: asyncssh.SSHServerConnection | None = None
        self._tries = self._keys = 0
        self._waiting = False
        self._login = Login("", "", "")
        self._address = ""
        self._sessions: set[Session] = set()
        self.role = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Drop strangers when there are too many."""
        self._connection = conn
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        if not self._gateway.admission.admits():
            conn.abort()
            return
        self._gateway.admission.enter()
        self._waiting = True
        self._gateway.connections.add(conn)
        self._gateway.counters.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._connection in self._gateway.connections:
            self._gateway.connections.discard(self._connection)
            self._gateway.counters.connections -= 1
        self._leave()

    def _leave(self) -> None:
        if self._waiting:
            self._waiting = False
            self._gateway.admission.leave()

    def auth_completed(self) -> None:
        """Somebody came in."""
        self._leave()
        self._gateway.counters.accepted += 1
        logger.info(
            "login", extra={"user": self._login.user, "lab": self._login.student, "address": self._address}
        )

    def begin_auth(self, username: str) -> bool:
        """Nobody comes in without."""
        self._login = Login.parse(username)
        return True

    def password_auth_supported(self) -> bool:
        """A password or a token."""
        return True

    def kbdint_auth_supported(self) -> bool:
        """With one question."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys of accounts."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether it is the account's, and that may have what is asked for."""
        self._keys += 1
        if self._keys > MAXIMUM_KEYS:
            self._shut()
            return False
        self._login = Login.parse(username)
        try:
            return self._may(self._gateway.identities.public_key(self._login.user, key))
        except LabError as error:
            logger.error("accounts", extra={"error": str(error)})
            return False

    async def validate_password(self, username: str, password: str) -> bool:
        """A wrong one takes time, and few may be tried."""
        self._tries += 1  # before the wait: a client need not be patient
        if self._tries > RETRIES:
            self._shut()
            return False
        self._login = Login.parse(username)
        try:
            role = await self._gateway.identities.password(self._login.user, password)
        except LabError as error:
            logger.error("accounts", extra={"error": str(error)})
            role = None
        if self._may(role):
            return True
        self._gateway.counters.refused += 1
        logger.warning("login refused", extra={"user": self._login.user, "lab": self._login.student,
                                               "address": self._address})  # fmt: skip
        await asyncio.sleep(self._gateway.refusal_delay)  # nothing is awaited: guessing is to take long
        if self._tries >= RETRIES:
            self._shut()
        return False

    def _may(self, role: str | None) -> bool:
        """A student has his own lab, a teacher any."""
        login = self._login
        if role is None or not (login.user == login.student or role == "teacher"):
            return False
        self.role = role
        return self._gateway.hall.has(login.student)

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.disconnect(
                asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many authentication failures"
            )

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        """The one question."""
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:  # type: ignore[override]
        """The answer is the password."""
        return len(responses) == 1 and await self.validate_password(username, responses[0])

    def session_requested(self) -> Session | bool:
        """A terminal or a command."""
        self._sessions = {each for each in self._sessions if not each.gone}
        if len(self._sessions) >= MAXIMUM_CHANNELS:
            return False
        session = Session(self._gateway, self._login, self._address)
        self._sessions.add(session)
        return session

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Tunnel:
        """The way to the device's own SSH server: a device of the student's lab, and nothing else."""
        if dest_port != 22:
            raise asyncssh.ChannelOpenError(
                asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "port 22 of a device only"
            )
        return Tunnel(self._gateway, self._login, dest_host)


class Gateway:
    """Listens for all of them."""

    def __init__(self, hall: Hall, identities: Identities, *, refusal_delay: float = REFUSAL_DELAY) -> None:
        self.hall = hall
        self.identities = identities
        self.refusal_delay = refusal_delay
        self.counters = Counters()
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.admission = Admission(random.SystemRandom().random)
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int, keys: list[asyncssh.SSHKey]) -> int:
        """Listen there, and give the port. Raises OSError."""
        loop = asyncio.get_running_loop()
        options = asyncssh.SSHServerConnectionOptions(
            server_host_keys=keys,
            server_version=SOFTWARE,
            encoding=None,
            line_editor=False,
            login_timeout=LOGIN_SECONDS,
            compression_algs=None,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            gss_host=None,
            keepalive_interval=KEEPALIVE,
        )
        self._server = await loop.create_server(
            lambda: PatientConnection(loop, options, lambda: Door(self)), host, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and cut every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
