"""Configuration of a PC or server."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address


@dataclass
class HostConfig:
    """Gateway and name server, typed or told by DHCP; the address lives on the interface."""

    gateway: IPv4Address | None = None
    dns_server: IPv4Address | None = None
    domain: str = ""
    """The DNS suffix that a DHCP server told."""
