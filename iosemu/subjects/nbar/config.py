"""What is configured of NBAR on interfaces; the ports of protocols are the modular command line's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class DiscoveryPort:
    """What is typed under `interface X`."""

    discovery: bool = False
    """`ip nbar protocol-discovery`."""
