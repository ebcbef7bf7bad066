"""FlexVPN sessions: addresses that clients were given, and routes to what either end told (IKEv2 routing)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ike.proof import Postponed
from iosemu.ike.types import Identity
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import Client, Grant
from iosemu.ikev2.mode_config import Attributes, addresses, networks, subnet_attributes
from iosemu.ikev2.numbers import Attribute
from iosemu.ikev2.sa import Role
from iosemu.ip.config import IpSettings, primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.aaa.outcome import Verdict
from iosemu.net.route import Route, RouteSource
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.crypto.config.flexvpn import Authorization, AuthorizationPolicy, FlexConfig
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config, Ikev2Profile
from iosemu.subjects.crypto.service.flexvpn_servers import PolicyServers
from iosemu.subjects.crypto.service.flow import CryptoFlow, network_of
from iosemu.subjects.crypto.service.users import GROUP

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

MOST_ROUTES = 256
"""Networks of one peer that are taken."""


@dataclass(slots=True)
class FlexSession:
    """One IKEv2 session with a configuration payload."""

    number: int
    profile: str
    local: IPv4Address
    peer: IPv4Address
    identity: Identity | None
    interface: str | None = None
    """Whose packets it protects."""
    address: IPv4Address | None = None
    """What the client has: given by this side, or got from the peer."""
    pool: str | None = None
    """Where the address is from; None: the peer gave it."""
    routes: tuple[IPv4Network, ...] = ()
    """The networks that the peer told."""
    tag: int = 1
    distance: int = 2


class UnauthorizedError(Exception):
    """There is no such list, or no such policy."""


class FlexSessions:
    """The sessions of one router, by the number of their IKEv2 session."""

    def __init__(self, crypto: CryptoEngine) -> None:
        self.crypto = crypto
        self.device = crypto.device
        self.sessions: dict[int, FlexSession] = {}
        self.servers = PolicyServers(crypto.device, self._answered)
        self._waiting: list[tuple[events.SaSnapshot, Attributes, object]] = []
        """What peers told that no policy says yet what to do with."""
        crypto.pools.users.append(self.in_use)

    # --- what the engine asks ------------------------------------------------------------------------

    def asks(self, profile: str, tag: object) -> Attributes:
        """An address where the tunnel has none of its own, and the peer's networks where they are believed."""
        found = self.device.config.of(Ikev2Config).profiles.get(profile)
        asked: list[int] = []
        if isinstance(tag, CryptoFlow) and self._negotiated(tag.interface) is not None:
            asked += [Attribute.IP4_ADDRESS, Attribute.IP4_NETMASK, Attribute.IP4_DNS]
        if found is not None and (found.authorizations or asked):
            asked.append(Attribute.IP4_SUBNET)
        return tuple((int(each), b"") for each in asked)

    def grant(self, client: Client) -> Grant:
        """What a client is given by the authorization policy of its profile."""
        profile = self.device.config.of(Ikev2Config).profiles.get(client.profile)
        try:
            policy = self.policy(profile, client.method, client.session, client.identity)
        except UnauthorizedError:
            return Grant(authorized=False)
        if profile is None or policy is None:
            return Grant()
        ends = (client.local, client.peer, client.identity)
        session = FlexSession(client.session, client.profile, *ends, tag=policy.tag, distance=policy.distance)
        asked = {kind for kind, _value in client.asked}
        told: list[tuple[int, bytes]] = []
        given = True
        if Attribute.IP4_ADDRESS in asked and policy.pool is not None:
            wanted = next(iter(addresses(client.asked, Attribute.IP4_ADDRESS)), None)
            session.pool = policy.pool
            session.address = self._take(policy.pool, client.identity, wanted)
            given = session.address is not None
            if session.address is not None:
                told.append((int(Attribute.IP4_ADDRESS), session.address.packed))
                if policy.netmask is not None:
                    told.append((int(Attribute.IP4_NETMASK), policy.netmask.packed))
        if Attribute.IP4_DNS in asked:
            told += [(int(Attribute.IP4_DNS), each.packed) for each in policy.dns]
        if Attribute.DEFAULT_DOMAIN in asked and policy.domain is not None:
            told.append((int(Attribute.DEFAULT_DOMAIN), policy.domain.encode("ascii", "replace")))
        template = f"Virtual-Template{profile.virtual_template}"
        told += subnet_attributes(self.own_networks(policy, template))
        self.sessions[client.session] = session
        return Grant(tuple(told), address=given)

    def policy(
        self, profile: Ikev2Profile | None, method: str, session: int, identity: Identity | None
    ) -> AuthorizationPolicy | None:
        """The policy for peers of a profile that prove themselves so; None: there is to be none.

        Raises UnauthorizedError where there is to be one and it cannot be had, Postponed while a server is asked.
        """
        kind = {"PSK": "psk", "EAP": "eap"}.get(method, "cert")
        wanted = profile.authorizations.get(kind) if profile is not None else None
        if wanted is None:
            return None
        name = self._named(wanted, identity)
        if name is None:
            raise UnauthorizedError
        aaa = self.device.config.of(AaaConfig)
        for each in aaa.network.get(wanted.methods, ()) if aaa.new_model else ():
            found: AuthorizationPolicy | Verdict | None = Verdict.ERROR
            if each == "local":
                found = self.device.config.of(FlexConfig).policy(name)
            elif each.startswith(GROUP):
                found = self.servers.policy(session, each.removeprefix(GROUP), name)
            if isinstance(found, AuthorizationPolicy):
                return found
            if found is not Verdict.ERROR:
                break
        raise UnauthorizedError

    def _named(self, wanted: Authorization, identity: Identity | None) -> str | None:
        """The name of the policy: as it is typed, or as the mangler makes it of the peer's identity."""
        if not wanted.mangled:
            return wanted.name
        mangler = self.device.config.of(FlexConfig).manglers.get(wanted.name)
        return mangler.derived(identity) if mangler is not None and identity is not None else None

    def own_networks(self, policy: AuthorizationPolicy, interface: str) -> Iterator[IPv4Network]:
        """The networks that a policy tells the peer of an interface."""
        configs = self.device.config.interfaces
        names = [*((interface,) if policy.own_address else ()), *policy.interfaces]
        for name in names:
            address = primary_address(configs.get(name))
            if address is not None:
                yield IPv4Network(address)
        access_list = self.device.config.of(AclsConfig).get(policy.access_list)
        for line in access_list.entries if access_list is not None else ():
            network = network_of(line.source) if line.action is Action.PERMIT else None
            if network is not None:
                yield network
        yield from (network for _side, network in policy.networks)

    # --- addresses -----------------------------------------------------------------------------------

    def in_use(self, pool: str) -> dict[IPv4Address, FlexSession]:
        """The addresses of a pool that somebody has."""
        return {
            each.address: each
            for each in self.sessions.values()
            if each.pool == pool and each.address is not None
        }

    def _take(self, pool: str, identity: Identity, wanted: IPv4Address | None) -> IPv4Address | None:
        """An address: that of before, the one that is asked for, or the lowest that is free."""
        for address, session in self.in_use(pool).items():
            if session.identity == identity:
                # the client came anew; its former session ends without it
                session.address = None
                return address
        return self.crypto.pools.free(pool, wanted)

    def _negotiated(self, interface: str) -> IpSettings | None:
        """The settings of an interface that gets its address from the peer."""
        config = self.device.config.interfaces.get(interface)
        settings = config.of(IpSettings) if config is not None else None
        return settings if settings is not None and settings.negotiated else None

    # --- what the engine reports ---------------------------------------------------------------------

    def handle(self, event: events.Event) -> None:
        """Act on one event."""
        if event.sa is None:
            return
        match event:
            case events.ConfigurationTold(attributes=attributes, tag=tag):
                self._told(event.sa, attributes, tag)
            case events.ChildUp(child=child):
                session = self.sessions.get(event.sa.session)
                if session is not None and isinstance(child.tag, CryptoFlow):
                    session.interface = child.tag.interface
                    self._refresh(session)
            case events.SaDown():
                if any(each.session == event.sa.session for each in self.crypto.ikev2.engine.sas):
                    return
                self.servers.forget(event.sa.session)
                session = self.sessions.pop(event.sa.session, None)
                if session is not None:
                    self._end(session)

    def _answered(self) -> None:
        """A server has said what a policy is."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            self._told(*each)
        self.crypto.resume()

    def _told(self, sa: events.SaSnapshot, attributes: Attributes, tag: object) -> None:
        live = self.crypto.ikev2.engine.sas.get(sa.serial)
        profile = (
            self.device.config.of(Ikev2Config).profiles.get(live.profile or "") if live is not None else None
        )
        if live is None or profile is None:
            return
        session = self.sessions.get(sa.session)
        begun = session is None and sa.role is Role.INITIATOR
        try:
            policy = self.policy(profile, live.peer_method, sa.session, sa.peer_identity)
        except UnauthorizedError:
            policy = None
        except Postponed:
            self._waiting.append((sa, attributes, tag))
            return
        if session is None:
            ends = (sa.local.address, sa.peer.address, sa.peer_identity)
            session = self.sessions[sa.session] = FlexSession(sa.session, profile.name, *ends)
        if policy is not None:
            session.tag, session.distance = policy.tag, policy.distance
            session.routes = tuple(networks(attributes)[:MOST_ROUTES]) if policy.accepts else ()
        if begun and isinstance(tag, CryptoFlow):
            session.interface = tag.interface
            given = addresses(attributes, Attribute.IP4_ADDRESS)
            settings = self._negotiated(tag.interface)
            if given and settings is not None:
                session.address = given[0]
                self._set_address(tag.interface, settings, given[0])
            if policy is not None:
                own = subnet_attributes(self.own_networks(policy, tag.interface))
                if own:
                    self.crypto.ikev2.engine.tell(sa.serial, own, self.crypto.now)
        self._refresh(session)

    def _set_address(self, name: str, settings: IpSettings, address: IPv4Address | None) -> None:
        settings.address = IPv4Interface((address, 32)) if address is not None else None
        interface = self.device.interfaces.get(name)
        if interface is not None:
            self.device.service(IpStack).interface_configured(interface)

    def _refresh(self, session: FlexSession) -> None:
        """Install the routes of a session: to what the peer told, and to a client's own address."""
        if session.interface is None:
            return
        wanted = list(session.routes)
        if session.pool is not None and session.address is not None:
            wanted.append(IPv4Network(session.address))
        routes = [
            Route(
                network,
                RouteSource.STATIC,
                session.interface,
                distance=session.distance,
                tag=session.tag,
                updated=self.crypto.now,
            )
            for network in dict.fromkeys(wanted)
        ]
        vrf = self.device.service(IpStack).vrf_of(session.interface)
        vrf.set_static_routes(("flexvpn", session.number), routes)

    def _end(self, session: FlexSession) -> None:
        """The session is over: its routes go, and a client has no address any more."""
        for vrf in self.device.service(IpStack).vrfs.values():
            vrf.set_static_routes(("flexvpn", session.number), [])
        if session.pool is None and session.interface is not None and session.address is not None:
            settings = self._negotiated(session.interface)
            renewed = any(each.interface == session.interface for each in self.sessions.values())
            if settings is not None and not renewed:
                self._set_address(session.interface, settings, None)
