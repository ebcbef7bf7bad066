"""Global EtherChannel configuration."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.lacp import PRIORITY as LACP_PRIORITY
from iosemu.net.pagp import PRIORITY as PAGP_PRIORITY

MOST = 8
"""Ports that can carry the frames of one bundle."""
MODES = {"on": "", "active": "lacp", "passive": "lacp", "auto": "pagp", "desirable": "pagp"}
"""What each mode negotiates by."""


@dataclass
class EtherChannelConfig:
    """`port-channel …`."""

    load_balance: str = "src-mac"
    """How a bundle spreads frames."""
    system_priority: int = LACP_PRIORITY
    """`lacp system-priority`."""


@dataclass
class ChannelMember:
    """`channel-group N mode M` under `interface X`."""

    group: int | None = None
    mode: str = ""
    """`on`, `active`, `passive`, `auto` or `desirable`."""
    non_silent: bool = False
    """Of `auto` and `desirable`: a partner is expected."""
    protocol: str = ""
    """`channel-protocol lacp|pagp`."""
    lacp_priority: int = LACP_PRIORITY
    fast: bool = False
    """`lacp rate fast`."""
    pagp_priority: int = PAGP_PRIORITY
    learns_by_port: bool = False
    """`pagp learn-method physical-port`."""


@dataclass
class ChannelLimits:
    """Under `interface Port-channelN`."""

    most: int = MOST
    """`lacp max-bundle`: ports that carry frames; the others stand by."""
    fewest: int = 1
    """`port-channel min-links`: with fewer the bundle is down."""
