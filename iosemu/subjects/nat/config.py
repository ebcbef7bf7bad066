"""`ip nat …`: rules, pools, static translations and timeouts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.box.debugging import DebugFlag
from iosemu.packets.ipv4 import Protocol

NUMBERS = {"tcp": int(Protocol.TCP), "udp": int(Protocol.UDP), "esp": int(Protocol.ESP)}
"""Protocols that static translations name."""
NAT_DEBUG = DebugFlag("IP NAT", "Generic IP")
TIMEOUTS: dict[str, int | None] = {
    "timeout": 86400,
    "udp-timeout": 300,
    "dns-timeout": 60,
    "tcp-timeout": 86400,
    "finrst-timeout": 60,
    "syn-timeout": 60,
    "icmp-timeout": 60,
}
"""`ip nat translation KIND`: seconds; None is `never`."""


@dataclass(frozen=True)
class Pool:
    """`ip nat pool NAME START END netmask MASK`."""

    name: str
    start: IPv4Address
    end: IPv4Address
    length: int
    """Prefix length of its netmask."""
    as_length: bool = False
    """It was typed with `prefix-length`."""

    @property
    def size(self) -> int:
        """How many addresses it has."""
        return int(self.end) - int(self.start) + 1

    def __contains__(self, address: IPv4Address) -> bool:
        return self.start <= address <= self.end


@dataclass(frozen=True)
class Rule:
    """`ip nat inside source list ACL | route-map R interface X|pool P [overload]`."""

    access_list: str
    """Empty: `route_map` says what is translated."""
    interface: str | None = None
    pool: str | None = None
    overload: bool = False
    route_map: str = ""
    vrf: str = ""
    """The routing instance of the inside; empty: the default one."""
    match_in_vrf: bool = False
    """The outside is in the same instance, not in the default one."""
    through: str = ""
    """Of a rule that nobody typed: the interface by which packets leave, to `towards` or anywhere but `besides`."""
    towards: tuple[IPv4Network, ...] = ()
    besides: tuple[IPv4Network, ...] = ()

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.vrf if self.match_in_vrf else ""

    def leads(self, destination: IPv4Address, out: str) -> bool:
        """Whether a rule that nobody typed is about a packet."""
        if out != self.through or any(destination in each for each in self.besides):
            return False
        return not self.towards or any(destination in each for each in self.towards)

    @property
    def selection(self) -> str:
        """`list ACL` or `route-map R`: of two rules with the same for a VRF the second replaces the first."""
        return f"route-map {self.route_map}" if self.route_map else f"list {self.access_list}"

    def __str__(self) -> str:
        where = f"interface {self.interface}" if self.interface else f"pool {self.pool}"
        return f"{self.selection} {where}{_in_vrf(self)}{' overload' if self.overload else ''}"


@dataclass(frozen=True)
class Static:
    """`ip nat inside source static …`; `protocol` tcp or udp with ports, else whole addresses."""

    local: IPv4Address
    outer: IPv4Address | None = None
    """The inside global address; None: that of `interface`."""
    interface: str | None = None
    protocol: str = ""
    local_port: int = 0
    outer_port: int = 0
    extendable: bool = False
    length: int = 32
    """Below 32 it maps a network onto another, address by address."""
    as_length: bool = True
    no_alias: bool = False
    """ARP is not answered for the global address."""
    redundancy: str = ""
    """The first-hop group whose active router answers for the global address."""
    vrf: str = ""
    """The routing instance of the inside; empty: the default one."""
    match_in_vrf: bool = False
    """The outside is in the same instance, not in the default one."""

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.vrf if self.match_in_vrf else ""

    @property
    def key(self) -> tuple[object, ...]:
        """What two static translations may not share."""
        return (self.outside_vrf, self.protocol, self.outer or self.interface, self.outer_port, self.length)

    @property
    def inside(self) -> tuple[object, ...]:
        """Who is translated."""
        return (self.vrf, self.local, self.local_port)

    @property
    def is_network(self) -> bool:
        """`static network`."""
        return self.length < 32

    def mapped(self, address: IPv4Address, back: bool = False) -> IPv4Address | None:
        """The global address of a local one of the network (with `back` the other way), None outside of it."""
        here, there = (self.outer, self.local) if back else (self.local, self.outer)
        if here is None or there is None:
            return None
        host = (1 << 32 - self.length) - 1
        if (int(address) ^ int(here)) & ~host & 0xFFFFFFFF:
            return None
        return IPv4Address(int(there) & ~host & 0xFFFFFFFF | int(address) & host)

    def __str__(self) -> str:
        outer = str(self.outer) if self.outer is not None else f"interface {self.interface}"
        if self.is_network:
            size = f"/{self.length}" if self.as_length else str(mask_of(self.length))
            text = f"static network {self.local} {outer} {size}"
        elif self.protocol == "esp":
            text = f"static esp {self.local} {outer}"
        elif self.protocol:
            text = f"static {self.protocol} {self.local} {self.local_port} {outer} {self.outer_port}"
        else:
            text = f"static {self.local} {outer}"
        text += f" redundancy {self.redundancy}" if self.redundancy else ""
        text += _in_vrf(self)
        return text + (" extendable" if self.extendable else "") + (" no-alias" if self.no_alias else "")


@dataclass(frozen=True)
class OutsideStatic:
    """`ip nat outside source static …`: an outside host is known inside by another address."""

    outer: IPv4Address
    """Outside global."""
    local: IPv4Address
    protocol: str = ""
    outer_port: int = 0
    local_port: int = 0
    length: int = 32
    as_length: bool = True
    add_route: bool = False
    """A route to the local address leads to the global one."""
    vrf: str = ""
    """The routing instance of the inside; empty: the default one."""
    match_in_vrf: bool = False
    """The outside is in the same instance, not in the default one."""
    extendable: bool = False
    no_alias: bool = False
    """ARP is not answered for the local address."""

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.vrf if self.match_in_vrf else ""

    @property
    def key(self) -> tuple[object, ...]:
        """What two translations may not share."""
        return (self.vrf, self.outside_vrf, self.outer, self.protocol, self.outer_port, self.length)

    def mapped(self, address: IPv4Address, back: bool = False) -> IPv4Address | None:
        """The local address of a global one (with `back` the other way); None for others."""
        here, there = (self.local, self.outer) if back else (self.outer, self.local)
        host = (1 << 32 - self.length) - 1
        if (int(address) ^ int(here)) & ~host & 0xFFFFFFFF:
            return None
        return IPv4Address(int(there) & ~host & 0xFFFFFFFF | int(address) & host)

    def __str__(self) -> str:
        if self.length < 32:
            size = f"/{self.length}" if self.as_length else str(mask_of(self.length))
            text = f"static network {self.outer} {self.local} {size}"
        elif self.protocol:
            text = f"static {self.protocol} {self.outer} {self.outer_port} {self.local} {self.local_port}"
        else:
            text = f"static {self.outer} {self.local}"
        words = (("extendable", self.extendable), ("no-alias", self.no_alias), ("add-route", self.add_route))
        return text + _in_vrf(self) + "".join(f" {word}" for word, said in words if said)


@dataclass(frozen=True)
class OutsideRule:
    """`ip nat outside source list ACL pool P [vrf V [match-in-vrf]] [add-route]`."""

    access_list: str
    pool: str
    add_route: bool = False
    vrf: str = ""
    """The routing instance of the inside; empty: the default one."""
    match_in_vrf: bool = False
    """The outside is in the same instance, not in the default one."""

    @property
    def outside_vrf(self) -> str:
        """The routing instance of the outside."""
        return self.vrf if self.match_in_vrf else ""

    def __str__(self) -> str:
        route = " add-route" if self.add_route else ""
        return f"list {self.access_list} pool {self.pool}{_in_vrf(self)}{route}"


def _in_vrf(each: Rule | Static | OutsideRule | OutsideStatic) -> str:
    """What follows where the addresses come from."""
    return f" vrf {each.vrf}{' match-in-vrf' if each.match_in_vrf else ''}" if each.vrf else ""


@dataclass
class NatConfig:
    """Everything under `ip nat`; which interface is inside or outside stands with the interface."""

    pools: dict[str, Pool] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    statics: list[Static] = field(default_factory=list)
    outside_rules: list[OutsideRule] = field(default_factory=list)
    outside_statics: list[OutsideStatic] = field(default_factory=list)
    timeouts: dict[str, int | None] = field(default_factory=lambda: dict(TIMEOUTS))
    max_entries: int | None = None

    def forget_vrfs(self, kept: Callable[[str], bool]) -> None:
        """A VRF that is no more takes its rules and static translations along."""
        self.rules[:] = [each for each in self.rules if kept(each.vrf)]
        self.statics[:] = [each for each in self.statics if kept(each.vrf)]
        self.outside_rules[:] = [each for each in self.outside_rules if kept(each.vrf)]
        self.outside_statics[:] = [each for each in self.outside_statics if kept(each.vrf)]


@dataclass(frozen=True)
class NatStyle:
    """How an image prints translations."""

    stem: ClassVar[str] = "nat"

    total: bool = False
    """`Total number of translations: N` follows the table."""


@dataclass
class NatSide:
    """`ip nat inside|outside` under `interface X`."""

    side: str = ""
    """`inside`, `outside` or nothing."""


def mask_of(length: int) -> IPv4Address:
    """The netmask of a prefix length."""
    return IPv4Network((0, length)).netmask
