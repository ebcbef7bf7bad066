"""`logging host`: system messages as syslog datagrams (RFC 3164) into the simulated network."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.syslog import Message
from iosemu.box.timestamps import stamped
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.subjects.logging.config import PORT, LoggingConfig
from iosemu.subjects.logging.stream import SyslogStream

_FACILITIES = {
    name: code
    for code, name in enumerate(
        ("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "sys9", "sys10",
         "sys11", "sys12", "sys13", "sys14", "local0", "local1", "local2", "local3", "local4", "local5",
         "local6", "local7")
    )
}  # fmt: skip
"""RFC 3164 section 4.1.1, in the words of IOS."""


class SyslogClient(Service):
    """Sends each message of the log to the configured hosts, as soon as what happens now is over."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.streams: dict[str, SyslogStream] = {}
        """Those that are reached by TCP."""

    def start(self) -> None:
        """Hear of every message."""
        self.device.syslog.listeners.append(self._forward)

    def stop(self) -> None:
        """Power goes."""
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()

    def changed(self) -> None:
        """Connections are opened for the first message, and closed here when they are wanted no more."""
        settings = self.device.config.of(LoggingConfig)
        for host, stream in list(self.streams.items()):
            if settings.tcp.get(host) != stream.port:
                stream.close()
                del self.streams[host]

    def sent(self, host: str) -> int:
        """Messages that went to a host."""
        stream = self.streams.get(host)
        if stream is not None:
            return stream.sent
        return self.device.config.of(LoggingConfig).sent.get(host, 0)

    def _forward(self, message: Message) -> None:
        settings = self.device.config.of(LoggingConfig)
        if not settings.hosts or not settings.enabled or settings.trap is None:
            return
        if message.severity <= settings.trap:
            self.device.scheduler.after(0.0, partial(self._send, message, self.device.boots))

    def _send(self, message: Message, boots: int) -> None:
        device = self.device
        if device.boots != boots or not device.powered:
            return
        settings, stack = device.config.of(LoggingConfig), device.service(IpStack)
        priority = _FACILITIES.get(settings.facility, 23) * 8 + message.severity
        source = primary_address(device.config.interfaces.get(settings.source_interface))
        for host in settings.hosts:
            address, port = IPv4Address(host), settings.ports.get(host, PORT)
            origin = {
                "": "",
                "hostname": f"{device.hostname}: ",
                "ip": f"{source or stack.source_for(address)}: ",
                "string": f"{settings.origin}: ",
            }[settings.origin_kind]
            text = f"<{priority}>{message.number}: {origin}{stamped(device, message)}"
            if host in settings.tcp:
                if host not in self.streams:
                    self.streams[host] = SyslogStream(device, address, settings.tcp[host])
                self.streams[host].send(text, source)
                continue
            if stack.send_udp(source, PORT, address, port, text.encode("ascii", "replace")):
                settings.sent[host] = settings.sent.get(host, 0) + 1
