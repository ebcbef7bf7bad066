"""Global EtherChannel configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class EtherChannelConfig:
    """`port-channel …`."""

    load_balance: str = "src-mac"
    """How a bundle spreads frames."""
