"""Mail on a server (RFC 5321): what comes is a file of its folder, `mailN.eml`; nothing is passed on."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.net.smtp import PORT, Message, SmtpServer
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.connections import StreamService
from iosemu.tcp import Connection


class MailService(StreamService):
    """TCP port 25."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.received: list[Message] = []
        """What came since power came."""

    @property
    def port(self) -> int | None:
        """Where; None while the service is not chosen."""
        return PORT if self.device.config.of(ServerConfig).smtp else None

    def _speaker(self, connection: Connection) -> SmtpServer:
        return SmtpServer(self.device.hostname, self._deliver)

    def _deliver(self, message: Message) -> None:
        if len(self.received) < 1000:
            self.received.append(message)
        files = self.device.config.of(ServerConfig).files
        if files is not None:
            head = f"Return-Path: <{message.sender}>\r\nDelivered-To: {', '.join(message.recipients)}\r\n"
            files.write(f"mail{len(self.received)}.eml", head.encode() + message.data)
