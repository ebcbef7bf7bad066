"""SSH (RFC 4251) over TCP: port 22 of a box, and connections to other boxes.

The protocol itself is handed down (`Device.secure_shells`).
"""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.secure_shell import SecureClient, SshAccount, SshPurpose
from iosemu.ip.config import primary_address
from iosemu.ip.line_port import LinePort
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.signal import Signal
from iosemu.subjects.access.config import SshConfig
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.telnet.service import Failure
from iosemu.tcp import (
    Connected,
    Connection,
    ConnectionEvent,
    Endpoint,
    Refused,
    TcpConfig,
    TimedOut,
    Unreachable,
)

PORT = 22


class SecureFarEnd:
    """A connection to a server: `handling.effects.FarEnd` once it is `ready`."""

    def __init__(
        self, device: Device, host: str, address: IPv4Address, account: SshAccount, purpose: SshPurpose
    ) -> None:
        self.signal = Signal()
        self.host = host
        self.address = address
        self.number = 0
        self.used = device.now
        self.failure: Failure | None = None
        self.client: SecureClient | None = None
        self._device = device
        self._tcp = device.service(Tcp)
        self._account = account
        self._purpose = purpose
        self._connection: Connection | None = None

    def attach(self, connection: Connection) -> None:
        """This is the connection."""
        self._connection = connection

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the connection."""
        if self.client is not None:
            self.client.told(event)
            return
        match event:
            case Connected():
                shells = self._device.secure_shells
                if shells is None:
                    self._fail(Failure.REFUSED)
                    return
                self.client = shells.reach(event.connection, self._account, self._purpose)
                self.client.signal.connect(self.signal.emit)
            case Refused():
                self._fail(Failure.REFUSED)
            case TimedOut():
                self._fail(Failure.SILENT)
            case Unreachable():
                self._fail(Failure.UNREACHABLE)
            case _:
                pass

    def _fail(self, failure: Failure) -> None:
        self.failure = failure
        self.signal.emit()

    @property
    def decided(self) -> bool:
        """The user is asked something, is there, or will not get there."""
        client = self.client
        if client is None:
            return self.failure is not None
        return client.asking or client.ready or not client.open

    @property
    def open(self) -> bool:
        """Nobody has hung up, or what came before was not read."""
        return self.client is not None and self.client.open

    @property
    def settled(self) -> bool:
        """Nothing is on its way there."""
        return self.client is None or self.client.settled

    @property
    def unread(self) -> int:
        """Octets that came and were not read."""
        return 0 if self.client is None else self.client.unread

    def read(self) -> bytes:
        """What came since the last call."""
        return b"" if self.client is None else self.client.read()

    def write(self, data: bytes) -> None:
        """Send."""
        if self.client is not None:
            self.client.write(data)

    def function(self, letter: str) -> None:
        """SSH has no functions of Telnet."""

    def close(self) -> None:
        """Hang up."""
        if self.client is not None:
            self.client.close()
        elif self._connection is not None and self.failure is None:
            self._tcp.abort(self._connection)


class SecureShell(LinePort):
    """Port 22, where a terminal line takes SSH and the box has a key; and connections to other boxes."""

    protocol, port = "ssh", PORT
    tcp_config = TcpConfig(window=16384, tells_drained=True)

    @property
    def wanted(self) -> bool:
        """There is a key, too."""
        private = self.device.find(PrivateConfig)
        return (private is None or private.enabled) and super().wanted

    def _accepts(self, local: Endpoint, remote: Endpoint, vrf: str) -> bool:
        shells = self.device.secure_shells
        return shells is not None and shells.admits(str(remote.address), vrf)

    def _arrived(self, event: ConnectionEvent) -> None:
        shells = self.device.secure_shells
        if shells is None:
            self._tcp.abort(event.connection)
            return
        told = shells.serve(event.connection, self._tcp.vrf_of(event.connection))
        self._tcp.hand_over(event.connection, told)

    def _own_source(self, vrf: str) -> IPv4Address | None:
        settings = self.device.config.find(SshConfig)
        name = settings.source_interface if settings is not None else ""
        if not name or self.device.service(IpStack).vrf_of(name).name != vrf:
            return None
        return primary_address(self.device.config.interfaces.get(name))

    def connect(
        self,
        host: str,
        address: IPv4Address,
        account: SshAccount,
        purpose: SshPurpose,
        *,
        port: int = PORT,
        source: IPv4Address | None = None,
        vrf: str = "",
    ) -> SecureFarEnd:
        """Go on to a server; `decided` tells when there is something to do.

        Without a `source` it is that of `ip ssh source-interface`, else of the way there.
        """
        if source is None:
            source = self._own_source(vrf)
        far = SecureFarEnd(self.device, host, address, account, purpose)
        try:
            far.attach(
                self._tcp.connect(address, port, far.told, source=source, config=self.tcp_config, vrf=vrf)
            )
        except NoRouteError:
            far.failure = Failure.UNREACHABLE
        return far
