"""`ip telnet …`: the box as a client."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.debugging import DebugFlag

DEBUG = DebugFlag("Incoming Telnet", "General OS")


@dataclass
class TelnetConfig:
    """How connections to other boxes are made."""

    source_interface: str = ""
    """Whose address they come from; empty: that of the way out."""
    quiet: bool = False
    """Say nothing but what goes wrong."""
