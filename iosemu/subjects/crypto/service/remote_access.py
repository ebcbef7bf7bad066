"""The Easy VPN server: which group a client is of, who its user is, what it is given, and who is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.box.software import version_lines
from iosemu.ike import events
from iosemu.ike.configuration import ClientAsking
from iosemu.ike.mode_config import (
    ConfigAttribute,
    SplitNetwork,
    address,
    addresses_of,
    split_include,
    subnets_of,
    text,
)
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import ConfigurationRefused, Endpoint, Identity, IdType, Party
from iosemu.ip.stack import IpStack
from iosemu.net.route import Route, RouteSource
from iosemu.pki.names import Name
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.remote_access import ClientAccess, ClientGroup
from iosemu.subjects.crypto.service.flow import CryptoFlow, network_of
from iosemu.subjects.crypto.service.users import judge, login_methods

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

ORGANIZATIONAL_UNIT = "2.5.4.11"
SEPARATORS = "/\\@%"
"""What stands between user and group with `group-lock`."""
HOST = IPv4Address("255.255.255.255")


@dataclass(slots=True)
class ClientSession:
    """One client that got its configuration."""

    number: int
    """Of its ISAKMP SA."""
    local: IPv4Address
    peer: Endpoint
    identity: Identity
    group: str
    user: str
    address: IPv4Address | None = None
    pool: str | None = None
    networks: tuple[IPv4Network, ...] = ()
    """What the client said is behind it."""
    interface: str | None = None
    """Whose packets its SAs protect."""
    ended: bool = False
    """The ISAKMP SA is gone; the client stays as long as its IPsec SAs."""
    told: bool = False
    """That it is there was logged."""

    @property
    def mode(self) -> str:
        """CLIENT, or NETWORK EXTENSION where no address was asked for."""
        return "CLIENT" if self.address is not None else "NETWORK_EXTENSION"


def group_name(identity: Identity) -> str | None:
    """The group that a client claims: the key ID, or the organizational unit of its certificate; None: none."""
    if identity.type == IdType.KEY_ID:
        return str(identity)
    if identity.type == IdType.DER_ASN1_DN:
        try:
            return Name.load(identity.data).first(ORGANIZATIONAL_UNIT)
        except ValueError:
            return None
    return None


class RemoteAccess:
    """The clients of one server, by the number of their ISAKMP SA."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device
        self.sessions: dict[int, ClientSession] = {}

    @property
    def isakmp(self) -> IsakmpConfig:
        """`crypto isakmp …`."""
        return self.device.config.of(IsakmpConfig)

    # --- what the engine asks ------------------------------------------------------------------------

    def rules(self, party: Party) -> ClientAccess | None:
        """What is done with clients: as the profile says that they came under, else the crypto map."""
        if party.profile is not None:
            profile = self.isakmp.profiles.get(party.profile)
            return profile.clients if profile is not None and profile.clients.any else None
        for interface, crypto_map in self.crypto.policy.applied_maps():
            if not crypto_map.clients.any:
                continue
            if self.crypto.policy.local_address(interface, crypto_map) == party.local:
                return crypto_map.clients
        return None

    def extends(self, party: Party) -> bool:
        """Whether users may be asked for: where that is not known yet, whether any profile does."""
        rules = self.rules(party)
        if rules is not None and rules.authentication is not None:
            return True
        return party.profile is None and any(
            each.clients.authentication is not None for each in self.isakmp.profiles.values()
        )

    def insists(self, party: Party) -> bool:
        """Whether a peer that did not offer it is asked for its user: unless its key says `no-xauth`."""
        rules = self.rules(party)
        if rules is None or rules.authentication is None:
            return False
        key = self.crypto.credentials.key_entry(party)
        return key is None or not key.no_xauth

    def pushes(self, party: Party) -> bool:
        """`client configuration address initiate`."""
        rules = self.rules(party)
        return rules is not None and rules.initiate

    def group(self, identity: Identity, party: Party) -> ClientGroup | None:
        """The group of a client, where a list of `isakmp authorization` finds it on this box."""
        rules = self.rules(party)
        name = (rules.group if rules is not None else None) or group_name(identity)
        if rules is None or rules.authorization is None or name is None:
            return None
        aaa = self.device.config.of(AaaConfig)
        if aaa.new_model and "local" not in aaa.network.get(rules.authorization, ()):
            return None
        return self.isakmp.groups.get(name)

    def key(self, identity: Identity, party: Party) -> bytes | None:
        """The key of the group that a client claims, on an interface by which it may come."""
        group = self.group(identity, party)
        if group is None or group.key is None:
            return None
        if group.access_restrict:
            where = self.device.service(IpStack).interface_of(party.local)
            if where is None or where.name not in group.access_restrict:
                return None
        return group.key.encode()

    def grant(self, asking: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        """What a client gets; nothing where the crypto map does not answer."""
        rules = self.rules(asking.party)
        if rules is None or (asking.wanted and not rules.respond):
            return ()
        group = self.group(asking.identity, asking.party)
        if group is None and rules.authorization is not None:
            return ConfigurationRefused("group is not authorized")
        name = group.name if group is not None else ""
        former = self._former(asking, name)
        refused = self._too_many(group, asking.user, former) if group is not None else None
        if refused is not None:
            return ConfigurationRefused(refused)
        session = ClientSession(
            asking.number, asking.party.local, asking.peer, asking.identity, name, asking.user
        )
        session.networks = tuple(subnets_of(asking.wanted))
        kinds = {each.type for each in asking.wanted} or set(map(int, ConfigAttribute))
        if ConfigAttribute.IP4_ADDRESS in kinds:
            session.pool = (group.pool if group is not None else None) or self.isakmp.address_pool
            wanted = next(iter(addresses_of(asking.wanted, ConfigAttribute.IP4_ADDRESS)), None)
            session.address = self._address(session, former, wanted)
            if session.address is None:
                return ConfigurationRefused("no address is left in the pool")
        if former is not None:
            session.told, session.interface = former.told, former.interface
            del self.sessions[former.number]
        self.sessions[asking.number] = session
        return tuple(each for each in self._attributes(session, group) if each.type in kinds)

    def _former(self, asking: ClientAsking, group: str) -> ClientSession | None:
        """What the same client had under an earlier ISAKMP SA, or asked for before under this one."""
        for each in self.sessions.values():
            same = (each.peer, each.group, each.user) == (asking.peer, group, asking.user)
            if each.number == asking.number or same:
                return each
        return None

    def _too_many(self, group: ClientGroup, user: str, former: ClientSession | None) -> str | None:
        others = [each for each in self.sessions.values() if each is not former and each.group == group.name]
        if group.max_users is not None and len(others) >= group.max_users:
            return "maximum number of users of the group is reached"
        logins = sum(each.user == user for each in others)
        if group.max_logins is not None and logins >= group.max_logins:
            return "maximum number of logins of the user is reached"
        return None

    def _address(
        self, session: ClientSession, former: ClientSession | None, wanted: IPv4Address | None
    ) -> IPv4Address | None:
        if session.pool is None:
            return None
        if former is not None and former.pool == session.pool and former.address is not None:
            return former.address
        return self.crypto.pools.free(session.pool, wanted)

    def _attributes(self, session: ClientSession, group: ClientGroup | None) -> Iterator[Attribute]:
        if session.address is not None:
            yield address(ConfigAttribute.IP4_ADDRESS, session.address)
            mask = group.netmask if group is not None else None
            yield address(ConfigAttribute.IP4_NETMASK, mask or HOST)
            sa = self.crypto.ike.sas.get(session.number)
            if sa is not None:
                left = sa.remaining(self.crypto.now)
                yield Attribute(int(ConfigAttribute.ADDRESS_EXPIRY), left.to_bytes(4, "big"), basic=False)
        if group is not None:
            yield from self._policy(group)
        version = "\n".join(version_lines(self.device))
        yield text(ConfigAttribute.APPLICATION_VERSION, version)

    def _policy(self, group: ClientGroup) -> Iterator[Attribute]:
        for server in group.dns:
            yield address(ConfigAttribute.IP4_DNS, server)
        for server in group.wins:
            yield address(ConfigAttribute.IP4_NBNS, server)
        if group.domain is not None:
            yield text(ConfigAttribute.DEFAULT_DOMAIN, group.domain)
        yield from split_include(list(self.split(group)))
        if group.split_dns:
            yield text(ConfigAttribute.SPLIT_DNS, ",".join(group.split_dns))
        if group.include_local_lan:
            yield Attribute.number(ConfigAttribute.INCLUDE_LOCAL_LAN, 1)
        yield Attribute.number(ConfigAttribute.SAVE_PASSWORD, int(group.save_password))
        if group.pfs:
            yield Attribute.number(ConfigAttribute.PFS, 1)
        for backup in group.backups:
            yield text(ConfigAttribute.BACKUP_SERVER, str(backup))
        if group.banner:
            yield text(ConfigAttribute.BANNER, group.banner)

    def split(self, group: ClientGroup) -> Iterator[SplitNetwork]:
        """The networks that a group's clients reach through the tunnel: what its list permits as source."""
        access_list = self.device.config.of(AclsConfig).get(group.access_list)
        for line in access_list.entries if access_list is not None else ():
            network = network_of(line.source) if line.action is Action.PERMIT else None
            if network is not None:
                yield SplitNetwork(network)

    def in_use(self, pool: str) -> dict[IPv4Address, ClientSession]:
        """The addresses of a pool that clients have."""
        return {
            each.address: each
            for each in self.sessions.values()
            if each.pool == pool and each.address is not None
        }

    # --- what the engine reports ---------------------------------------------------------------------

    def handle(self, event: events.Event) -> None:
        """Act on one event."""
        sa = event.sa
        if sa is None:
            return
        match event:
            case events.UserSaid():
                self._judge(sa.number, event)
            case events.ChildUp(child=child) | events.ChildConfirmed(child=child):
                session = self._session_of(sa.peer)
                if session is not None and isinstance(child.tag, CryptoFlow):
                    session.interface = child.tag.interface
                    self._refresh(session)
                    self._tell(session, "UP")
            case events.PhaseOneDeleted():
                session = self.sessions.get(sa.number)
                if session is not None:
                    session.ended = True
                    self.tidy()

    def _session_of(self, peer: Endpoint) -> ClientSession | None:
        return next((each for each in reversed(self.sessions.values()) if each.peer == peer), None)

    def session_of(self, peer: IPv4Address) -> ClientSession | None:
        """The latest client at an address."""
        found = (each for each in reversed(self.sessions.values()) if each.peer.address == peer)
        return next(found, None)

    def _judge(self, number: int, event: events.UserSaid) -> None:
        live = self.crypto.ike.sas.get(number)
        if live is None or live.peer_identity is None:
            return
        rules, group = self.rules(live.party), self.group(live.peer_identity, live.party)
        user = event.user
        if group is not None and group.group_lock:
            cut = next((at for at, letter in enumerate(user) if letter in SEPARATORS), None)
            if cut is None or user[cut + 1 :] != group.name:
                self._decided(number, False)
                return
            user = user[:cut]
        methods = login_methods(self.device, rules.authentication if rules is not None else None)
        remote = str(live.peer.address)
        judge(self.device, methods, user, event.password, remote, lambda good: self._decided(number, good))

    def _decided(self, number: int, accepted: bool) -> None:
        if self.crypto.running:
            self.crypto.ike.decide(number, self.crypto.now, accepted=accepted)
            self.crypto.pump()

    def _refresh(self, session: ClientSession) -> None:
        """A client with an interface of its own is reached by it: its address, and what its SAs protect."""
        name = session.interface
        if name is None or not self.crypto.protected.is_clone(name):
            return
        flows = [flow for flow in self.crypto.flows.values() if flow.interface == name and flow.pairs]
        networks = [flow.selector.remote for flow in flows if flow.selector.remote.prefixlen]
        if session.address is not None:
            networks.insert(0, IPv4Network(session.address))
        networks += session.networks
        routes = [
            Route(network, RouteSource.STATIC, name, distance=1, updated=self.crypto.now)
            for network in dict.fromkeys(networks)
        ]
        self.device.service(IpStack).vrf_of(name).set_static_routes(("ezvpn", session.number), routes)

    def tidy(self) -> None:
        """Forget clients whose SAs of both phases are gone; their addresses are free again."""
        for session in [each for each in self.sessions.values() if each.ended]:
            pairs = self.crypto.sadb.with_peer(session.peer.address)
            if any(pair.peer_port == session.peer.port for pair in pairs):
                continue
            del self.sessions[session.number]
            for vrf in self.device.service(IpStack).vrfs.values():
                vrf.set_static_routes(("ezvpn", session.number), [])
            self._tell(session, "DOWN")

    def _tell(self, session: ClientSession, state: str) -> None:
        """With `crypto logging ezvpn`: once when a client is there, and once when it goes."""
        if session.told is (state == "UP"):
            return
        session.told = state == "UP"
        if not self.isakmp.log_clients:
            return
        given = f"  Assigned_client_addr={session.address}" if session.address is not None else ""
        self.device.log(
            "CRYPTO",
            6,
            f"EZVPN_CONNECTION_{state}",
            f"(Server) Mode={session.mode}  Client_type=CISCO_IOS  User={session.user}  Group={session.group}"
            f"  Client_public_addr={session.peer.address}  Server_public_addr={session.local}{given}",
        )
