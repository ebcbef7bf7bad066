"""`action LABEL mail`: a message to a mail server (RFC 5321)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.device import Device
from iosemu.box.timestamps import local_time
from iosemu.handling.effects import Effect, Steps, WaitFor
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.net.signal import Signal
from iosemu.net.smtp import PORT, Message, SmtpClient
from iosemu.subjects.hosts.translate import translate
from iosemu.tcp import (
    Closed,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    DataReceived,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
)

PATIENCE = 30.0
"""Lab seconds for the whole session."""
UNREACHED = "error in connecting to SMTP server"


class MailError(Exception):
    """The message was not taken; the text says why."""


def composed(device: Device, told: Mapping[str, str]) -> Message:
    """The message that an action describes. Raises MailError for a header that is none."""
    recipients = [part for word in ("to", "cc") for part in told.get(word, "").replace(",", " ").split()]
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    try:
        for name, word in (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject")):
            if told.get(word):
                message[name] = told[word]
    except ValueError as error:
        raise MailError(str(error)) from error
    when = local_time(device, device.now)
    message["Date"] = f"{when.astimezone(UTC):%a, %d %b %Y %H:%M:%S +0000}"
    message.set_content(told.get("body", ""))
    return Message(told.get("from", ""), tuple(recipients), message.as_bytes())


def mailing(device: Device, told: Mapping[str, str]) -> Steps:
    """Send it; raises MailError when the server cannot be reached or does not take it."""
    address = yield from _address(device, told)
    message = composed(device, told)
    session = _Session(device, address, int(told.get("port") or PORT), message, told)
    yield WaitFor(lambda: session.over, PATIENCE, session.signal)
    session.close()
    if not session.client.delivered:
        raise MailError(session.reason or session.client.error or UNREACHED)


def _address(device: Device, told: Mapping[str, str]) -> Generator[str | Effect, Any, IPv4Address]:
    name = told.get("server", "").rpartition("@")[2]
    found = yield from translate(device, name, told.get("vrf", ""))
    if found is None:
        raise MailError(f"unable to resolve {name}")
    return found


class _Session:
    """A connection to the server."""

    def __init__(
        self, device: Device, address: IPv4Address, port: int, message: Message, told: Mapping[str, str]
    ) -> None:
        self.client = SmtpClient(device.hostname, message)
        self.signal = Signal()
        self.reason = ""
        self.over = False
        self._device = device
        self._tcp = device.service(Tcp)
        self._connection: Connection | None = None
        try:
            source = IPv4Address(told["source-address"]) if told.get("source-address") else None
            self._connection = self._tcp.connect(
                address, port, self._told, source=source, vrf=told.get("vrf", "")
            )
        except (NoRouteError, ValueError, LookupError):
            self.reason, self.over = UNREACHED, True

    def _told(self, event: ConnectionEvent) -> None:
        match event:
            case Refused() | Unreachable() | TimedOut():
                self.reason, self.over = UNREACHED, True
            case DataReceived():
                data = self.client.receive(event.connection.read(self._device.now))
                try:
                    event.connection.send(data, self._device.now)
                except ConnectionClosed:
                    self.over = True
                self.over = self.over or self.client.done
            case PeerClosed() | Reset() | Closed():
                self.over = True
        self.signal.emit()

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close(self._device.now)
            self._tcp.run()
