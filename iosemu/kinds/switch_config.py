"""The whole configuration of a switch."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.interface_config import InterfacesConfig
from iosemu.box.system import SystemConfig
from iosemu.bridging.vlans import VlanConfig
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.discovery.config import CdpConfig, LldpConfig
from iosemu.subjects.errdisable.config import ErrdisableConfig
from iosemu.subjects.lines.config import LinesConfig
from iosemu.subjects.logging.config import LoggingConfig
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.span.config import MonitorConfig
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig

MAC_AGING = 300
"""Seconds, the default of every Catalyst."""


@dataclass
class SwitchConfig:
    """`device.config` of a switch."""

    system: SystemConfig = field(default_factory=SystemConfig)
    lines: LinesConfig = field(default_factory=LinesConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)
    interfaces: InterfacesConfig = field(default_factory=dict)
    acls: AclsConfig = field(default_factory=AclsConfig)
    routes: RoutesConfig = field(default_factory=RoutesConfig)
    vlans: VlanConfig = field(default_factory=VlanConfig)
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    spanning_tree: SpanningTreeConfig = field(default_factory=SpanningTreeConfig)
    cdp: CdpConfig = field(default_factory=CdpConfig)
    lldp: LldpConfig = field(default_factory=LldpConfig)
    errdisable: ErrdisableConfig = field(default_factory=ErrdisableConfig)
    load_balance: str = "src-mac"
    """How an EtherChannel spreads frames."""
    mac_aging: int = MAC_AGING
    """Seconds; 0 keeps entries for ever."""
    static_macs: dict[tuple[int, MacAddress], str] = field(default_factory=dict)
    """Port by VLAN and address."""
