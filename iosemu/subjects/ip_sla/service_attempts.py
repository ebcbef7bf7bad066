"""Operations that ask a service: a file by FTP, an address by DHCP."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from urllib.parse import unquote, urlsplit

from iosemu.box.interface import Interface
from iosemu.ip.config import primary_address
from iosemu.ip.dhcp import AddressClients
from iosemu.ip.ftp import PORT, FtpAccount, FtpCopy
from iosemu.net.dhcp.client import EVERYBODY, Bound, DhcpClient
from iosemu.net.scheduler import Timer
from iosemu.packets.dhcp import DhcpMessage, Option
from iosemu.subjects.ip_sla.attempts import Attempt
from iosemu.subjects.ip_sla.named import Fetch
from iosemu.subjects.ip_sla.results import OK, SOCKET_ERROR, TIMEOUT, Result

LARGEST = 1 << 23
"""Octets of a file that is fetched."""
FTP_CODES = {"Timed out": TIMEOUT, "Connection refused": SOCKET_ERROR}


class FtpGet(Fetch):
    """`ftp get URL`: how long a file takes."""

    _copy: FtpCopy | None = None

    def ask(self, address: IPv4Address) -> None:
        """The server is known: fetch the file."""
        split = urlsplit(self.operation.name)
        account = FtpAccount(unquote(split.username or "anonymous"), unquote(split.password or "iosemu@"))
        self._copy = FtpCopy(
            self.device,
            address,
            unquote(split.path.lstrip("/")),
            None,
            LARGEST,
            account,
            self.source,
            self.operation.vrf,
            split.port or PORT,
            self.operation.tos,
        )
        self._copy.signal.connect(self._moved)
        self._moved()

    def _moved(self) -> None:
        if self._copy is None or not self._copy.done:
            return
        if self._copy.reason:
            self.end(Result(FTP_CODES.get(self._copy.reason, "FTP error")))
        else:
            self.end(Result(OK, self.elapsed))

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        if self._copy is not None:
            copy, self._copy = self._copy, None
            copy.close()


class DhcpLease(Attempt):
    """`dhcp`: how long it takes to get an address, which is given back at once.

    It is asked for by broadcast on each Ethernet interface that has an address, or where a server is named on that
    towards it; then only this server's answer counts.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # as those of Attempt
        self._asking: dict[str, DhcpClient] = {}
        self._timers: dict[str, Timer] = {}
        self._service = self.device.find(AddressClients)

    def begin(self) -> None:
        """Ask."""
        if self._service is None:
            return
        for interface in self._interfaces():
            identifier = b"\x00" + f"cisco-sla-{interface.mac.dotted}-{self.operation.number}".encode()
            client = DhcpClient(
                interface.mac, ((Option.CLIENT_IDENTIFIER, identifier),), self.device.rng.random
            )
            self._asking[interface.name] = client
            self._service.listen(interface.name, self._heard)
            client.start(self.device.now)
            self._settle(interface)

    def _interfaces(self) -> list[Interface]:
        wanted = ""
        if self.operation.destination is not None:
            hop = self.stack.default.hop(self.operation.destination)
            wanted = hop.interface if hop is not None else "?"
        return [
            each
            for each in self.device.interfaces.values()
            if each.protocol_up
            and wanted in ("", each.name)
            and primary_address(each.config) is not None
            and self.stack.is_ethernet(each)
        ]

    def _heard(self, name: str, message: DhcpMessage) -> None:
        client, interface = self._asking.get(name), self.device.interfaces.get(name)
        if client is None or interface is None:
            return
        server = dict(message.options).get(Option.SERVER_IDENTIFIER)
        wanted = self.operation.destination
        if wanted is not None and server != wanted.packed:
            return
        client.receive(message, self.device.now)
        self._settle(interface)

    def _settle(self, interface: Interface) -> None:
        client, name = self._asking[interface.name], interface.name
        assert self._service is not None
        self._send(interface, client)
        if any(isinstance(event, Bound) for event in client.events()):
            client.release(self.device.now)
            self._send(interface, client)
            self.end(Result(OK, self.elapsed))
            return
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        due = client.next_timer()
        if due is not None:
            self._timers[name] = self.device.scheduler.at(due, lambda: self._tick(interface))

    def _send(self, interface: Interface, client: DhcpClient) -> None:
        """What is not for everybody comes from an address that is ours: the one that was given never is."""
        assert self._service is not None
        for each in client.outgoing():
            own = primary_address(interface.config)
            if each.destination != EVERYBODY and own is not None:
                each = replace(each, source=own)
            self._service.send(interface, each)

    def _tick(self, interface: Interface) -> None:
        client = self._asking.get(interface.name)
        if client is not None:
            client.tick(self.device.now)
            self._settle(interface)

    def close(self) -> None:
        """Leave nothing open."""
        super().close()
        for timer in self._timers.values():
            timer.cancel()
        for name in self._asking:
            if self._service is not None:
                self._service.unlisten(name, self._heard)
        self._asking.clear()
