"""Global EtherChannel configuration."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.pagp import PRIORITY as PAGP_PRIORITY

MODES = {"on": "", "active": "lacp", "passive": "lacp", "auto": "pagp", "desirable": "pagp"}
"""What each mode negotiates by."""


@dataclass
class EtherChannelConfig:
    """`port-channel …`."""

    load_balance: str = "src-mac"
    """How a bundle spreads frames."""


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
    pagp_priority: int = PAGP_PRIORITY
    learns_by_port: bool = False
    """`pagp learn-method physical-port`."""
