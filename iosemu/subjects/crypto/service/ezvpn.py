"""The Easy VPN client: it comes to a server, is given its configuration, and protects what goes there."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike import events
from iosemu.ike.mode_config import asked, subnet
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import Identity, IdType
from iosemu.subjects.crypto.config.ezvpn import (
    AUTO,
    CLIENT,
    EXTENSION,
    EzvpnBinding,
    EzvpnClient,
    EzvpnConfig,
)
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.debug.flags import EZVPN
from iosemu.subjects.crypto.service.client_suites import ASKED, CLIENT_PROPOSALS
from iosemu.subjects.crypto.service.ezvpn_carriage import Carriage
from iosemu.subjects.crypto.service.ezvpn_connection import Connection, ServerPolicy, State
from iosemu.subjects.crypto.service.flow import CryptoFlow

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

RETRY = 10.0
"""Seconds after which an automatic client begins anew."""
AHEAD = 60.0
"""Seconds before the end of its ISAKMP SA at which a client makes the next one."""
MOST_SELECTORS = 64


class EzvpnConnections:
    """The clients of one router, by name; what they protect stands for a crypto map on their outside."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device
        self.carriage = Carriage(crypto.device)
        self._connections: dict[str, Connection] = {}

    # --- what others ask -----------------------------------------------------------------------------

    def all(self) -> list[Connection]:
        """The clients that are in use."""
        return list(self._connections.values())

    def wanted(self) -> bool:
        """Whether an interface is the outside of a client."""
        return any(self._bindings())

    def maps(self) -> Iterator[tuple[str, CryptoMap]]:
        """The outside interfaces with what stands for their crypto map."""
        for each in self._connections.values():
            if each.map is not None:
                yield each.home, each.map

    def map_of(self, interface: str) -> CryptoMap | None:
        """What stands for the crypto map of an interface."""
        return next((found for name, found in self.maps() if name == interface), None)

    def entry_of(self, flow: CryptoFlow) -> CryptoMapEntry | None:
        """The entry that a client's flow stands under."""
        for _interface, found in self.maps():
            if found.name == flow.map_name:
                return found.entries.get(flow.sequence)
        return None

    def client(self, name: str | None) -> EzvpnClient | None:
        """The configuration of a client."""
        return self.device.config.of(EzvpnConfig).clients.get(name) if name is not None else None

    def local_of(self, name: str | None) -> IPv4Address | None:
        """The address that a client uses; None: there is no such client, or its interface is down."""
        connection, client = self._connections.get(name or ""), self.client(name)
        return self._local(connection, client) if connection is not None and client is not None else None

    def may_ask(self, name: str) -> bool:
        """Whether SAs may be asked for; a client that waits for packets begins to connect."""
        connection = self._connections.get(name)
        if connection is None:
            return False
        if not connection.active:
            self.connect(connection)
        return connection.active

    def key(self, name: str) -> bytes | None:
        """The group key that a client has."""
        client = self.client(name)
        return client.key.encode() if client is not None else None

    def identity(self, name: str) -> Identity:
        """The group as an identity."""
        client = self.client(name)
        group = client.group or "" if client is not None else ""
        return Identity(IdType.KEY_ID, group.encode("ascii", "replace"))

    def protects(self, interface: str) -> bool:
        """Whether what leaves by the Virtual-Access interface of a client is protected now."""
        return any(
            flow.interface == interface and flow.current(self.crypto.now) is not None
            for flow in self.crypto.flows.values()
        )

    def asks(self, name: str) -> tuple[Attribute, ...]:
        """The attributes that a client wants: in network extension mode no address.

        One whose SAs are about anything tells the server which networks are behind it.
        """
        client, connection = self.client(name), self._connections.get(name)
        extension = client is not None and client.mode == EXTENSION
        wanted = asked(ASKED[2:] if extension else ASKED)
        if client is None or connection is None or connection.access is None or client.mode == CLIENT:
            return wanted
        return (*wanted, *map(subnet, self.carriage.networks(connection, client)))

    # --- configuration -------------------------------------------------------------------------------

    def _bindings(self) -> Iterator[tuple[EzvpnClient, str]]:
        """Complete clients with their outside interfaces."""
        if not self.device.config.of(EzvpnConfig).clients:
            return
        for name, config in self.device.config.interfaces.items():
            binding = config.held(EzvpnBinding)
            client = self.client(binding.outside) if binding is not None else None
            if client is not None and client.complete and name in self.device.interfaces:
                yield client, name

    def _inside(self, name: str) -> tuple[str, ...]:
        found = []
        for interface, config in self.device.config.interfaces.items():
            binding = config.held(EzvpnBinding)
            if binding is not None and name in binding.inside:
                found.append(interface)
        return tuple(found)

    def fit(self) -> None:
        """Take notice of the configuration and of the state of interfaces."""
        wanted = {client.name: (client, outside) for client, outside in self._bindings()}
        for connection in self.all():
            found = wanted.get(connection.name)
            now = (*found, self._inside(connection.name)) if found is not None else None
            if now != (connection.settings, connection.outside, connection.inside):
                self._down(connection, "CONFIG_REMOVED")
                self._cancel(connection)
                if connection.access is not None:
                    self.crypto.protected.remove_access(connection.access)
                del self._connections[connection.name]
        for name, (client, outside) in wanted.items():
            if name not in self._connections:
                made = Connection(name, deepcopy(client), outside, self._inside(name))
                if client.virtual_interface is not None:
                    made.access = self.crypto.protected.make_access(
                        client.virtual_interface, client.local_address or outside
                    )
                self._connections[name] = made
            connection = self._connections[name]
            self._judge(connection, client)

    def _judge(self, connection: Connection, client: EzvpnClient) -> None:
        """Begin where the outside is up and somebody wants it, or fall back to waiting."""
        usable = self.crypto.running and self._local(connection, client) is not None
        if not usable:
            if connection.state is not State.VALID_CFG:
                self._down(connection, "TUNNEL_INTERFACE_DOWN")
                self._move(connection, "TUNNEL_INTERFACE_DOWN", State.VALID_CFG)
            return
        if connection.state in (State.IDLE, State.VALID_CFG):
            self._move(connection, "TUNNEL_INTERFACE_UP", State.CONNECT_REQUIRED)
            self._await(connection, client)

    def _await(self, connection: Connection, client: EzvpnClient) -> None:
        """A client that is not connected: begin by itself, on traffic, or when it is told to."""
        self._cancel(connection)
        connection.map = self._trigger(connection, client)
        if client.connect == AUTO and not connection.waits:
            connection.timer = self.device.scheduler.after(0.0, lambda: self.connect(connection))

    def _trigger(self, connection: Connection, client: EzvpnClient) -> CryptoMap | None:
        """The map of a client that waits for packets."""
        if client.trigger is None:
            return None
        found = self._map(connection)
        entry = found.entry(1)
        entry.access_list, entry.client, entry.offered = client.trigger, client.name, CLIENT_PROPOSALS
        entry.peers = list(client.turns)
        return found

    def _map(self, connection: Connection) -> CryptoMap:
        return CryptoMap(f"{connection.home}-head-0")

    def _local(self, connection: Connection, client: EzvpnClient) -> IPv4Address | None:
        """The address that the client uses, while its interface is up."""
        interface = self.device.interfaces.get(client.local_address or connection.outside)
        if interface is None or not interface.protocol_up:
            return None
        return self.crypto.addresses.local_of(interface.name)

    # --- connecting ----------------------------------------------------------------------------------

    def connect(self, connection: Connection) -> None:
        """Come to the server, unless that is under way."""
        connection.waits = False
        client = self.client(connection.name)
        local = self._local(connection, client) if client is not None else None
        if client is None or local is None or connection.state is not State.CONNECT_REQUIRED:
            return
        self._cancel(connection)
        peers = self._peers(connection, client)
        if not peers:
            self._retry(connection, client)
            return
        connection.peer = peers[connection.turn % len(peers)]
        self._move(connection, "CONNECT", State.READY)
        front = self.crypto.front_of(connection.home)
        if front is not None:
            self.crypto.fronts.note(local, connection.peer, front.name)
        connection.number = self.crypto.ike.connect(local, connection.peer, client.name, self.crypto.now)
        if connection.number is None:
            self._failed(connection)
        self.crypto.pump()

    def _peers(self, connection: Connection, client: EzvpnClient) -> list[IPv4Address]:
        """The servers in turn: those that are configured, then the backups that one has named."""
        backups = connection.policy.backups if connection.policy is not None else ()
        found: list[IPv4Address] = []
        for each in (*client.turns, *backups):
            try:
                address: IPv4Address | None = IPv4Address(each)
            except ValueError:
                address = self.crypto.addresses.address_of(str(each))
            if address is not None and address not in found:
                found.append(address)
        return found

    def _failed(self, connection: Connection) -> None:
        """The next server has its turn; when all have failed an automatic client rests a while."""
        client = self.client(connection.name)
        self._down(connection, "CONN_DOWN")
        self._move(connection, "CONN_DOWN", State.CONNECT_REQUIRED)
        connection.turn += 1
        if client is None:
            return
        if connection.turn % max(1, len(self._peers(connection, client))):
            self.connect(connection)
        else:
            self._retry(connection, client)

    def _retry(self, connection: Connection, client: EzvpnClient) -> None:
        connection.map = self._trigger(connection, client)
        if client.connect == AUTO and not connection.waits:
            self._cancel(connection)
            connection.timer = self.device.scheduler.after(RETRY, lambda: self.connect(connection))

    def reset(self, connection: Connection) -> None:
        """`clear crypto ipsec client ezvpn`: end it, and begin as after boot."""
        client = self.client(connection.name)
        self._down(connection, "RESET")
        self._move(connection, "RESET", State.CONNECT_REQUIRED)
        connection.turn, connection.waits = 0, False
        if client is not None:
            self._await(connection, client)

    def say(self, connection: Connection, user: str, password: str) -> bool:
        """Answer the server's question for the user; False when nobody waits for it any more."""
        number = connection.renewing if connection.renewing is not None else connection.number
        connection.asked = False
        if number is None or not self.crypto.ike.reply(number, user, password, self.crypto.now):
            return False
        connection.user = user
        if not connection.active:
            self._move(connection, "XAUTH_REQ_INFO_READY", State.XAUTH_REPLIED)
        self.crypto.pump()
        return True

    # --- what the engine reports ---------------------------------------------------------------------

    def handle(self, event: events.Event) -> None:
        """Act on one event."""
        sa = event.sa
        if sa is None or not self._connections:
            return
        connection = next((each for each in self.all() if sa.number in (each.number, each.renewing)), None)
        match event:
            case events.UserAsked() if connection is not None:
                self._asked(connection, again=event.again)
            case events.UserJudged(accepted=False) if connection is not None:
                connection.event = "XAUTH_FAILURE"
            case events.ConfigurationReceived(attributes=attributes) if connection is not None:
                connection.policy = ServerPolicy.of(attributes)
                connection.may_save = connection.policy.save_password
            case events.AccessReady() if connection is not None:
                self._ready(connection, sa.number)
            case events.PhaseOneDeleted(reason=reason) if connection is not None:
                self._lost(connection, sa.number, reason)
            case events.ChildUp(child=child):
                self._child_up(child.tag)

    def failed(self, flow: CryptoFlow) -> None:
        """SAs for a flow could not be had: without any the connection is none."""
        for connection in self.all():
            named = connection.map is not None and connection.map.name == flow.map_name
            if named and connection.state is State.SS_OPEN and not self._pairs(connection):
                self._failed(connection)

    def _asked(self, connection: Connection, *, again: bool) -> None:
        client = self.client(connection.name)
        if client is None:
            return
        if not connection.active:
            self._move(connection, "XAUTH_REQUEST", State.XAUTH_REQ)
        known = client.userid_mode == "local" and client.username is not None and connection.may_save
        if known and client.username is not None and not again:
            self.say(connection, client.username, client.password)
            return
        connection.asked = True
        self._say(f"EZVPN({client.name}): Pending XAuth Request, Please enter the following command:")
        self._say("EZVPN: crypto ipsec client ezvpn xauth")
        self._say("")

    def _ready(self, connection: Connection, number: int) -> None:
        """User and configuration are settled: protect what goes to the server."""
        sa = self.crypto.ike.sas.get(number)
        if sa is not None and sa.expires is not None:
            due = max(self.crypto.now, sa.expires - min(AHEAD, sa.lifetime / 2))
            connection.renewals.append(self.device.scheduler.at(due, lambda: self._renew(connection, number)))
        if number == connection.renewing:
            connection.number, connection.renewing = number, None
            return
        client, policy = self.client(connection.name), connection.policy
        if client is None or policy is None or (client.mode != EXTENSION and policy.address is None):
            self._failed(connection)
            return
        connection.turn = 0
        self._move(connection, "MODE_CONFIG_REPLY", State.SS_OPEN)
        self.carriage.apply(connection, client, policy)
        if connection.access is not None:
            lender = connection.loopback or ""
            self.crypto.protected.point_access(connection.access, connection.peer, lender=lender)
        self._open(connection, client, policy)

    def _renew(self, connection: Connection, number: int) -> None:
        """Make the ISAKMP SA anew before it ends; what it protects stays."""
        sa, client = self.crypto.ike.sas.get(number), self.client(connection.name)
        if connection.number != number or sa is None or sa.deleted or client is None:
            return
        ends = (sa.local.address, sa.peer.address)
        connection.renewing = self.crypto.ike.connect(*ends, client.name, self.crypto.now)
        self.crypto.pump()

    def _lost(self, connection: Connection, number: int, reason: str) -> None:
        if number == connection.renewing:
            connection.renewing = None
            return
        connection.number = None
        if connection.renewing is not None and connection.active:
            return
        if connection.active and reason == "IKE SA Lifetime Exceeded":
            self._down(connection, "CONN_DOWN")
        self._failed(connection)

    def _child_up(self, flow: object) -> None:
        if not isinstance(flow, CryptoFlow):
            return
        for connection in self.all():
            named = connection.map is not None and connection.map.name == flow.map_name
            if named and connection.state is State.SS_OPEN:
                self._move(connection, "SOCKET_UP", State.IPSEC_ACTIVE)
                self._tell(connection, "UP")

    # --- what a connection protects ------------------------------------------------------------------

    def _open(self, connection: Connection, client: EzvpnClient, policy: ServerPolicy) -> None:
        """Ask for the SAs of every pair of networks."""
        found = connection.map = self._map(connection)
        selectors = list(self.carriage.selectors(connection, client, policy))[:MOST_SELECTORS]
        for number, selector in enumerate(selectors, 1):
            entry = found.entry(number)
            entry.selector, entry.client, entry.offered = selector, client.name, CLIENT_PROPOSALS
            entry.peers = [connection.peer] if connection.peer is not None else []
            entry.pfs_group = 2 if policy.pfs else None
            entry.idle_time = client.idle_time
        self.crypto.stand()
        for entry in found.entries.values():
            assert entry.selector is not None
            self.crypto.requests.ask(self.crypto.flow(connection.home, entry, entry.selector))

    def _pairs(self, connection: Connection) -> bool:
        name = connection.map.name if connection.map is not None else None
        return any(flow.map_name == name and flow.pairs for flow in self.crypto.flows.values())

    def idle(self, flow: CryptoFlow) -> None:
        """The SAs of a flow were not used for so long that the client disconnects, until it is told to connect."""
        for connection in self.all():
            if connection.map is None or connection.map.name != flow.map_name or self._pairs(connection):
                continue
            connection.waits = True
            self._down(connection, "IDLE_TIMER")
            self._move(connection, "IDLE_TIMER", State.CONNECT_REQUIRED)

    def _down(self, connection: Connection, event: str) -> None:
        """Take back what is in force, and end the SAs of both phases."""
        for timer in connection.renewals:
            timer.cancel()
        connection.renewals.clear()
        if connection.state is State.IPSEC_ACTIVE:
            self._tell(connection, "DOWN")
        connection.event, connection.asked = event, False
        connection.state = State.CONNECT_REQUIRED
        gone, connection.map = connection.map, None
        for key in [key for key in self.crypto.flows if gone is not None and key[1] == gone.name]:
            self.crypto.remove_flow(key)
        numbers = [each for each in (connection.number, connection.renewing) if each is not None]
        connection.number = connection.renewing = None
        for number in numbers:
            self.crypto.ike.delete_number(number, self.crypto.now)
        if connection.access is not None:
            self.crypto.protected.point_access(connection.access, None, lender=connection.outside)
        self.carriage.withdraw(connection)
        self.crypto.pump()

    def stop(self) -> None:
        """The power goes."""
        for connection in self.all():
            self._cancel(connection)
            for timer in connection.renewals:
                timer.cancel()
        self._connections.clear()

    def _cancel(self, connection: Connection) -> None:
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None

    # --- what is said --------------------------------------------------------------------------------

    def _move(self, connection: Connection, event: str, state: State) -> None:
        if self.device.debugging.on(EZVPN):
            self._say(f"EZVPN({connection.name}): Current State: {connection.state.value}")
            self._say(f"EZVPN({connection.name}): Event: {event}")
            if state is not connection.state:
                self._say(f"EZVPN({connection.name}): New State: {state.value}")
        connection.state, connection.event = state, event

    def _say(self, text: str) -> None:
        self.device.log("", 6, "", text)

    def _tell(self, connection: Connection, state: str) -> None:
        client, policy = self.client(connection.name), connection.policy
        group = client.group if client is not None else ""
        local = self._local(connection, client) if client is not None else None
        given = policy.address if policy is not None else None
        text = (
            f"(Client)  User={connection.user}  Group={group}  Client_public_addr={local or ''}"
            f"  Server_public_addr={connection.peer or ''}"
        )
        if given is not None:
            text += f"  Assigned_client_addr={given}"
        self.device.log("CRYPTO", 6, f"EZVPN_CONNECTION_{state}", text)
