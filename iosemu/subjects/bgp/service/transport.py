"""The TCP connections of one instance of BGP: opened, filled, and told to its engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.ip.tcp import NoRouteError, Tcp
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import RouteSource
from iosemu.routing.bgp import Speaker
from iosemu.subjects.bgp.config import Family
from iosemu.subjects.bgp.service.policies import Policies
from iosemu.tcp import (
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    DataReceived,
    Endpoint,
    PeerClosed,
    TcpConfig,
    Writable,
)

PORT = 179
TOS = 0xC0
WINDOW, SEND_BUFFER = 16384, 65535


class Transport:
    """Port 179 of one routing instance.

    `run` is called when the engine was told something, `admits` asked whether an address may call.
    """

    def __init__(
        self, device: Device, family: Family, table: Vrf, speaker: Speaker, policies: Policies,
        run: Callable[[], None], admits: Callable[[IPv4Address], bool],
    ) -> None:  # fmt: skip
        self.device = device
        self.connections: dict[int, Connection] = {}
        self._family = family
        self._table = table
        self._speaker = speaker
        self._policies = policies
        self._run = run
        self._admits = admits
        self._tcp = device.service(Tcp)
        self._open = True
        self._backlog: dict[int, deque[bytes]] = {}
        self._closing: set[int] = set()
        self._keys: dict[IPv4Address, str] = {}
        self._range_keys: dict[IPv4Network, str] = {}
        self._tcp.listen(PORT, self._tell, vrf=family.vrf, accepts=self._accepts, config_for=self._config_for)

    def stop(self) -> None:
        """BGP is no longer configured: nobody is listened to, and no key is kept."""
        self._open = False
        self._tcp.stop_listening(PORT, vrf=self._family.vrf)
        if self.device.service(IpStack).find_vrf(self._table.name) is self._table:
            for address in list(self._keys):
                self.release_key(address)
            self.set_range_keys({})

    def set_key(self, address: IPv4Address, password: str | None) -> None:
        """Sign what goes to a neighbor, and want its signatures (RFC 2385); None: no longer."""
        if self._keys.get(address) == password:
            return
        if password is None:
            self._keys.pop(address, None)
        else:
            self._keys[address] = password
        key = password.encode() if password is not None else None
        self._tcp.engine_in(self._table).set_md5_key(address, key)

    def release_key(self, address: IPv4Address) -> None:
        """It is no neighbor any more: what it is told last is still signed."""
        if self._keys.pop(address, None) is not None:
            self._tcp.engine_in(self._table).drop_md5_key(address)

    def set_range_keys(self, wanted: dict[IPv4Network, str]) -> None:
        """The passwords of those that may call from listen ranges."""
        engine = self._tcp.engine_in(self._table)
        for network in [each for each in self._range_keys if each not in wanted]:
            engine.set_md5_range_key(network, None)
        for network, password in wanted.items():
            engine.set_md5_range_key(network, password.encode())
        self._range_keys = dict(wanted)

    def local_address(self, connection: int) -> IPv4Address | None:
        """Our end of a connection."""
        found = self.connections.get(connection)
        address = found.local.address if found is not None else None
        return address if isinstance(address, IPv4Address) else None

    def connect(self, address: IPv4Address) -> None:
        """Open a connection to a neighbor; the engine hears of a failure."""
        each = self._policies.effective(address)
        source = None
        if each.update_source is not None:
            found = self._table.interfaces.get(each.update_source)
            source = primary_address(found.config) if found is not None and found.protocol_up else None
        external = each.remote_as != self._family.as_number
        route = self._table.routes.lookup(address)
        direct = route is not None and route.source is RouteSource.CONNECTED
        bound = each.ebgp_multihop is None and each.ttl_security is None and not each.disable_connected_check
        far = external and bound and not direct
        blocked = far or (each.update_source is not None and source is None)
        try:
            if blocked:
                raise NoRouteError(f"{address} is not on a connected network")
            config = self._config_for(Endpoint(address, PORT))
            self._tcp.connect(address, PORT, self._tell, source=source, config=config, vrf=self._table.name)
        except NoRouteError:
            self._speaker.failed(address, self.device.now, no_route=True)

    def send(self, connection: int, data: bytes) -> None:
        """Send octets as soon as TCP takes them."""
        self._backlog.setdefault(connection, deque()).append(data)
        self._push(connection)

    def close(self, connection: int) -> None:
        """Close a connection when all has gone."""
        self._closing.add(connection)
        self._push(connection)

    # --- inside --------------------------------------------------------------------------------------

    def _accepts(self, local: Endpoint, remote: Endpoint, _vrf: str) -> bool:
        assert isinstance(remote.address, IPv4Address)
        return local.port == PORT and self._admits(remote.address)

    def _config_for(self, remote: Endpoint) -> TcpConfig:
        assert isinstance(remote.address, IPv4Address)
        each = self._policies.effective(remote.address)
        config = TcpConfig(window=WINDOW, send_buffer=SEND_BUFFER, path_mtu_discovery=True, tos=TOS)
        if each.remote_as == self._family.as_number:
            return config
        if each.ttl_security is not None:
            return replace(config, minimum_ttl=255 - each.ttl_security)
        return replace(config, ttl=each.ebgp_multihop or 1)

    def _tell(self, event: ConnectionEvent) -> None:
        """What happened to a connection."""
        speaker, connection, now = self._speaker, event.connection, self.device.now
        address, number = connection.remote.address, connection.number
        assert isinstance(address, IPv4Address)
        if not self._open:
            return
        if isinstance(event, Connected):
            self.connections[number] = connection
            speaker.opened(number, address, connection.passive, now)
        elif isinstance(event, DataReceived):
            speaker.received(number, connection.read(now), now)
        elif isinstance(event, Writable):
            self._push(number)
        elif isinstance(event, PeerClosed):
            if data := connection.read(now):
                speaker.received(number, data, now)
            speaker.closed(number, now)
            self.close(number)
        elif number in self.connections:
            self._forget(number)
            speaker.closed(number, now)
        else:
            speaker.failed(address, now)
        self._run()

    def _push(self, number: int) -> None:
        backlog, connection = self._backlog.get(number), self.connections.get(number)
        if connection is None:
            return
        try:
            while backlog and (taken := connection.send(backlog[0], self.device.now)):
                if taken == len(backlog[0]):
                    backlog.popleft()
                else:
                    backlog[0] = backlog[0][taken:]
        except ConnectionClosed:
            self._forget(number)
            return
        if number in self._closing and not backlog:
            connection.close(self.device.now)
            self._forget(number)

    def _forget(self, number: int) -> None:
        self.connections.pop(number, None)
        self._backlog.pop(number, None)
        self._closing.discard(number)
