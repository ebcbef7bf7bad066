"""Configuration of one interface, and the names interfaces have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Interface

from iosemu.box.parts import Parts, PartT

TYPES: dict[str, tuple[str, str]] = {
    # canonical type: (short form in tables, hardware name)
    "Ethernet": ("Et", "AmdP2"),
    "FastEthernet": ("Fa", "Gt96k FE"),
    "GigabitEthernet": ("Gi", "CN Gigabit Ethernet"),
    "Serial": ("Se", "GT96K Serial"),
    "Loopback": ("Lo", "Loopback"),
    "Vlan": ("Vl", "EtherSVI"),
    "Null": ("Nu", "Unknown"),
    "Tunnel": ("Tu", "Tunnel"),
    "Port-channel": ("Po", "EtherChannel"),
}
"""Interface types in the order `show` lists virtual ones after the physical."""
NAME = re.compile(r"([A-Za-z-]+)\s*((\d+)(?:/(\d+))?(?:/(\d+))?(?:\.(\d+))?)?$")


def split_name(name: str) -> tuple[str, tuple[int, ...]]:
    """Type and numbers of a canonical name: `FastEthernet0/1.10` -> (`FastEthernet`, (0, 1, 10)).

    Raises ValueError when the text is no interface name.
    """
    match = NAME.match(name)
    if match is None or match[2] is None:
        raise ValueError(f"{name!r} is not an interface name")
    return match[1], tuple(int(number) for number in match.groups()[2:] if number is not None)


def short_name(name: str) -> str:
    """`FastEthernet0/1` -> `Fa0/1`, as IOS abbreviates in tables; other names stay as they are."""
    kind = name.rstrip("0123456789/.")
    return TYPES[kind][0] + name[len(kind) :] if kind in TYPES else name


def sort_key(name: str) -> tuple[int, str, tuple[int, ...]]:
    """Order of interfaces in running-config and shows: physical, then virtual, by number."""
    try:
        kind, numbers = split_name(name)
    except ValueError:
        return (50, name, ())
    order = {"Port-channel": 30, "Loopback": 20, "Tunnel": 25, "Null": 40, "Vlan": 45}
    return (order.get(kind, 0), kind if kind not in TYPES else f"{list(TYPES).index(kind):02}", numbers)


@dataclass
class InterfaceConfig:
    """What is typed under `interface NAME`."""

    name: str
    description: str = ""
    shutdown: bool = False
    address: IPv4Interface | None = None
    secondary: list[IPv4Interface] = field(default_factory=list)
    dhcp: bool = False
    """`ip address dhcp`: accepted and kept, no client runs."""
    duplex: str = "auto"
    speed: str = "auto"
    bandwidth: int | None = None
    """kbit/s; None: that of the hardware."""
    delay: int | None = None
    """Tens of microseconds, as typed; None: that of the hardware."""
    mtu: int = 1500
    ip_mtu: int | None = None
    """None: the interface's MTU."""
    access_group_in: str | None = None
    access_group_out: str | None = None
    proxy_arp: bool = True
    redirects: bool = True
    unreachables: bool = True
    directed_broadcast: bool = False
    keepalive: int | None = 10
    """Seconds; None: `no keepalive`."""
    arp_timeout: int = 14400
    load_interval: int = 300
    encapsulation_vlan: int | None = None
    """`encapsulation dot1Q N` of a subinterface."""
    encapsulation_native: bool = False
    adjust_mss: int | None = None
    carrier_delay: int | None = None
    nat: str = ""
    """`inside` or `outside`."""
    crypto_map: str | None = None
    crypto_map_redundancy: str = ""
    channel_group: int | None = None
    channel_mode: str = ""
    """`on`, `active` or `passive`."""
    cdp_enabled: bool = True
    lldp_transmit: bool = True
    lldp_receive: bool = True

    parts: Parts = field(default_factory=Parts)
    """What subjects add: `config.of(NatSide)`."""
    encapsulated_mtu: int | None = field(default=None, compare=False)
    """The largest packet that fits what surrounds it (a tunnel's header); None: nothing does."""

    def of(self, part: type[PartT]) -> PartT:
        """The part of this class, made with its defaults when first asked for."""
        return self.parts.of(part)

    def held(self, part: type[PartT]) -> PartT | None:
        """The part of this class, None where the interface has none (layer 2 settings of a routed port)."""
        return self.parts.held(part)

    def put(self, part: PartT) -> PartT:
        """Take this object for the part of its class."""
        return self.parts.put(part)

    def drop(self, part: type) -> None:
        """Forget the part."""
        self.parts.drop(part)

    def reset(self) -> None:
        """Back to the settings of a fresh interface; `shutdown` included."""
        fresh = type(self)(self.name)
        for each in fields(self):
            if each.name not in ("parts", "encapsulated_mtu"):
                setattr(self, each.name, getattr(fresh, each.name))
        for part in self.parts:
            self.parts.put(type(part)())

    @property
    def kind(self) -> str:
        """`FastEthernet`, `Vlan` …"""
        return split_name(self.name)[0]

    @property
    def parent(self) -> str | None:
        """`FastEthernet0/0` of `FastEthernet0/0.10`; None for what is not a subinterface."""
        return self.name.split(".", 1)[0] if "." in self.name else None

    @property
    def addresses(self) -> list[IPv4Interface]:
        """Primary address first."""
        return ([self.address] if self.address else []) + self.secondary

    @property
    def effective_ip_mtu(self) -> int:
        """The largest IP packet that leaves unfragmented."""
        return self.ip_mtu or self.encapsulated_mtu or self.mtu


InterfacesConfig = dict[str, InterfaceConfig]
"""`device.config.interfaces`."""
