"""TCP of a box: the engine joined to IP, lab time and those who use it by callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.config import ip_mtu
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
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
    Numbers,
    PortInUse,
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


Accepts = Callable[[Endpoint, Endpoint, str], bool]
"""Whether a connection is taken: our end, the peer's, and the name of the routing instance."""


@dataclass(frozen=True, slots=True)
class _Port:
    """How connections to a port are taken."""

    handler: Handler
    config: TcpConfig | None
    accepts: Accepts | None
    config_for: Callable[[Endpoint], TcpConfig] | None

    def open(self, engine: Stack, vrf: str, port: int, address: Address | None) -> None:
        """Listen in one instance."""
        asked = self.accepts
        accepts = None if asked is None else lambda local, remote: asked(local, remote, vrf)
        engine.listen(port, address, self.config, accepts, self.config_for)


class Tcp(Service):
    """Listen, connect, and hand over what happened; `send`, `read` and `close` are those of the connection.

    Each routing instance has connections, ports and keys of its own, since the same addresses mean other boxes there.
    A port is open in the instance that it was opened in, or in all of them where its owner says so.

    Whoever calls a method of a connection calls `run` afterwards; inside a handler that is done anyway.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._stack = device.service(IpStack)
        self._numbers = Numbers()
        self.engine = Stack(device.rng.randbytes, TcpConfig(), partial(self._mss, ""), self._numbers)
        """That of the default instance."""
        self._engines: dict[str, Stack] = {"": self.engine}
        self._homes: dict[str, Vrf] = {"": self._stack.default}
        """The instances that the engines are of: one of the same name may be another one later."""
        self._handlers: dict[Connection, Handler] = {}
        self._ports: dict[tuple[str | None, int, Address | None], _Port] = {}
        """By the name of the instance, None: all that there are and will be."""
        self._timer: Timer | None = None
        self._running = False

    def start(self) -> None:
        """Power came."""
        self._stack.bind_protocol(Protocol.TCP, self._receive, every_vrf=True)
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
        vrf: str | None = "",
        address: IPv4Address | None = None,
        config: TcpConfig | None = None,
        accepts: Accepts | None = None,
        config_for: Callable[[Endpoint], TcpConfig] | None = None,
    ) -> None:
        """Take connections to a port; `handler` gets what happens to each. iosemu.tcp.PortInUse if taken.

        `vrf` is the routing instance that they may come from, None: any that there is or will be.
        """
        key = (vrf, port, address)
        if key in self._ports:
            raise PortInUse(f"port {port} is listened on already")
        found = _Port(handler, config, accepts, config_for)
        names = list(self._engines) if vrf is None else [vrf]
        for name in names:
            found.open(self.engine_in(self._stack.vrf(name)), name, port, address)
        self._ports[key] = found

    def stop_listening(self, port: int, address: IPv4Address | None = None, *, vrf: str | None = "") -> None:
        """Take no new connections. KeyError if nobody listens; a port of a VRF may have gone with it already."""
        if self._ports.pop((vrf, port, address), None) is None:
            if vrf:
                return
            raise KeyError(port)
        for name, engine in self._engines.items():
            if vrf in (None, name):
                engine.stop_listening(port, address)

    def connect(
        self,
        remote: IPv4Address,
        port: int,
        handler: Handler,
        *,
        source: IPv4Address | None = None,
        config: TcpConfig | None = None,
        vrf: str = "",
        tos: int = 0,
    ) -> Connection:
        """Open a connection, from the address of the way out or from `source`. NoRouteError without a way."""
        table = self._stack.vrf(vrf)
        if table.hop(remote) is None and not table.is_local(remote):
            raise NoRouteError(f"no route to {remote}")
        local = source if source is not None else table.source_for(remote)
        if local is None:
            raise NoRouteError(f"no address to reach {remote} from")
        if tos:
            config = replace(config or self.engine_in(table).config, tos=tos)
        connection = self.engine_in(table).connect(
            Endpoint(local, 0), Endpoint(remote, port), self.device.now, config
        )
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

    def engine_in(self, vrf: Vrf) -> Stack:
        """The connections in a routing instance."""
        found = self._engines.get(vrf.name)
        if found is not None and self._homes[vrf.name] is not vrf:
            self._forget(vrf.name)
            found = None
        if found is None:
            mss = partial(self._mss, vrf.name)
            found = Stack(self.device.rng.randbytes, TcpConfig(), mss, self._numbers)
            self._engines[vrf.name], self._homes[vrf.name] = found, vrf
            found.statistics = self.engine.statistics
            for (name, port, address), each in self._ports.items():
                if name is None:
                    each.open(found, vrf.name, port, address)
        return found

    def engines(self) -> Iterator[tuple[str, Stack]]:
        """The connections by routing instance, those of the default one first."""
        yield from self._engines.items()

    def vrf_of(self, connection: Connection) -> str:
        """The name of the routing instance that a connection is in."""
        return next((name for name, engine in self._engines.items() if engine.holds(connection)), "")

    def routes_changed(self) -> None:
        """An instance may be no more: then what was connected in it is gone, too."""
        gone = [name for name, home in self._homes.items() if self._stack.vrfs.get(name) is not home]
        for name in gone:
            self._forget(name)

    def _forget(self, name: str) -> None:
        engine = self._engines[name]
        for connection in list(engine.connections()):
            connection.abort(self.device.now)
        engine.segments()  # there is no way for them
        for event in engine.events():
            if isinstance(event, ConnectionEvent):
                self._tell(name, event)
        del self._engines[name], self._homes[name]
        for key in [each for each in self._ports if each[0] == name]:
            del self._ports[key]

    def run(self) -> None:
        """Send what is to be sent, tell what happened, and plan what comes next."""
        if self._running:
            return
        self._running = True
        try:
            while any(self._run(name, engine) for name, engine in list(self._engines.items())):
                pass
        finally:
            self._running = False
        self._plan()

    def _run(self, name: str, engine: Stack) -> bool:
        """Send and tell what there is in one instance; whether there was anything."""
        vrf = self._homes.get(name)
        if self._stack.vrfs.get(name) is not vrf:
            self._forget(name)
            return False
        segments, events = engine.segments(), engine.events()
        for segment in segments:
            source, destination = segment.source, segment.destination
            assert isinstance(source, IPv4Address)
            assert isinstance(destination, IPv4Address)
            packet = IPv4Packet(source, destination, Protocol.TCP, segment.data, segment.ttl, tos=segment.tos)
            self._stack.send(packet, vrf=vrf)
        for event in events:
            if isinstance(event, ConnectionEvent):
                self._tell(name, event)
            elif isinstance(event, BadAuthentication):
                self._bad_authentication(event)
        return bool(segments or events)

    # --- inside --------------------------------------------------------------------------------------

    def _tell(self, vrf: str, event: ConnectionEvent) -> None:
        connection = event.connection
        if isinstance(event, Connected) and connection.passive:
            port, address = connection.local.port, connection.local.address
            keys = ((vrf, port, address), (None, port, address), (vrf, port, None), (None, port, None))
            found = next((self._ports[key] for key in keys if key in self._ports), None)
            if found is None:  # nobody listens any more
                connection.abort(self.device.now)
                return
            self._handlers[connection] = found.handler
        handler = self._handlers.get(connection)
        if handler is not None:
            handler(event)
        if not any(engine.holds(connection) for engine in self._engines.values()):
            self._handlers.pop(connection, None)

    def _bad_authentication(self, event: BadAuthentication) -> None:
        source, destination = event.source, event.destination
        self.device.log(
            "TCP", 6, "BADAUTH",
            f"{event.fault.value} from {source.address}({source.port}) to {destination.address}"
            f"({destination.port})",
        )  # fmt: skip

    def _receive(self, packet: IPv4Packet, interface: str) -> None:
        vrf = self._stack.vrf_of(interface)
        if vrf.is_local(packet.destination):
            self.engine_in(vrf).receive(
                packet.payload, packet.source, packet.destination, self.device.now, packet.ttl
            )
            self.run()

    def _icmp(self, _packet: IPv4Packet, message: IcmpMessage, vrf: Vrf) -> None:
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
        engine = self.engine_in(vrf)
        if message.code == UnreachableCode.FRAGMENTATION_NEEDED:
            mss = (message.rest & 0xFFFF) - HEADERS
            engine.packet_too_big(local, remote, mss, self.device.now)
        else:
            engine.unreachable(local, remote, self.device.now)
        self.run()

    def _mss(self, vrf: str, _local: Address, remote: Address, config: TcpConfig) -> int:
        assert isinstance(remote, IPv4Address)
        hop = self._stack.vrf(vrf).hop(remote)
        interface = self._stack.interfaces.get(hop.interface) if hop is not None else None
        if hop is None or interface is None or (hop.next_hop is not None and not config.path_mtu_discovery):
            return FAR_MSS
        return ip_mtu(interface.config) - HEADERS

    def _plan(self) -> None:
        timers = [engine.next_timer() for engine in self._engines.values()]
        due = min((each for each in timers if each is not None), default=None)
        if self._timer is not None:
            if self._timer.when == due:
                return
            self._timer.cancel()
        self._timer = self.device.scheduler.at(due, self._due) if due is not None else None

    def _due(self) -> None:
        self._timer = None
        for engine in list(self._engines.values()):
            engine.tick(self.device.now)
        self.run()
