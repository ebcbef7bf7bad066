"""FlexVPN: authorization policies, client profiles, and the pools that clients get their addresses from."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

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


@dataclass
class FlexClient:
    """`crypto ikev2 client flexvpn NAME`: a tunnel whose far end is the first of several that answers."""

    name: str
    peers: dict[int, IPv4Address] = field(default_factory=dict)
    """By sequence number."""
    tunnel: str | None = None
    """Of `client connect`."""
    manual: bool = False
    """`connect manual`: it waits to be told."""

    @property
    def turns(self) -> list[IPv4Address]:
        """The peers in the order in which they are tried."""
        return [self.peers[number] for number in sorted(self.peers)]


@dataclass
class FlexConfig:
    """Everything that FlexVPN adds to `crypto ikev2`."""

    policies: dict[str, AuthorizationPolicy] = field(default_factory=dict)
    clients: dict[str, FlexClient] = field(default_factory=dict)

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
