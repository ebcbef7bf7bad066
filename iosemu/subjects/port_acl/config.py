"""`mac access-group NAME in` under an interface."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class MacAccessGroup:
    """Of a port."""

    inbound: str = ""
