"""`crypto isakmp profile NAME` and `crypto isakmp peer`: how phase 1 is done with whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.ike.types import Identity, IdType
from iosemu.subjects.crypto.config.keepalive import Keepalive
from iosemu.subjects.crypto.config.remote_access import ClientAccess


@dataclass(frozen=True, slots=True)
class IdentityMatch:
    """One `match identity` line: an address with a mask, a host or user name, or a domain."""

    kind: str
    """address, group, host, host domain, user or user domain."""
    network: IPv4Network | None = None
    name: str = ""
    vrf: str | None = None
    """The routing instance of a peer that is known by its address; None: the default one."""

    def about(self, vrf: str) -> bool:
        """Whether peers of a routing instance are meant: names are not of any."""
        return self.network is None or (self.vrf or "") == vrf

    def matches(self, identity: Identity) -> bool:
        """Whether a peer of this identity is meant."""
        if self.network is not None:
            if identity.type != IdType.IPV4_ADDR or len(identity.data) != 4:
                return False
            return IPv4Address(identity.data) in self.network
        if self.kind == "group":
            return identity.type == IdType.KEY_ID and str(identity) == self.name
        wanted = IdType.USER_FQDN if self.kind.startswith("user") else IdType.FQDN
        name, own = str(identity).lower(), self.name.lower()
        if identity.type != wanted:
            return False
        if self.kind.endswith("domain"):
            return name.endswith((f".{own}", f"@{own}"))
        return name == own


@dataclass
class IsakmpProfile:
    """One ISAKMP profile; complete once it matches some identity."""

    name: str
    description: str = ""
    keyrings: list[str] = field(default_factory=list)
    matches: list[IdentityMatch] = field(default_factory=list)
    self_identity: str | None = None
    """`address`, `fqdn`, `fqdn NAME` or `user-fqdn NAME`; None: as `crypto isakmp identity`."""
    trustpoints: list[str] = field(default_factory=list)
    """`ca trust-point NAME`; empty: all."""
    certificate_maps: list[str] = field(default_factory=list)
    """`match certificate MAP`."""
    keepalive: Keepalive | None = None
    aggressive: bool = False
    """`initiate mode aggressive`."""
    local_address: IPv4Address | str | None = None
    vrf: str | None = None
    """The routing instance of what crypto maps protect (IVRF); None: that of their interface."""
    virtual_template: int | None = None
    """Of which peers get an interface."""
    clients: ClientAccess = field(default_factory=ClientAccess)


@dataclass
class IsakmpPeer:
    """`crypto isakmp peer address A`: aggressive mode towards one peer."""

    address: IPv4Address
    description: str = ""
    endpoint: str | None = None
    """`ipv4-address A`, `fqdn NAME` or `user-fqdn NAME`: the identity that is claimed."""
    password: str | None = None

    @property
    def aggressive(self) -> bool:
        """Whether aggressive mode is begun: with a password and an identity."""
        return self.endpoint is not None and self.password is not None
