"""What the forwarding plane asks of its switch, and knows of a port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from iosemu.box.interfaces import Interfaces
from iosemu.bridging.private_vlans import PrivateVlans
from iosemu.bridging.switchport import Switchport
from iosemu.packets.ethernet import VlanTag


class PortView(Protocol):
    """What the plane asks of its switch."""

    interfaces: Interfaces
    pruned: Callable[[str, int], bool]
    """Whether nobody behind a trunk wants to hear a VLAN."""

    closed: dict[tuple[str, int], str]
    """The VLANs that are err-disabled on ports."""

    def switch_ports(self) -> list[str]:
        """Names of the layer 2 ports, in the order of the box."""
        ...

    def switchport(self, name: str) -> Switchport:
        """A port's layer 2 configuration."""
        ...

    def is_trunking(self, name: str) -> bool:
        """Whether the port tags."""
        ...

    def access_vlan(self, name: str) -> int:
        """The VLAN of an access port now."""
        ...

    def private_vlans(self) -> PrivateVlans:
        """The private VLANs that are in order."""
        ...

    def active_vlans(self) -> frozenset[int]:
        """The VLANs that exist and are active."""
        ...

    def is_forwarding(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets frames pass."""
        ...

    def is_learning(self, name: str, vlan: int) -> bool:
        """Whether spanning tree lets addresses be learned."""
        ...

    def vlan_usable(self, vlan: int) -> bool:
        """Whether the VLAN exists and is active."""
        ...


@dataclass(frozen=True, slots=True)
class Label:
    """By what a frame is told apart inside the switch: by its DSCP, or by its class of service."""

    value: int
    by_cos: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A frame with its marks."""

    frame: bytes
    """Untagged."""
    priority: int
    """802.1p, where it leaves with a tag."""
    label: Label


class Marker(Protocol):
    """Who gives frames their marks (CoS and DSCP)."""

    def received(self, port: str, frame: bytes, tag: VlanTag | None, vlan: int | None) -> Marked | None:
        """What becomes of an untagged frame that a physical port took; `tag` is what it had, `vlan` where it is.

        None: a policer drops it.
        """
        ...

    def priority(self, frame: bytes) -> int:
        """The 802.1p priority of an untagged frame that did not come in on a port."""
        ...


@dataclass(frozen=True, slots=True)
class PortFacts:
    """What the plane needs to know of a port for each frame."""

    trunk: bool
    untagged: int
    """The VLAN of frames without a tag."""
    vlans: frozenset[int]
    """The VLANs that it carries."""
    voice: int | None
    """The VLAN that an access port carries tagged."""
    protected: bool
    blocked_unicast: bool = False
    """Unicasts to addresses that nobody knows do not leave it."""
    blocked_multicast: bool = False
    """Multicasts that carry neither IPv4 nor IPv6 do not leave it."""
    primary: int | None = None
    """Of a host or promiscuous port: its primary VLAN, whose spanning tree is that of all that it carries."""
