"""`logging host`: system messages as syslog datagrams (RFC 3164) into the simulated network."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from iosemu.box.syslog import Message
from iosemu.box.timestamps import stamped
from iosemu.subjects.logging.config import LoggingConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

PORT = 514
_FACILITIES = {
    name: code
    for code, name in enumerate(
        ("kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "sys9", "sys10",
         "sys11", "sys12", "sys13", "sys14", "local0", "local1", "local2", "local3", "local4", "local5",
         "local6", "local7")
    )
}  # fmt: skip
"""RFC 3164 section 4.1.1, in the words of IOS."""


def forward(device: Device) -> None:
    """Send the newest message of the log to the configured hosts, as soon as what happens now is over."""
    settings = device.config.find(LoggingConfig)
    if settings is None or not settings.hosts or not settings.enabled or settings.trap is None:
        return
    message = device.syslog.messages[-1]
    if message.severity <= settings.trap:
        device.scheduler.after(0.0, partial(_send, device, message, device.boots))


def _send(device: Any, message: Message, boots: int) -> None:
    settings = device.config.of(LoggingConfig)
    stack = getattr(device, "stack", None)
    if stack is None or device.boots != boots or not device.powered:
        return
    priority = _FACILITIES.get(settings.facility, 23) * 8 + message.severity
    data = f"<{priority}>{message.number}: {stamped(device, message)}".encode("ascii", "replace")
    source = None
    interface = device.config.interfaces.get(settings.source_interface)
    if interface is not None and interface.address is not None:
        source = interface.address.ip
    for host in settings.hosts:
        if stack.send_udp(source, PORT, IPv4Address(host), PORT, data):
            settings.sent[host] = settings.sent.get(host, 0) + 1
