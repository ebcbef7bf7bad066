"""`ip dhcp snooping …`, globally and under an interface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SnoopingConfig:
    """Globally: both `enabled` and a VLAN of `vlans` are needed for it to work there."""

    enabled: bool = False
    vlans: frozenset[int] = frozenset()
    insertion: bool = True
    """`information option`: option 82 is put into requests."""
    allow_untrusted: bool = False
    """Requests that have option 82 already are taken on untrusted ports, too."""
    verify_mac: bool = True
    """The source address of a frame must be the client's hardware address."""
    verify_relay: bool = True
    """No relay agent is expected behind an untrusted port."""


@dataclass
class SnoopingPort:
    """Of a port."""

    trusted: bool = False
    rate: int | None = None
    """DHCP packets a second; None is without limit."""
