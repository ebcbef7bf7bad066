"""`udld …`, globally and under an interface."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.udld import SLOW


@dataclass
class UdldConfig:
    """Globally; `mode` is for ports of fibre, of which none of these models has any."""

    mode: str = ""
    """`enable` or `aggressive`."""
    message_time: int = SLOW
    """Seconds."""


@dataclass
class UdldSettings:
    """`udld port [aggressive]`."""

    enabled: bool = False
    aggressive: bool = False
