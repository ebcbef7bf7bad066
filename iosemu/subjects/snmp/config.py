"""What is configured of SNMP."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.net.snmp.usm import Auth, Level, Priv
from iosemu.packets.snmp import TRAP_PORT

PACKETS = DebugFlag("SNMP packet", "SNMP")
DEFAULT_VIEW = "v1default"
"""What a community reads (`ro`), and writes (`rw`), unless it names a view."""


@dataclass(frozen=True)
class CommunityLine:
    """`snmp-server community NAME [view V] [ro | rw] [LIST]`."""

    name: str
    write: bool = False
    view: str = ""
    access_list: str = ""

    def __str__(self) -> str:
        view = f" view {self.view}" if self.view else ""
        number = f" {self.access_list}" if self.access_list else ""
        return f"snmp-server community {self.name}{view} {'RW' if self.write else 'RO'}{number}"


@dataclass(frozen=True)
class ViewLine:
    """`snmp-server view NAME SUBTREE included|excluded`."""

    name: str
    subtree: str
    family: tuple[int | None, ...]
    included: bool

    def __str__(self) -> str:
        return f"snmp-server view {self.name} {self.subtree} {'included' if self.included else 'excluded'}"


@dataclass(frozen=True)
class GroupLine:
    """`snmp-server group NAME v1|v2c|v3 [LEVEL] [read V] [write V] [notify V] [access LIST]`."""

    name: str
    model: str
    level: Level = Level.NO_AUTH
    read: str = ""
    write: str = ""
    notify: str = ""
    access_list: str = ""

    def __str__(self) -> str:
        words = ["snmp-server group", self.name, self.model]
        if self.model == "v3":
            words.append(LEVELS[self.level])
        for word, value in (
            ("read", self.read),
            ("write", self.write),
            ("notify", self.notify),
            ("access", self.access_list),
        ):
            if value:
                words += [word, value]
        return " ".join(words)


@dataclass(frozen=True)
class EngineAddress:
    """Where an engine elsewhere is: `remote A.B.C.D [udp-port N] [vrf V]`."""

    address: IPv4Address
    port: int = TRAP_PORT
    vrf: str = ""

    def __str__(self) -> str:
        port = f" udp-port {self.port}" if self.port != TRAP_PORT else ""
        return f"remote {self.address}{port}{f' vrf {self.vrf}' if self.vrf else ''}"


LEVELS = {Level.NO_AUTH: "noauth", Level.AUTH: "auth", Level.PRIV: "priv"}


@dataclass(frozen=True)
class UserLine:
    """`snmp-server user NAME GROUP v3 …`: no listing shows it, NVRAM keeps it."""

    name: str
    group: str
    auth: Auth | None = None
    auth_password: str = ""
    priv: Priv | None = None
    priv_password: str = ""
    access_list: str = ""
    remote: EngineAddress | None = None
    """The engine that it is known to; None: ours."""

    @property
    def key(self) -> tuple[str, EngineAddress | None]:
        """What makes two lines the same."""
        return self.name, self.remote


@dataclass(frozen=True)
class HostLine:
    """`snmp-server host A [vrf V] [traps | informs] [version V] NAME [udp-port N] [TYPES]`."""

    address: IPv4Address
    name: str
    """The community, or the user of version 3."""
    inform: bool = False
    version: str = "1"
    level: Level = Level.NO_AUTH
    port: int = TRAP_PORT
    types: tuple[str, ...] = ()
    """Only these kinds of traps; empty: all that are enabled."""
    vrf: str = ""
    """The routing instance that it is reached in."""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two lines the same."""
        return self.address, self.name, self.port, self.vrf

    @property
    def engine(self) -> EngineAddress:
        """Where its engine is."""
        return EngineAddress(self.address, self.port, self.vrf)

    def __str__(self) -> str:
        words = ["snmp-server host", str(self.address), *(("vrf", self.vrf) if self.vrf else ())]
        if self.inform:
            words.append("informs")
        if self.version != "1":
            words += ["version", self.version]
        if self.version == "3":
            words.append(LEVELS[self.level])
        words.append(self.name)
        if self.port != TRAP_PORT:
            words.append(f"udp-port {self.port}")
        return " ".join((*words, " ".join(self.types))).rstrip() + " "


@dataclass
class InformSettings:
    """`snmp-server inform …`."""

    retries: int = 3
    """Further attempts."""
    timeout: int = 15
    """Seconds between them."""
    pending: int = 25
    """How many may wait for an answer."""


@dataclass
class SnmpConfig:
    """`snmp-server …`."""

    communities: dict[str, CommunityLine] = field(default_factory=dict)
    views: dict[tuple[str, str], ViewLine] = field(default_factory=dict)
    groups: dict[tuple[str, str, Level], GroupLine] = field(default_factory=dict)
    users: dict[tuple[str, EngineAddress | None], UserLine] = field(default_factory=dict)
    hosts: dict[tuple[object, ...], HostLine] = field(default_factory=dict)
    location: str = ""
    contact: str = ""
    chassis_id: str = ""
    engine: str = ""
    """`snmp-server engineID local HEX`; empty: that of the box's address."""
    remote_engines: dict[EngineAddress, str] = field(default_factory=dict)
    """`snmp-server engineID remote …`: the digits."""
    trap_source: str = ""
    inform_source: str = ""
    """`snmp-server source-interface informs`."""
    inform: InformSettings = field(default_factory=InformSettings)
    trap_rates: dict[str, int] = field(default_factory=dict)
    """How many traps of a kind are sent in its interval, where that is typed: `storm-control trap-rate 5`."""
    traps: dict[str, None] = field(default_factory=dict)
    """What follows `snmp-server enable traps`, one entry a word of it: `snmp linkup`, `config`."""

    def forget_vrf(self, name: str) -> None:
        """A VRF that is no more takes its hosts along."""
        for key in [key for key, host in self.hosts.items() if host.vrf == name]:
            del self.hosts[key]
        for where in [where for where in self.remote_engines if where.vrf == name]:
            self.forget_engine(where)

    def forget_engine(self, where: EngineAddress) -> None:
        """An engine elsewhere that is no more takes its users along."""
        self.remote_engines.pop(where, None)
        for key in [key for key in self.users if key[1] == where]:
            del self.users[key]

    @property
    def enabled(self) -> bool:
        """The agent runs: a community, a user's group or a host is there, or any other line of `snmp-server`."""
        return bool(
            self.communities
            or self.groups
            or self.users
            or self.hosts
            or self.location
            or self.contact
            or self.traps
            or self.views
            or self.engine
            or self.remote_engines
            or self.chassis_id
        )


@dataclass
class SnmpPort:
    """What stands under an interface."""

    link_traps: bool = True
    """`snmp trap link-status`: its changes are told."""
