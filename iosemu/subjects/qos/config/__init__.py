"""What QoS keeps: policies on interfaces, and what policy-maps do."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.subjects.qos.config.policing import Police, PoliceAction
from iosemu.subjects.qos.config.queueing import (
    Bandwidth,
    Dropping,
    FairQueueing,
    Nested,
    Priority,
    QueueLimit,
    RandomDetect,
    Shape,
)
from iosemu.subjects.qos.config.setting import SetCos, SetDscp, SetPrecedence, SetQosGroup
from iosemu.subjects.qos.config.style import QosStyle

__all__ = [
    "Bandwidth",
    "Dropping",
    "FairQueueing",
    "Nested",
    "Police",
    "PoliceAction",
    "Priority",
    "QosPort",
    "QosStyle",
    "QueueLimit",
    "RandomDetect",
    "SetCos",
    "SetDscp",
    "SetPrecedence",
    "SetQosGroup",
    "Shape",
]

SHAPE_LIMIT = 1000
"""Packets."""


@dataclass
class QosPort:
    """What is typed under `interface X`."""

    input: str = ""
    """The policy-map of `service-policy input`."""
    output: str = ""
    pre_classify: bool = False
    """`qos pre-classify` of a tunnel: its packets are classified by what is in them."""
    shape: Shape | None = None
    """`traffic-shape rate`: a shaper without any policy-map."""
    shape_limit: int = SHAPE_LIMIT
    """Packets that wait for it, at most."""
    reservable: int | None = None
    """`max-reserved-bandwidth`, per cent; None: what the image lets be reserved."""
