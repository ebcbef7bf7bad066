"""TACACS+ and RADIUS on a server."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.net.aaa.radius_server import RadiusServer
from iosemu.net.aaa.records import AccountingRecords
from iosemu.net.aaa.tacacs_server import TacacsSession
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.connections import StreamService
from iosemu.tcp import Connection


class TacacsService(StreamService):
    """TCP port 49; what clients account for is written down, by this and by RADIUS."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.records = AccountingRecords()

    @property
    def port(self) -> int | None:
        """Where; None while the service is not chosen."""
        settings = self.device.config.of(ServerConfig).tacacs
        return settings.port if settings is not None else None

    def _speaker(self, connection: Connection) -> TacacsSession:
        config = self.device.config.of(ServerConfig)
        return TacacsSession(
            str(connection.remote.address),
            lambda: config.accounts,
            lambda: config.tacacs.key if config.tacacs is not None else b"",
            self.records,
            lambda: self.device.now,
        )


class RadiusService(Service):
    """The UDP ports of RADIUS, the old ones too."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        config = device.config.of(ServerConfig)
        self.server = RadiusServer(
            lambda: config.accounts,
            lambda: config.radius.secret if config.radius is not None else b"",
            device.service(TacacsService).records,
            device.rng.randbytes,
        )
        self._bound: set[int] = set()

    def changed(self) -> None:
        """The services were chosen."""
        settings = self.device.config.of(ServerConfig).radius
        stack = self.device.service(IpStack)
        for port in self._bound:
            stack.bind_udp(port, None)
        self._bound = set()
        if settings is not None:
            self._bound = {*settings.authentication_ports, *settings.accounting_ports}
        for port in self._bound:
            stack.bind_udp(port, self._receive)

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, _interface: str) -> None:
        settings = self.device.config.of(ServerConfig).radius
        if settings is None:
            return
        accounting = datagram.destination_port in settings.accounting_ports
        answer = self.server.receive(datagram.payload, str(packet.source), self.device.now, accounting)
        if answer is not None:
            self.device.service(IpStack).send_udp(
                packet.destination, datagram.destination_port, packet.source, datagram.source_port, answer
            )
