"""TFTP of a box over its IP stack: a client's transfer, and a server."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ip.broadcast import broadcast_udp
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.net.tftp import Store, TftpClient, TftpServer, TftpTransfer
from iosemu.packets import tftp
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.tftp import PORT, TftpError, TftpErrorCode, TftpOpcode, TftpRequest
from iosemu.packets.udp import UdpDatagram

EPHEMERAL = (49152, 65535)
LINGER = 10.0
"""Lab seconds for which an end of a finished transfer still answers."""
MOST_TRANSFERS = 50
"""Of a server at a time."""


class Carried:
    """A transfer, carried by datagrams between a port of ours and one of the other end."""

    def __init__(
        self,
        device: Device,
        transfer: TftpTransfer,
        peer: IPv4Address,
        source: IPv4Address | None,
        vrf: Vrf,
    ) -> None:
        self.transfer = transfer
        self.signal = Signal()
        """Something came, or it has ended."""
        self.interface = ""
        """By which the other end's packets come."""
        self._device = device
        self.peer = peer
        """The other end; the limited broadcast until somebody answers."""
        self._source = source
        self._vrf = vrf
        self._far: int | None = None
        self._timer: Timer | None = None
        self._stack = device.service(IpStack)
        low, high = EPHEMERAL
        while True:
            self._port = device.rng.randrange(low, high)
            if not self._stack.listens(self._port):
                break
        self._stack.bind_udp(self._port, self._receive, vrf=vrf.name)

    @property
    def place(self) -> tuple[Vrf, IPv4Address, int | None]:
        """Where the other end speaks from."""
        return self._vrf, self.peer, self._far

    def begin(self, data: bytes, port: int, *, known: bool) -> None:
        """Send what comes first; `known`: the other end speaks from this very port."""
        self._far = port if known else None
        self._put(data, port)
        self._plan()

    def _put(self, data: bytes, port: int) -> None:
        if data and self.peer == LIMITED_BROADCAST:
            broadcast_udp(self._stack, self._vrf, self._port, port, data)
        elif data:
            self._stack.send_udp(self._source, self._port, self.peer, port, data, vrf=self._vrf)

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        if self.peer == LIMITED_BROADCAST:
            self.peer = packet.source
        elif packet.source != self.peer:
            return
        if self._far is None:
            self._far = datagram.source_port
        elif datagram.source_port != self._far:  # RFC 1350 section 4
            error = TftpError(TftpErrorCode.UNKNOWN_ID, "Unknown transfer ID").to_bytes()
            self._put(error, datagram.source_port)
            return
        self.interface = interface
        self._put(self.transfer.receive(datagram.payload, self._device.now), self._far)
        self._plan()
        self.signal.emit()

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.transfer.done:
            # the last answer may be lost and be asked for again (RFC 1350 section 6)
            self._timer = self._device.scheduler.after(LINGER, self.close)
        elif self.transfer.due is not None:
            self._timer = self._device.scheduler.at(self.transfer.due, self._due)

    def _due(self) -> None:
        self._timer = None
        again = self.transfer.tick(self._device.now)
        self._put(again, PORT if self._far is None else self._far)
        self._plan()
        self.signal.emit()

    def close(self) -> None:
        """It is over, or given up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stack.bind_udp(self._port, None, vrf=self._vrf.name)


def transfer(
    device: Device, client: TftpClient, server: IPv4Address, source: IPv4Address | None, vrf: Vrf
) -> Carried:
    """Begin to read from, or write to, a server in a routing instance."""
    carried = Carried(device, client, server, source, vrf)
    carried.begin(client.start(device.now), PORT, known=False)
    return carried


class TftpListener:
    """UDP port 69 of a box that has files for others."""

    def __init__(self, device: Device, store: Store, limit: int) -> None:
        self._device = device
        self._store = store
        self._limit = limit
        self._open: list[Carried] = []
        device.service(IpStack).bind_udp(PORT, self._receive, vrf=None)

    def stop(self) -> None:
        """Serve nobody any more."""
        self._device.service(IpStack).bind_udp(PORT, None, vrf=None)
        for each in self._open:
            each.close()
        self._open.clear()

    def _receive(self, packet: IPv4Packet, datagram: UdpDatagram, interface: str) -> None:
        try:
            request = tftp.parse(datagram.payload)
        except MalformedPacket:
            return
        self._open = [each for each in self._open if not each.transfer.done]
        if not isinstance(request, TftpRequest) or len(self._open) >= MOST_TRANSFERS:
            return
        vrf = self._device.service(IpStack).vrf_of(interface)
        place = vrf, packet.source, datagram.source_port
        if any(each.place == place for each in self._open):
            return  # it was asked again before the answer came
        asked: IPv4Address | None = packet.destination
        if asked == LIMITED_BROADCAST:
            if request.opcode is not TftpOpcode.READ or self._store.read(request.name) is None:
                return  # somebody else may have it (RFC 1123 section 4.2.3.4)
            asked = None
        server = TftpServer(request, self._store, self._limit, packet.source)
        carried = Carried(self._device, server, packet.source, asked, vrf)
        carried.begin(server.start(self._device.now), datagram.source_port, known=True)
        self._open.append(carried)
