"""`errdisable recovery …`: which causes are recovered from, and after how long."""

from __future__ import annotations

from dataclasses import dataclass, field

CAUSES = (
    "arp-inspection",
    "bpduguard",
    "channel-misconfig",
    "dhcp-rate-limit",
    "dtp-flap",
    "gbic-invalid",
    "inline-power",
    "link-flap",
    "mac-limit",
    "loopback",
    "pagp-flap",
    "port-mode-failure",
    "pppoe-ia-rate-limit",
    "psecure-violation",
    "security-violation",
    "sfp-config-mismatch",
    "small-frame",
    "storm-control",
    "udld",
    "vmps",
)
"""Why a Catalyst disables a port, in the order in which it lists them."""
MISCONFIGURED = "channel-misconfig"
"""Shows and messages say that it comes from the spanning tree."""
BY_VLAN = ("bpduguard", "security-violation")
"""Causes that can be kept to a VLAN."""


def told(cause: str) -> str:
    """A cause as it is printed."""
    return f"{cause} (STP)" if cause == MISCONFIGURED else cause


INTERVAL = 300
"""Seconds, the default of every Catalyst."""


@dataclass(frozen=True, slots=True)
class FlapLimit:
    """So many flaps within so many seconds close a port."""

    count: int
    seconds: int


FLAPS = {"pagp-flap": FlapLimit(3, 30), "dtp-flap": FlapLimit(3, 30), "link-flap": FlapLimit(5, 10)}
"""The limits of every Catalyst, in the order in which it lists them."""


@dataclass
class ErrdisableConfig:
    """Err-disabled ports: what they are disabled for, and their recovery; `interval` in seconds."""

    causes: set[str] = field(default_factory=set)
    interval: int = INTERVAL
    undetected: set[str] = field(default_factory=set)
    """Causes for which a port is not disabled."""
    by_vlan: set[str] = field(default_factory=set)
    """Causes for which only the VLAN is taken out of service in which they were seen (`shutdown vlan`)."""
    flaps: dict[str, FlapLimit] = field(default_factory=lambda: dict(FLAPS))
