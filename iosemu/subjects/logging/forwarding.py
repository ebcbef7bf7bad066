"""`logging host`: system messages as syslog datagrams (RFC 3164) into the simulated network."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.syslog import Message
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.subjects.logging.config import PORT, LoggingConfig, LogHost
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
        self.streams: dict[tuple[IPv4Address, str], SyslogStream] = {}
        """Those that are reached by TCP."""

    def start(self) -> None:
        """Hear of every message."""
        self.device.syslog.listeners.append(self._forward)
        self.device.service(IpStack).vrf_listeners.append(self._vrf_gone)

    def _vrf_gone(self, name: str) -> None:
        self.device.config.of(LoggingConfig).forget_vrf(name)
        self.changed()

    def stop(self) -> None:
        """Power goes."""
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()

    def changed(self) -> None:
        """Connections are opened for the first message, and closed here when they are wanted no more."""
        settings = self.device.config.of(LoggingConfig)
        for key, stream in list(self.streams.items()):
            if settings.hosts.get(key) != stream.host:
                stream.close()
                del self.streams[key]

    def sent(self, host: LogHost) -> int:
        """Messages that went to a host."""
        stream = self.streams.get(host.key)
        if stream is not None:
            return stream.sent
        return self.device.config.of(LoggingConfig).sent.get(host.key, 0)

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
        for host in settings.hosts.values():
            vrf = stack.find_vrf(host.vrf)
            if vrf is None:
                continue
            name = settings.vrf_sources.get(host.vrf, "") if host.vrf else settings.source_interface
            source = primary_address(device.config.interfaces.get(name))
            origin = {
                "": "",
                "hostname": f"{device.hostname}: ",
                "ip": f"{source or vrf.source_for(host.address)}: ",
                "string": f"{settings.origin}: ",
            }[settings.origin_kind]
            text = f"<{priority}>{message.number}: {origin}{message.stamped}"
            if host.protocol == "tcp":
                if host.key not in self.streams:
                    self.streams[host.key] = SyslogStream(device, host)
                self.streams[host.key].send(text, source)
                continue
            data = text.encode("ascii", "replace")
            if stack.send_udp(source, PORT, host.address, host.port, data, vrf=vrf):
                settings.sent[host.key] = settings.sent.get(host.key, 0) + 1
