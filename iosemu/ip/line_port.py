"""A TCP port by which people come to terminal lines."""

from __future__ import annotations

from abc import abstractmethod

from iosemu.box.device import Device
from iosemu.box.line_config import LinesConfig
from iosemu.box.service import Service
from iosemu.ip.tcp import Tcp
from iosemu.tcp import ConnectionEvent, Endpoint, TcpConfig


class LinePort(Service):
    """Listens as long as a terminal line takes its protocol."""

    protocol = ""
    """In the words of `transport input`."""
    port = 0
    tcp_config = TcpConfig(tells_drained=True)
    """Of connections that come and that go."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._tcp = device.service(Tcp)
        self._listening = False

    def start(self) -> None:
        """Power came."""
        self.changed()

    def stop(self) -> None:
        """Power goes: TCP forgets its connections by itself."""
        self._listening = False

    @property
    def wanted(self) -> bool:
        """Somebody could come in."""
        lines = self.device.config.find(LinesConfig)
        return lines is not None and any(line.takes(self.protocol) for line in lines.vty)

    def changed(self) -> None:
        """Lines were configured."""
        wanted = self.wanted
        if wanted and not self._listening:
            self._tcp.listen(
                self.port, self._arrived, vrf=None, accepts=self._accepts, config=self.tcp_config
            )
        elif self._listening and not wanted:
            self._tcp.stop_listening(self.port, vrf=None)
        self._listening = wanted

    @abstractmethod
    def _accepts(self, local: Endpoint, remote: Endpoint, vrf: str) -> bool:
        """Whether somebody may knock."""

    @abstractmethod
    def _arrived(self, event: ConnectionEvent) -> None:
        """The first that is heard of a connection: whoever answers hears the rest."""
