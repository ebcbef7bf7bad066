"""SSH of a box over the lab's own network: its lines, its users and its key, with asyncssh for the protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.box.secure_shell import SecureClient, SshAccount, SshPurpose
from iosemu.ip.tcp import Tcp
from iosemu.lab.network_terminals import NetworkTerminal
from iosemu.lab.terminal_lines import VtyEndpoint
from iosemu.server.lab_loop import LabLoop
from iosemu.subjects.access.commands.ssh import SshStyle
from iosemu.subjects.server.config import ServerConfig
from iosemu.tcp import Connection, ConnectionEvent

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab
    from iosemu.server.network_session import NetworkSession

MODERN_KEX = ("curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256")
MODERN_MACS = ("hmac-sha2-256", "hmac-sha2-512")
"""What servers of today take, after what the release has."""


class NetworkSecureShells:
    """What `Device.secure_shells` is in a lab."""

    def __init__(self, lab: Lab, name: str) -> None:
        self._lab = lab
        self._name = name
        self._lines = VtyEndpoint(lab, name)
        self._loop: LabLoop | None = None

    @property
    def _device(self) -> Device:
        return self._lab.devices[self._name]

    def _running(self) -> LabLoop:
        if self._loop is None:
            lane, stir = self._device.lane, self._lab.clock.poke
            self._loop = LabLoop(self._lab.scheduler, lane, stir)  # type: ignore[abstract]  # no sockets
        return self._loop

    def forget(self) -> None:
        """Cut all connections, without a word."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()

    def admits(self, address: str, vrf: str) -> bool:
        """Whether a line is free that takes SSH from there."""
        return self._lines.admits(address, "ssh", vrf)

    def serve(self, connection: Connection, vrf: str) -> Callable[[ConnectionEvent], None]:
        """Answer on a TCP connection."""
        # the library takes a moment to load: not everybody uses it
        from iosemu.lab.host_key import options_of
        from iosemu.lab.server_endpoint import ServerEndpoint
        from iosemu.lab.ssh_service import DeviceEndpoint
        from iosemu.server.connection import Connection as SshConnection
        from iosemu.server.lab_transport import LabTransport
        from iosemu.server.network_session import NetworkAuthentication, Unhurried

        device, loop = self._device, self._running()
        transport = LabTransport(loop, device.service(Tcp), connection)
        server = device.config.find(ServerConfig) is not None
        endpoint = ServerEndpoint(device) if server else DeviceEndpoint(self._lab, self._name)

        def owner() -> NetworkAuthentication:
            return NetworkAuthentication(endpoint, self._lab.clock, transport, vrf, self._answer)

        options = options_of(device)
        transport.begin(SshConnection(loop, options, owner, Unhurried()))
        return transport.told

    def _answer(self, user: NetworkSession, command: str | None) -> bool:
        """A shell on a line, or one command."""
        client = user.client
        line = self._lines.take(client.address, "ssh", user.vrf)
        if line is None:
            return False
        session = self._lab.session(
            self._name,
            username=client.username,
            privilege=client.privilege,
            origin=client.address,
            columns=user.columns,
            rows=user.rows,
            pty=user.pty,
            line=line,
        )
        assert session is not None
        line.username, line.terminal = client.username, user.term
        line.cipher, line.mac = client.cipher, client.mac or "none"
        terminal, scheduler = NetworkTerminal(self._lab, session, user), self._lab.scheduler
        # an event of its own: shells take turns of the loop that is around this one, if any
        scheduler.at(scheduler.now, lambda: terminal.begin(command), self._device.lane)
        return True

    def reach(self, connection: Connection, account: SshAccount, purpose: SshPurpose) -> SecureClient:
        """Log in at the other end of a TCP connection."""
        from iosemu.server.connection import Offer
        from iosemu.server.secure_client import Client

        style = self._device.image.style(SshStyle)
        offer = Offer((*MODERN_KEX, *style.kex), style.ciphers, (*style.macs, *MODERN_MACS))
        return Client(self._running(), self._device.service(Tcp), connection, account, purpose, offer)
