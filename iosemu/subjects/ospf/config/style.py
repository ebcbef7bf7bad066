"""What differs between images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OspfStyle:
    """How OSPF is configured, shown and debugged."""

    stem: ClassVar[str] = "ospf"
    log_line: bool = False
    """`log-adjacency-changes` stands in the configuration though it is the default."""
    topology: bool = True
    """Shows speak of topologies (MTID) and of how an interface was attached."""
    long_process: bool = True
    """`show ip ospf` begins with the start time, and has the lines of later releases."""
    modern_debug: bool = True
    """`OSPF-1 ADJ   Et0/0: …`; else `OSPF: … on Ethernet0/0`."""
    reload_hint: str = '% OSPF: Reload or use "clear ip ospf process" command, for this to take effect'
    backbone_mismatch: str = "mismatched area ID from backbone area"
    """Why a packet of the backbone is refused elsewhere."""
