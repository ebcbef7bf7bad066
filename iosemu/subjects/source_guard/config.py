"""`ip source binding …`, and `ip verify source` under an interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress


@dataclass(frozen=True, slots=True)
class StaticBinding:
    """Where a station with its address is."""

    address: IPv4Address
    port: str


@dataclass
class SourceBindings:
    """The static bindings, by VLAN and station: one address for each."""

    rows: dict[tuple[int, MacAddress], StaticBinding] = field(default_factory=dict)


@dataclass
class SourceVerification:
    """Of a port: whether sources are verified, and by what."""

    by: str = ""
    """`ip`, or `ip-mac` (with port security); empty: they are not."""
