"""Easy VPN server: groups of clients, and what a crypto map or an ISAKMP profile does with clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

MOST_BACKUPS: Final = 10
"""`backup-gateway` lines of a group."""


@dataclass
class ClientGroup:
    """`crypto isakmp client configuration group NAME`: the key of its clients, and what they are given."""

    name: str
    encoding: int | None = None
    """0 or 6 where it was typed with the key."""
    key: str | None = None
    dns: list[IPv4Address] = field(default_factory=list)
    wins: list[IPv4Address] = field(default_factory=list)
    domain: str | None = None
    pool: str | None = None
    """`ip local pool` that addresses are from."""
    access_list: str | None = None
    """Its permit lines are the networks behind the tunnel (split tunnelling)."""
    split_dns: list[str] = field(default_factory=list)
    """Domains that are looked up through the tunnel."""
    save_password: bool = False
    include_local_lan: bool = False
    pfs: bool = False
    netmask: IPv4Address | None = None
    backups: list[IPv4Address | str] = field(default_factory=list)
    max_users: int | None = None
    """Clients of the group at a time."""
    max_logins: int | None = None
    """Clients of one user at a time."""
    access_restrict: list[str] = field(default_factory=list)
    """The interfaces by which its clients may come; empty: any."""
    group_lock: bool = False
    """Users say their group with their name: `user/group`, or with `@`, `\\` or `%`."""
    banner: str = ""


@dataclass(slots=True)
class ClientAccess:
    """What a crypto map or an ISAKMP profile does with clients."""

    authentication: str | None = None
    """`client authentication list`: users are asked for (XAUTH)."""
    authorization: str | None = None
    """`isakmp authorization list`: where the groups are."""
    initiate: bool = False
    """`client configuration address initiate`: the address is told without being asked for."""
    respond: bool = False
    """`client configuration address respond`."""
    group: str | None = None
    """`client configuration group` of a profile: the group whatever the client says."""

    @property
    def any(self) -> bool:
        """Whether clients are meant at all."""
        return bool(self.authentication or self.authorization or self.initiate or self.respond)

    def ask(self, methods: str | None) -> None:
        """Set `client authentication list`."""
        self.authentication = methods

    def authorize(self, methods: str | None) -> None:
        """Set `isakmp authorization list`."""
        self.authorization = methods

    def configure(self, how: str, *, on: bool) -> None:
        """Set `client configuration address (initiate | respond)`."""
        if how == "initiate":
            self.initiate = on
        else:
            self.respond = on

    def lines(self) -> Iterator[str]:
        """As typed, after `crypto map NAME` or under a profile."""
        if self.authentication is not None:
            yield f"client authentication list {self.authentication}"
        if self.authorization is not None:
            yield f"isakmp authorization list {self.authorization}"
        if self.initiate:
            yield "client configuration address initiate"
        if self.respond:
            yield "client configuration address respond"
        if self.group is not None:
            yield f"client configuration group {self.group}"
