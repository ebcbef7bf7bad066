"""TCP of a box: the engine joined to IP, lab time and those who use it by callbacks."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.config import ip_mtu
from iosemu.ip.stack import IpStack
from iosemu.net.scheduler import Timer
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType, UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.tcp import (
    Address,
    BadAuthentication,
    Connected,
    Connection,
    ConnectionEvent,
    Endpoint,
    Stack,
    TcpConfig,
)

Handler = Callable[[ConnectionEvent], None]
"""Told what happens to a connection."""
HEADERS = 40
"""Octets of an IP and a TCP header."""
FAR_MSS = 536
"""What a peer that is not on a connected network is sent at most, without path MTU discovery."""


class NoRouteError(Exception):
    """There is no way to the peer, or no address of ours to send from."""


class Tcp(Service):
    """Listen, connect, and hand over what happened; `send`, `read` and `close` are those of the connection.

    Whoever calls a method of a connection calls `run` afterwards; inside a handler that is done anyway.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.engine = Stack(device.rng.randbytes, TcpConfig(), self._mss)
        self._stack = device.service(IpStack)
        self._handlers: dict[Connection, Handler] = {}
        self._listeners: dict[tuple[int, Address | None], Handler] = {}
        self._timer: Timer | None = None
        self._running = False

    def start(self) -> None:
        """Power came."""
        self._stack.bind_protocol(Protocol.TCP, self._receive)
        self._stack.icmp.listeners.append(self._icmp)

    def stop(self) -> None:
        """Power goes: nobody is told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- for those who use it ------------------------------------------------------------------------

    def listen(
        self,
        port: int,
        handler: Handler,
        *,
        address: IPv4Address | None = None,
        config: TcpConfig | None = None,
        accepts: Callable[[Endpoint, Endpoint], bool] | None = None,
        config_for: Callable[[Endpoint], TcpConfig] | None = None,
    ) -> None:
        """Take connections to a port; `handler` gets what happens to each. iosemu.tcp.PortInUse if taken."""
        self.engine.listen(port, address, config, accepts, config_for)
        self._listeners[port, address] = handler

    def stop_listening(self, port: int, address: IPv4Address | None = None) -> None:
        """Take no new connections. KeyError if nobody listens."""
        self.engine.stop_listening(port, address)
        del self._listeners[port, address]

    def connect(
        self,
        remote: IPv4Address,
        port: int,
        handler: Handler,
        *,
        source: IPv4Address | None = None,
        config: TcpConfig | None = None,
    ) -> Connection:
        """Open a connection, from the address of the way out or from `source`. NoRouteError without a way."""
        if self._stack.hop(remote) is None and not self._stack.is_local(remote):
            raise NoRouteError(f"no route to {remote}")
        local = source if source is not None else self._stack.source_for(remote)
        if local is None:
            raise NoRouteError(f"no address to reach {remote} from")
        connection = self.engine.connect(Endpoint(local, 0), Endpoint(remote, port), self.device.now, config)
        self._handlers[connection] = handler
        self.run()
        return connection

    def hand_over(self, connection: Connection, handler: Handler) -> None:
        """Tell `handler` from now on what happens to a connection."""
        self._handlers[connection] = handler

    def abort(self, connection: Connection) -> None:
        """Reset a connection; its handler hears no more of it."""
        self._handlers.pop(connection, None)
        connection.abort(self.device.now)
        self.run()

    def run(self) -> None:
        """Send what is to be sent, tell what happened, and plan what comes next."""
        if self._running:
            return
        self._running = True
        try:
            while True:
                segments, events = self.engine.segments(), self.engine.events()
                if not segments and not events:
                    break
                for segment in segments:
                    source, destination = segment.source, segment.destination
                    assert isinstance(source, IPv4Address)
                    assert isinstance(destination, IPv4Address)
                    self._stack.send(
                        IPv4Packet(
                            source, destination, Protocol.TCP, segment.data, segment.ttl, tos=segment.tos
                        )
                    )
                for event in events:
                    if isinstance(event, ConnectionEvent):
                        self._tell(event)
                    elif isinstance(event, BadAuthentication):
                        self._bad_authentication(event)
        finally:
            self._running = False
        self._plan()

    # --- inside --------------------------------------------------------------------------------------

    def _tell(self, event: ConnectionEvent) -> None:
        connection = event.connection
        if isinstance(event, Connected) and connection.passive:
            local = connection.local
            found = self._listeners.get((local.port, local.address)) or self._listeners.get(
                (local.port, None)
            )
            if found is None:  # nobody listens any more
                connection.abort(self.device.now)
                return
            self._handlers[connection] = found
        handler = self._handlers.get(connection)
        if handler is not None:
            handler(event)
        if not self.engine.holds(connection):
            self._handlers.pop(connection, None)

    def _bad_authentication(self, event: BadAuthentication) -> None:
        source, destination = event.source, event.destination
        self.device.log(
            "TCP", 6, "BADAUTH",
            f"{event.fault.value} from {source.address}({source.port}) to {destination.address}"
            f"({destination.port})",
        )  # fmt: skip

    def _receive(self, packet: IPv4Packet, _interface: str) -> None:
        if self._stack.is_local(packet.destination):
            self.engine.receive(
                packet.payload, packet.source, packet.destination, self.device.now, packet.ttl
            )
            self.run()

    def _icmp(self, _packet: IPv4Packet, message: IcmpMessage) -> None:
        if message.type != IcmpType.UNREACHABLE:
            return
        try:
            quoted = IPv4Packet.parse(message.payload, verify=False)
        except MalformedPacket:
            return
        if quoted.protocol != Protocol.TCP or len(quoted.payload) < 4:
            return
        local = Endpoint(quoted.source, int.from_bytes(quoted.payload[:2], "big"))
        remote = Endpoint(quoted.destination, int.from_bytes(quoted.payload[2:4], "big"))
        if message.code == UnreachableCode.FRAGMENTATION_NEEDED:
            mss = (message.rest & 0xFFFF) - HEADERS
            self.engine.packet_too_big(local, remote, mss, self.device.now)
        else:
            self.engine.unreachable(local, remote, self.device.now)
        self.run()

    def _mss(self, _local: Address, remote: Address, config: TcpConfig) -> int:
        assert isinstance(remote, IPv4Address)
        hop = self._stack.hop(remote)
        interface = self._stack.interfaces.get(hop.interface) if hop is not None else None
        if hop is None or interface is None or (hop.next_hop is not None and not config.path_mtu_discovery):
            return FAR_MSS
        return ip_mtu(interface.config) - HEADERS

    def _plan(self) -> None:
        due = self.engine.next_timer()
        if self._timer is not None:
            if self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._due) if due is not None else None

    def _due(self) -> None:
        self._timer = None
        self.engine.tick(self.device.now)
        self.run()
