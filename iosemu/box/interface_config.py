"""Configuration of one interface."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from ipaddress import IPv4Interface

from iosemu.box.interface_types import InterfaceType, type_of
from iosemu.box.parts import Parts, PartT


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
    mtu: int = 0
    """Octets; of a new interface that of its type."""
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

    def __post_init__(self) -> None:
        self.mtu = self.mtu or self.type.mtu

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
        fresh = InterfaceConfig(self.name)
        for each in fields(self):
            if each.name not in ("parts", "encapsulated_mtu"):
                setattr(self, each.name, getattr(fresh, each.name))
        for part in self.parts:
            self.parts.put(part.__class__())

    @property
    def kind(self) -> str:
        """`FastEthernet`, `Vlan` …"""
        return self.type.name

    @property
    def type(self) -> InterfaceType:
        """Its row in the table of types."""
        return type_of(self.name)

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
