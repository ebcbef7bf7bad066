"""CDP and LLDP: `cdp …` and `lldp …` in global configuration; times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class CdpConfig:
    """`cdp …`; on by default, as on every Cisco box."""

    enabled: bool = True
    timer: int = 60
    holdtime: int = 180
    advertise_v2: bool = True
    log_duplex: bool = True
    """`cdp log mismatch duplex`."""


@dataclass
class LldpConfig:
    """`lldp …`; off by default."""

    enabled: bool = False
    timer: int = 30
    holdtime: int = 120
    reinit: int = 2
    without: set[str] = field(default_factory=set)
    """`no lldp tlv-select`: what switches do not say."""


@dataclass
class CdpPort:
    """`cdp enable` under `interface X`."""

    enabled: bool = True


@dataclass
class LldpPort:
    """`lldp transmit` and `lldp receive` under `interface X`."""

    transmit: bool = True
    receive: bool = True
    without_med: set[str] = field(default_factory=set)
    """`no lldp med-tlv-select`: what an endpoint of LLDP-MED is not told."""
