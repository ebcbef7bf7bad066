"""Layer 2 configuration of one switch port."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.bridging.vlans import MAXIMUM, MINIMUM

ALL_VLANS = frozenset(range(MINIMUM, MAXIMUM + 1))
PRUNABLE = frozenset(range(2, 1002))
"""The VLANs that VTP can prune."""


class SwitchportMode(Enum):
    """`switchport mode …`."""

    ACCESS = "access"
    TRUNK = "trunk"
    DYNAMIC_AUTO = "dynamic auto"
    DYNAMIC_DESIRABLE = "dynamic desirable"
    PRIVATE_HOST = "private-vlan host"
    PRIVATE_PROMISCUOUS = "private-vlan promiscuous"

    @property
    def is_private(self) -> bool:
        """Whether it is one of private VLANs."""
        return self in (SwitchportMode.PRIVATE_HOST, SwitchportMode.PRIVATE_PROMISCUOUS)


class Violation(Enum):
    """`switchport port-security violation …`."""

    PROTECT = "protect"
    RESTRICT = "restrict"
    SHUTDOWN = "shutdown"
    SHUTDOWN_VLAN = "shutdown vlan"


@dataclass
class PortSecurity:
    """`switchport port-security …`."""

    enabled: bool = False
    maximum: int = 1
    violation: Violation = Violation.SHUTDOWN
    sticky: bool = False
    addresses: dict[str, bool] = field(default_factory=dict)
    """Secure MAC addresses that are part of the configuration, in Cisco's form; True marks a sticky one."""
    aging_minutes: int = 0
    aging_idle: bool = False
    """`aging type inactivity`: an address ages from its last frame on, not from when it was learned."""
    aging_static: bool = False
    """`aging static`: configured addresses age, too."""


@dataclass
class Switchport:
    """What a switch port does with frames; `mode` None means the model's default."""

    mode: SwitchportMode | None = None
    access_vlan: int = 1
    voice_vlan: int | None = None
    voice_form: str = ""
    """`dot1p` or `untagged`: voice is in the access VLAN, and a telephone is told how to send it."""
    extended_trust: bool = False
    """`switchport priority extend trust`: a telephone lets what its computer marked as it is."""
    extended_cos: int | None = None
    """`switchport priority extend cos`: what a telephone marks frames of its computer with."""
    native_vlan: int = 1
    allowed_vlans: frozenset[int] = ALL_VLANS
    pruned_vlans: frozenset[int] = PRUNABLE
    """`switchport trunk pruning vlan`: those that a trunk leaves out where nobody behind it wants to hear them."""
    nonegotiate: bool = False
    encapsulation: str = ""
    """`switchport trunk encapsulation` where the model has several: `dot1q`, `isl`; empty negotiates."""
    host_association: tuple[int, int] | None = None
    """`switchport private-vlan host-association`: primary and secondary VLAN of a host's port."""
    private_mapping: tuple[int, frozenset[int]] | None = None
    """`switchport private-vlan mapping`: the primary VLAN of a promiscuous port, and the secondary ones it hears."""
    protected: bool = False
    block_unicast: bool = False
    """`switchport block unicast`: unicasts to unknown addresses are not flooded here."""
    block_multicast: bool = False
    security: PortSecurity = field(default_factory=PortSecurity)
    portfast: bool | None = None
    """None follows `spanning-tree portfast default`."""
    portfast_trunk: bool = False
    bpduguard: bool | None = None
    bpdufilter: bool | None = None
    stp_cost: int | None = None
    stp_vlan_cost: dict[int, int] = field(default_factory=dict)
    stp_priority: int = 128
    stp_vlan_priority: dict[int, int] = field(default_factory=dict)
    mst_cost: dict[int, int] = field(default_factory=dict)
    """Path costs by instance of MST."""
    mst_priority: dict[int, int] = field(default_factory=dict)
    simulate_pvst: bool | None = None
    """`spanning-tree mst simulate pvst [disable]`; None follows the global one."""
    guard: str = ""
    """`root` or `loop`, or nothing."""
    link_type: str = ""

    @property
    def appliance_vlan(self) -> int | None:
        """What a telephone is told by CDP: a VLAN, 0 for priority tags, 4095 for none; None: nothing."""
        return {"dot1p": 0, "untagged": 4095}.get(self.voice_form, self.voice_vlan)

    @staticmethod
    def refusal(config: InterfaceConfig) -> str:
        """What a port that routes answers to `switchport …` and `spanning-tree …`."""
        return f"Command rejected: {short_name(config.name)} not a switching port."
