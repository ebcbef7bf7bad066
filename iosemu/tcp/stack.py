"""All TCP connections of one device: ports, demultiplexing, backlog, timers, keys (RFC 9293 3.9, 3.10).

Sans-IO: segments and time are passed in. `segments()` gives what is to be sent, `events()` what has happened,
`next_timer()` when `tick` is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import NamedTuple

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp.arrival import segment_arrives
from iosemu.tcp.config import TcpConfig
from iosemu.tcp.connection import Connection
from iosemu.tcp.core import Core, OutgoingSegment
from iosemu.tcp.events import BadAuthentication, Event, Unreachable
from iosemu.tcp.options import TcpOptions
from iosemu.tcp.sequence import MODULUS, unwrap
from iosemu.tcp.states import State, Trigger
from iosemu.tcp.timers import TimerKind
from iosemu.tcp.wire import Address, Endpoint, Network, check_md5, checksum_is_right

EPHEMERAL_PORTS = range(11000, 65536)
"""Where IOS takes the ports of its own connections from."""
_ISN_TICKS = 250_000  # a second: RFC 9293 3.4.1 wants about 4 microseconds a step
_NO_OPTIONS = TcpOptions()


class PortInUse(Exception):  # noqa: N818 - the name says what is so
    """Somebody listens there already, or the connection exists."""


class TcbRow(NamedTuple):
    """A row of `show tcp brief`; a listener has no remote end, and no address if it listens on all."""

    local: Endpoint | None
    port: int
    remote: Endpoint | None
    state: State
    number: int = 0
    """Counts connections; listeners have their port."""


@dataclass(slots=True)
class Listener:
    """A port that takes connections. `accepts(local, remote)` may refuse one before it exists (access-class)."""

    port: int
    address: Address | None
    config: TcpConfig
    accepts: Callable[[Endpoint, Endpoint], bool] | None
    config_for: Callable[[Endpoint], TcpConfig] | None = None
    """What counts for a connection from this peer instead of `config`."""
    half_open: set[tuple[Endpoint, Endpoint]] = field(default_factory=set)


class Numbers:
    """Gives connections the numbers 1, 2, 3 …"""

    def __init__(self) -> None:
        self.last = 0

    def take(self) -> int:
        """The next one."""
        self.last += 1
        return self.last


class Stack(Core):
    """TCP of one device.

    `randbytes(n)` gives n random octets. `mss_for(local, remote, config)` is the MSS that a path can bear: on IOS the
    interface's MTU less 40 for a connected peer, else 536; without it `config.mss` counts. `numbers` counts
    the connections, of several stacks where they share it.
    """

    def __init__(
        self,
        randbytes: Callable[[int], bytes],
        config: TcpConfig | None = None,
        mss_for: Callable[[Address, Address, TcpConfig], int] | None = None,
        numbers: Numbers | None = None,
    ) -> None:
        super().__init__(config or TcpConfig())
        self._randbytes = randbytes
        self._secret = b""
        self._numbers = numbers or Numbers()
        self._mss_for = mss_for
        self._listeners: dict[int, dict[Address | None, Listener]] = {}
        self._connections: dict[tuple[Endpoint, Endpoint], Connection] = {}

    def __len__(self) -> int:
        return len(self._connections)

    # What the user does.

    def listen(
        self,
        port: int,
        address: Address | None = None,
        config: TcpConfig | None = None,
        accepts: Callable[[Endpoint, Endpoint], bool] | None = None,
        config_for: Callable[[Endpoint], TcpConfig] | None = None,
    ) -> Listener:
        """Passive OPEN: take connections to a port, on one address or all. PortInUse if somebody does already.

        Each connection announces itself by a `Connected` event with `connection.passive`.
        """
        listeners = self._listeners.setdefault(port, {})
        if address in listeners:
            raise PortInUse(f"port {port} is listened on already")
        listener = Listener(port, address, config or self.config, accepts, config_for)
        listeners[address] = listener
        return listener

    def stop_listening(self, port: int, address: Address | None = None) -> None:
        """Take no new connections; those that exist go on. KeyError if nobody listens."""
        del self._listeners[port][address]
        if not self._listeners[port]:
            del self._listeners[port]

    def connect(
        self, local: Endpoint, remote: Endpoint, now: float, config: TcpConfig | None = None
    ) -> Connection:
        """Active OPEN; a local port of 0 is chosen. `Connected`, `Refused`, `TimedOut` or `Unreachable` follows.

        PortInUse if this connection exists or no port is free; ValueError if the addresses are of two families.
        """
        if local.address.version != remote.address.version:
            raise ValueError(f"{local.address} and {remote.address} are of two families")
        self.now = now
        if local.port == 0:
            local = self._ephemeral(local.address, remote)
        elif (local, remote) in self._connections:
            raise PortInUse(f"the connection from port {local.port} exists")
        connection = self._create(local, remote, config or self.config, passive=False)
        self.statistics.initiated += 1
        connection.move(Trigger.ACTIVE_OPEN)
        connection.synchronize()
        connection.timers[TimerKind.GIVE_UP].start(now + connection.config.synwait)
        return connection

    def set_md5_key(self, peer: Address, key: bytes | None) -> None:
        """Sign what goes to a peer and want signatures from it (RFC 2385); None: no longer."""
        if key is None:
            self._keys.pop(peer, None)
        else:
            self._keys[peer] = key
        for connection in self._connections.values():
            if connection.remote.address == peer and connection.state is not State.SYN_SENT:
                connection.set_send_mss(connection.peer_mss)

    def drop_md5_key(self, peer: Address) -> None:
        """The peer has no key from here on, but connections that there are end as they began."""
        key = self._keys.pop(peer, None)
        if key is not None:
            for ends, connection in self._connections.items():
                if connection.remote.address == peer:
                    self._kept_keys[ends] = key

    def set_md5_range_key(self, peers: Network, key: bytes | None) -> None:
        """As `set_md5_key`, of all peers in a range that have none of their own."""
        if key is None:
            self._range_keys.pop(peers, None)
        else:
            self._range_keys[peers] = key

    # What the network does.

    def receive(self, data: bytes, source: Address, destination: Address, now: float, ttl: int = 255) -> None:
        """The payload of an IP packet for one of our addresses. What is wrong with it is counted."""
        self.now = now
        self.statistics.received += 1
        if len(data) < 20:
            self.statistics.too_short += 1
            return
        if not checksum_is_right(data, source, destination):
            self.statistics.checksum_error += 1
            return
        try:
            segment = TcpSegment.parse(data)
            options = TcpOptions.parse(segment.options)
        except MalformedPacket:
            self.statistics.bad_offset += 1
            return
        remote = Endpoint(source, segment.source_port)
        local = Endpoint(destination, segment.destination_port)
        fault = check_md5(data, options, source, destination, self.md5_key(source, (local, remote)))
        if fault is not None:
            self.statistics.bad_authentication += 1
            self.report(BadAuthentication(now, fault, remote, local))
            return
        connection = self._connections.get((local, remote))
        if connection is not None and ttl < connection.config.minimum_ttl:
            return
        if connection is not None and self._reopens(connection, segment):
            connection.delete(Trigger.TIME_WAIT_OVER)
            connection = None
        if connection is not None:
            segment_arrives(connection, segment, options)
        else:
            self._arrives_unknown(segment, options, local, remote, ttl)

    def unreachable(self, local: Endpoint, remote: Endpoint, now: float) -> None:
        """An ICMP error about a segment of ours: it ends an open, and nothing that is established (RFC 5461)."""
        self.now = now
        connection = self._connections.get((local, remote))
        if connection is not None and connection.state is State.SYN_SENT:
            self.statistics.embryonic_dropped += 1
            connection.delete(Trigger.DELETE)
            self.report(Unreachable(now, connection))

    def packet_too_big(self, local: Endpoint, remote: Endpoint, mss: int, now: float) -> None:
        """Path MTU discovery (RFC 1191): segments to the peer must carry no more than `mss` octets."""
        self.now = now
        connection = self._connections.get((local, remote))
        if connection is not None and 0 < mss < connection.sender.mss:
            connection.sender.mss = mss
            connection.congestion.set_mss(mss)
            # What was too big is lost, and that is no congestion: begin again at the first octet of it.
            connection.sender.nxt = max(connection.sender.una, connection.sender.iss + 1)
            connection.output()

    def next_timer(self) -> float | None:
        """When `tick` is due, or None."""
        return self._queue.next()

    def tick(self, now: float) -> None:
        """Do what is due."""
        self.now = now
        while (timer := self._queue.pop_due(now)) is not None:
            timer.action()

    def segments(self) -> list[OutgoingSegment]:
        """Take what is to be sent."""
        out, self._segments = self._segments, []
        return out

    def events(self) -> list[Event]:
        """Take what has happened."""
        events, self._events = self._events, []
        return events

    # What the shows want.

    def connections(self) -> Iterator[Connection]:
        """All connections, oldest first."""
        return iter(list(self._connections.values()))

    def find(self, local: Endpoint, remote: Endpoint) -> Connection | None:
        """The connection between two ends."""
        return self._connections.get((local, remote))

    def listens(self, local: Endpoint) -> bool:
        """Whether connections to an address and port are taken."""
        return self._listener(local) is not None

    def holds(self, connection: Connection) -> bool:
        """Whether a connection still exists."""
        return self._connections.get((connection.local, connection.remote)) is connection

    def rows(self, listeners: bool = True) -> Iterator[TcbRow]:
        """`show tcp brief`: connections, and with `all` the listeners after them."""
        for connection in self.connections():
            yield TcbRow(
                connection.local,
                connection.local.port,
                connection.remote,
                connection.state,
                connection.number,
            )
        if listeners:
            for port, by_address in sorted(self._listeners.items()):
                for address in by_address:
                    local = None if address is None else Endpoint(address, port)
                    yield TcbRow(local, port, None, State.LISTEN, port)

    # Inside.

    def _create(self, local: Endpoint, remote: Endpoint, config: TcpConfig, passive: bool) -> Connection:
        mss = self._mss_for(local.address, remote.address, config) if self._mss_for else config.mss
        connection = Connection(
            self, local, remote, config, mss, self._initial_sequence(local, remote), passive
        )
        self._connections[local, remote] = connection
        connection.number = self._numbers.take()

        def gone() -> None:
            connection.opened()
            if self._connections.get((local, remote)) is connection:
                del self._connections[local, remote]
                self._kept_keys.pop((local, remote), None)

        connection.gone = gone
        return connection

    def _initial_sequence(self, local: Endpoint, remote: Endpoint) -> int:
        """RFC 6528: a clock, offset by a secret function of the connection."""
        name = b"".join(
            (local.address.packed, remote.address.packed, bytes(f"{local.port} {remote.port}", "ascii"))
        )
        if not self._secret:
            self._secret = self._randbytes(16)
        offset = int.from_bytes(blake2s(name, key=self._secret, digest_size=4).digest(), "big")
        return (int(self.now * _ISN_TICKS) + offset) % MODULUS

    def _ephemeral(self, address: Address, remote: Endpoint) -> Endpoint:
        """RFC 6056, algorithm 1: a random start, then the next that is free."""
        first = int.from_bytes(self._randbytes(4), "big")
        for step in range(len(EPHEMERAL_PORTS)):
            local = Endpoint(address, EPHEMERAL_PORTS[(first + step) % len(EPHEMERAL_PORTS)])
            if (local, remote) not in self._connections and local.port not in self._listeners:
                return local
        raise PortInUse(f"no port is free towards {remote.address}")

    def _reopens(self, connection: Connection, segment: TcpSegment) -> bool:
        """A SYN that is newer than all of a connection in TIME-WAIT begins another (RFC 9293 3.10.7.4)."""
        if connection.state is not State.TIME_WAIT:
            return False
        if segment.flags & (TcpFlags.SYN | TcpFlags.ACK | TcpFlags.RST) != TcpFlags.SYN:
            return False
        newer = unwrap(segment.sequence, connection.receiver.nxt) > connection.receiver.nxt
        return newer and self._listener(connection.local) is not None

    def _listener(self, local: Endpoint) -> Listener | None:
        listeners = self._listeners.get(local.port, {})
        return listeners.get(local.address) or listeners.get(None)

    def _arrives_unknown(
        self, segment: TcpSegment, options: TcpOptions, local: Endpoint, remote: Endpoint, ttl: int
    ) -> None:
        """LISTEN before there is a connection, and CLOSED (3.10.7.1, 3.10.7.2)."""
        if segment.flags & TcpFlags.RST:
            return
        listener = self._listener(local)
        wanted = segment.flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN
        if listener is None:
            self.statistics.no_port += 1
        if listener is None or not wanted or not self._welcome(listener, local, remote):
            if listener is None or wanted or segment.flags & TcpFlags.ACK:
                self._refuse(segment, local, remote)
            return
        if len(listener.half_open) >= listener.config.backlog:
            self.statistics.backlog_dropped += 1
            return
        config = listener.config_for(remote) if listener.config_for is not None else listener.config
        if ttl < config.minimum_ttl:
            return
        connection = self._create(local, remote, config, passive=True)
        self.statistics.accepted += 1
        listener.half_open.add((local, remote))
        connection.opened = lambda: listener.half_open.discard((local, remote))
        connection.move(Trigger.PASSIVE_OPEN)
        segment_arrives(connection, segment, options)

    def _welcome(self, listener: Listener, local: Endpoint, remote: Endpoint) -> bool:
        return listener.accepts is None or listener.accepts(local, remote)

    def _refuse(self, segment: TcpSegment, local: Endpoint, remote: Endpoint) -> None:
        if segment.flags & TcpFlags.ACK:
            reply = TcpSegment(local.port, remote.port, segment.acknowledgment, 0, TcpFlags.RST)
        else:
            length = (
                len(segment.payload) + bool(segment.flags & TcpFlags.SYN) + bool(segment.flags & TcpFlags.FIN)
            )
            ack = (segment.sequence + length) % MODULUS
            reply = TcpSegment(local.port, remote.port, 0, ack, TcpFlags.RST | TcpFlags.ACK)
        self.transmit(local.address, remote.address, reply, _NO_OPTIONS, self.config)
