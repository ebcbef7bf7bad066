"""Global EtherChannel configuration."""

from __future__ import annotations

from dataclasses import dataclass


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
    """`on`, `active` or `passive`."""
