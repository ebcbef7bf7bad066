"""Easy VPN client: `crypto ipsec client ezvpn NAME`, and its place on interfaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

CLIENT, EXTENSION, PLUS = "client", "network-extension", "network-plus"
AUTO, MANUAL = "auto", "manual"


@dataclass
class EzvpnClient:
    """One client; it can connect once it has a group and a peer, and an interface is its outside."""

    name: str
    connect: str = AUTO
    """`auto`, `manual`, or `acl LIST`: when packets of a list are to leave."""
    group: str | None = None
    encoding: int | None = None
    """0 or 6 where it was typed with the key."""
    key: str = ""
    local_address: str | None = None
    """The interface whose address it uses; None: its outside."""
    mode: str = CLIENT
    peers: list[IPv4Address | str] = field(default_factory=list)
    default_peer: IPv4Address | str | None = None
    """The peer that is tried first."""
    idle_time: int | None = None
    """Seconds without packets after which it disconnects."""
    access_list: str | None = None
    """`acl`: what its list permits as source is behind this side too."""
    username: str | None = None
    password_encoding: int | None = None
    password: str = ""
    virtual_interface: int | None = None
    """`virtual-interface [N]`: its packets go by a Virtual-Access interface, made from that template; 0: from none."""
    userid_mode: str = "interactive"
    """`interactive`: somebody types who the user is; `local`: as `username` says."""

    @property
    def complete(self) -> bool:
        """Whether it can connect."""
        return self.group is not None and bool(self.peers)

    @property
    def turns(self) -> list[IPv4Address | str]:
        """The peers in the order in which they are tried."""
        first = [self.default_peer] if self.default_peer is not None else []
        return [*first, *(each for each in self.peers if each != self.default_peer)]

    @property
    def trigger(self) -> str | None:
        """The list of `connect acl`."""
        return self.connect.removeprefix("acl ") if self.connect.startswith("acl ") else None


@dataclass
class EzvpnConfig:
    """All clients by name."""

    clients: dict[str, EzvpnClient] = field(default_factory=dict)


@dataclass
class EzvpnBinding:
    """`crypto ipsec client ezvpn NAME [inside | outside]` under `interface X`."""

    outside: str | None = None
    inside: list[str] = field(default_factory=list)
