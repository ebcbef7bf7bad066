"""What is typed about Frame Relay."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.packets.frame_relay import LmiType


@dataclass
class FrameRelayConfig:
    """`frame-relay switching`."""

    switching: bool = False


@dataclass(frozen=True)
class StaticMap:
    """`frame-relay map ip A DLCI [broadcast] [ietf|cisco]`."""

    dlci: int
    broadcast: bool = False
    encapsulation: str = ""
    """`ietf` or `cisco`; empty: that of the interface."""


@dataclass
class FrameRelaySettings:
    """`frame-relay …` under an interface or a subinterface."""

    lmi_type: LmiType | None = None
    """None: found out."""
    network: bool = False
    """`frame-relay intf-type dce`: this end is the switch's."""
    inverse_arp: bool = True
    maps: dict[IPv4Address, StaticMap] = field(default_factory=dict)
    circuits: list[int] = field(default_factory=list)
    """`frame-relay interface-dlci N`."""
    routes: dict[int, tuple[str, int]] = field(default_factory=dict)
    """`frame-relay route N interface X M`."""
