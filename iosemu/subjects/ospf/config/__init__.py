"""What can be configured of OSPF."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.subjects.ospf.config.process import OspfProcess


@dataclass
class OspfConfig:
    """`router ospf N`: the processes in the order in which they were made."""

    processes: dict[int, OspfProcess] = field(default_factory=dict)
