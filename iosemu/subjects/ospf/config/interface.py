"""What is typed of OSPF under `interface X`."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.routing.ospf import NetworkType
from iosemu.subjects.ospf.config.area import NO_KEYS, AreaId, OspfKeys


@dataclass
class OspfInterface:
    """`ip ospf …`; times in seconds, None where IOS has its default."""

    process: int | None = None
    area: AreaId | None = None
    """`ip ospf N area A`."""
    secondaries: bool = True
    network_type: NetworkType | None = None
    cost: int | None = None
    hello: int | None = None
    dead: int | None = None
    hello_multiplier: int | None = None
    """`dead-interval minimal hello-multiplier N`: N hellos a second, dead after one."""
    retransmit: int | None = None
    transmit_delay: int | None = None
    priority: int | None = None
    keys: OspfKeys = NO_KEYS
    mtu_ignore: bool = False
    filter_out: bool = False
    """`ip ospf database-filter all out`."""
