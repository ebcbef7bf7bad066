"""What is configured of NetFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

DESTINATIONS = 2
"""Collectors at most."""


@dataclass
class FlowPort:
    """What is typed under `interface X`."""

    ingress: bool = False
    egress: bool = False
    route_cache: bool = False
    """`ip route-cache flow`: what comes in by the port and its subinterfaces."""


@dataclass
class TopTalkers:
    """`ip flow-top-talkers`: kept once there is a number and an order."""

    top: int | None = None
    sort_by: str = ""
    """`bytes` or `packets`."""
    cache_timeout: int = 5000
    """Milliseconds for which a list is good."""


@dataclass
class NetflowConfig:
    """The cache and the export."""

    entries: int = 4096
    active: int = 30
    """Minutes after which a flow that goes on is told of."""
    inactive: int = 15
    """Seconds without packets after which one is over."""
    version: int = 1
    version_typed: bool = False
    source: str = ""
    """The interface whose address exports come from."""
    destinations: list[tuple[IPv4Address, int]] = field(default_factory=list)
    refresh: int = 20
    """Datagrams between two templates of version 9."""
    template_timeout: int = 30
    """Minutes between two of them."""
    top_talkers: TopTalkers | None = None
