"""FlexVPN: authorization policies, client profiles, and the pools that clients get their addresses from."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from iosemu.subjects.crypto.config.name_mangler import NameMangler

DEFAULT: Final = "default"
"""Name of the built-in authorization policy."""


@dataclass
class AuthorizationPolicy:
    """`crypto ikev2 authorization policy NAME`: what a peer is given, and whose networks are believed."""

    name: str
    pool: str | None = None
    """`ip local pool` that addresses are from."""
    netmask: IPv4Address | None = None
    dns: list[IPv4Address] = field(default_factory=list)
    domain: str | None = None
    own_address: bool = False
    """`route set interface`: the address of the tunnel's interface is told to the peer."""
    interfaces: list[str] = field(default_factory=list)
    """`route set interface X`."""
    access_list: str | None = None
    """`route set access-list NAME`: the networks that it permits."""
    networks: list[tuple[str, IPv4Network]] = field(default_factory=list)
    """`route set local|remote ipv4 A M`."""
    accepts: bool = True
    """`route accept any`."""
    tag: int = 1
    distance: int = 2


def default_authorization() -> AuthorizationPolicy:
    """The built-in policy."""
    return AuthorizationPolicy(DEFAULT, own_address=True)


@dataclass(frozen=True, slots=True)
class Authorization:
    """`aaa authorization group KIND list METHODS (POLICY | name-mangler MANGLER)` of an IKEv2 profile."""

    methods: str
    name: str
    mangled: bool = False
    """`name` is that of a name mangler, which says what the policy is called."""

    @property
    def words(self) -> str:
        """As typed, behind the method list."""
        return f"name-mangler {self.name}" if self.mangled else self.name


@dataclass(frozen=True, slots=True)
class Tracking:
    """`track N [up | down]`: only while an object is in this state."""

    number: int
    up: bool = True

    @property
    def words(self) -> str:
        """As typed."""
        return f"track {self.number}{'' if self.up else ' down'}"


@dataclass(frozen=True, slots=True)
class FlexPeer:
    """One peer of a client: an address, or a name."""

    where: IPv4Address | str
    track: Tracking | None = None


@dataclass(frozen=True, slots=True)
class FlexSource:
    """One source of a client: an interface whose address its tunnel's packets come from."""

    port: str
    track: Tracking | None = None


@dataclass
class FlexClient:
    """`crypto ikev2 client flexvpn NAME`: a tunnel whose far end is the first of several that answers."""

    name: str
    peers: dict[int, FlexPeer] = field(default_factory=dict)
    """By sequence number: the lowest is tried first."""
    sources: dict[int, FlexSource] = field(default_factory=dict)
    """By sequence number, of a tunnel with `tunnel source dynamic`: the lowest that can be used counts."""
    reactivate: bool = False
    """`peer reactivate`: when an earlier peer can be had again, the client goes back to it."""
    backup_group: int | None = None
    """Clients of one group do not go to the same peer; None: there is no such rule."""
    tunnel: str | None = None
    """Of `client connect`."""
    manual: bool = False
    """`connect manual`: it waits to be told."""
    track: Tracking | None = None
    """`connect track`: it connects while an object is in this state."""

    @property
    def tracked(self) -> set[int]:
        """The objects that count for it."""
        peers, sources = (
            (each.track for each in self.peers.values()),
            (each.track for each in self.sources.values()),
        )
        found = (self.track, *peers, *sources)
        return {each.number for each in found if each is not None}


@dataclass
class FlexConfig:
    """Everything that FlexVPN adds to `crypto ikev2`."""

    policies: dict[str, AuthorizationPolicy] = field(default_factory=dict)
    clients: dict[str, FlexClient] = field(default_factory=dict)
    manglers: dict[str, NameMangler] = field(default_factory=dict)

    def policy(self, name: str) -> AuthorizationPolicy | None:
        """A policy that counts, the built-in one included."""
        if name == DEFAULT and name not in self.policies:
            return default_authorization()
        return self.policies.get(name)


@dataclass
class LocalPools:
    """`ip local pool NAME LOW [HIGH]`; a pool may have several ranges."""

    pools: dict[str, list[tuple[IPv4Address, IPv4Address]]] = field(default_factory=dict)

    def overlapping(self, low: IPv4Address, high: IPv4Address) -> str | None:
        """The pool that has any of these addresses."""
        for name, ranges in self.pools.items():
            if any(first <= high and low <= last for first, last in ranges):
                return name
        return None
