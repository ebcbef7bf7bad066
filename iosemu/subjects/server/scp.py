"""SCP on a server: SSH for files, without a shell; whoever has the protocol is handed down (`Device.secure_shells`)."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.tcp import Tcp
from iosemu.subjects.server.config import ServerConfig
from iosemu.tcp import ConnectionEvent, TcpConfig

PORT = 22
_CONFIG = TcpConfig(window=16384, tells_drained=True)


class ScpService(Service):
    """TCP port 22."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._tcp = device.service(Tcp)
        self._listening = False

    def changed(self) -> None:
        """The services were chosen."""
        wanted = self.device.config.of(ServerConfig).scp
        if wanted and not self._listening:
            self._tcp.listen(PORT, self._arrived, config=_CONFIG)
        elif self._listening and not wanted:
            self._tcp.stop_listening(PORT)
        self._listening = wanted

    def stop(self) -> None:
        """Power goes: TCP forgets by itself."""
        self._listening = False

    def _arrived(self, event: ConnectionEvent) -> None:
        shells = self.device.secure_shells
        if shells is None:
            self._tcp.abort(event.connection)
            return
        self._tcp.hand_over(event.connection, shells.serve(event.connection, ""))
