"""Servers of TACACS+ and RADIUS, and groups of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Literal

from iosemu.box.debugging import DebugFlag
from iosemu.box.passwords import Password
from iosemu.packets.radius import OLD_ACCOUNTING_PORT, OLD_AUTHENTICATION_PORT
from iosemu.packets.tacacs import PORT

TACACS_DEBUG = DebugFlag("TACACS access control", "General OS")
RADIUS_DEBUG = DebugFlag("Radius protocol", "Radius protocol")

TACACS, RADIUS = "tacacs+", "radius"
Protocol = Literal["tacacs+", "radius"]
Host = IPv4Address | str
"""An address, or a name that is looked up when it is needed."""
TIMEOUT = 5
"""Seconds in which a server is to answer."""
RETRANSMIT = 3
"""How often a RADIUS server is asked again."""


@dataclass
class TacacsServer:
    """`tacacs server NAME`, or `tacacs-server host`."""

    name: str = ""
    address: Host | None = None
    port: int = PORT
    key: Password | None = None
    timeout: int | None = None
    """Seconds; None: as `tacacs-server timeout` says."""
    single: bool = False


@dataclass
class RadiusServer:
    """`radius server NAME`, or `radius-server host`."""

    name: str = ""
    address: Host | None = None
    authentication_port: int = OLD_AUTHENTICATION_PORT
    accounting_port: int = OLD_ACCOUNTING_PORT
    key: Password | None = None
    timeout: int | None = None
    retransmit: int | None = None
    kept: dict[str, str] = field(default_factory=dict)
    """Lines without behaviour."""

    @property
    def place(self) -> tuple[Host | None, int, int]:
        """What tells it from others."""
        return self.address, self.authentication_port, self.accounting_port


Server = TacacsServer | RadiusServer


@dataclass(frozen=True)
class Member:
    """`server …` of a group: a name, or an address that `radius-server host` (`tacacs-server host`) has, too."""

    name: str = ""
    address: Host | None = None
    authentication_port: int = OLD_AUTHENTICATION_PORT
    accounting_port: int = OLD_ACCOUNTING_PORT


@dataclass
class ServerGroup:
    """`aaa group server PROTOCOL NAME`."""

    name: str
    protocol: Protocol
    members: list[Member | Server] = field(default_factory=list)
    """A private server (`server-private`) stands here itself."""
    source_interface: str = ""
    deadtime: int | None = None
    """Minutes."""
    vrf: str = ""
    """The routing instance that the servers are reached in."""
    kept: dict[str, str] = field(default_factory=dict)
    """Lines without behaviour."""


@dataclass
class ServersConfig:
    """All of it; keys are stored as they are shown."""

    tacacs_hosts: list[TacacsServer] = field(default_factory=list)
    tacacs_named: dict[str, TacacsServer] = field(default_factory=dict)
    tacacs_key: Password | None = None
    tacacs_timeout: int | None = None
    tacacs_source: str = ""
    directed_request: bool = False
    radius_hosts: list[RadiusServer] = field(default_factory=list)
    radius_named: dict[str, RadiusServer] = field(default_factory=dict)
    radius_key: Password | None = None
    radius_timeout: int | None = None
    radius_retransmit: int | None = None
    radius_source: str = ""
    deadtime: int | None = None
    """Minutes for which a dead server is passed over."""
    dead_time: int | None = None
    """Seconds without an answer after which a server may count as dead."""
    dead_tries: int | None = None
    """Timeouts in a row after which it may."""
    groups: dict[str, ServerGroup] = field(default_factory=dict)

    def forget_vrf(self, name: str) -> None:
        """A VRF is no more: the groups that were in it are in the default instance."""
        for group in self.groups.values():
            if group.vrf == name:
                group.vrf = ""

    def protocol_of(self, group: str) -> Protocol | None:
        """What the servers of a group speak; None when there is no such group."""
        if group == "tacacs+":
            return "tacacs+"
        if group == "radius":
            return "radius"
        found = self.groups.get(group)
        return found.protocol if found is not None else None

    def all_tacacs(self) -> list[TacacsServer]:
        """The group `tacacs+`."""
        return [*self.tacacs_hosts, *self.tacacs_named.values()]

    def all_radius(self) -> list[RadiusServer]:
        """The group `radius`."""
        return [*self.radius_hosts, *self.radius_named.values()]

    def tacacs_of(self, group: str) -> list[TacacsServer]:
        """The servers of a group, in its order; those that are not defined are left out."""
        if group == TACACS:
            return self.all_tacacs()
        found = self.groups.get(group)
        return [each for each in self._of(found) if isinstance(each, TacacsServer)] if found else []

    def radius_of(self, group: str) -> list[RadiusServer]:
        """As `tacacs_of`."""
        if group == RADIUS:
            return self.all_radius()
        found = self.groups.get(group)
        return [each for each in self._of(found) if isinstance(each, RadiusServer)] if found else []

    def _of(self, group: ServerGroup) -> Iterator[Server]:
        for member in group.members:
            found: Server | None
            if not isinstance(member, Member):
                found = member
            elif group.protocol == "tacacs+":
                found = self._tacacs(member)
            else:
                found = self._radius(member)
            if found is not None:
                yield found

    def _tacacs(self, member: Member) -> TacacsServer | None:
        if member.name:
            return self.tacacs_named.get(member.name)
        return next((each for each in self.all_tacacs() if each.address == member.address), None)

    def _radius(self, member: Member) -> RadiusServer | None:
        if member.name:
            return self.radius_named.get(member.name)
        place = (member.address, member.authentication_port, member.accounting_port)
        return next((each for each in self.all_radius() if each.place == place), None)


def clear_key(key: Password | None) -> bytes:
    """A key in clear; empty when there is none."""
    if key is None:
        return b""
    return (key.clear or "").encode("latin-1", "replace")
