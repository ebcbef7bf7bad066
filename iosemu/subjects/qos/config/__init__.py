"""What QoS keeps: policies on interfaces, and what policy-maps do."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.subjects.qos.config.line import FairLine, RateLimit
from iosemu.subjects.qos.config.lists import QueueLists
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
    "FairLine",
    "FairQueueing",
    "Nested",
    "Police",
    "PoliceAction",
    "Priority",
    "QosPort",
    "QosStyle",
    "QueueLimit",
    "QueueLists",
    "RandomDetect",
    "RateLimit",
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
    fair: FairLine | None = None
    """`fair-queue`."""
    not_fair: bool = False
    """`no fair-queue`, where conversations would share the line by themselves."""
    priority_group: int | None = None
    """Its priority list."""
    custom_list: int | None = None
    """Its list of custom queues."""
    hold_out: int | None = None
    """`hold-queue N out`: packets; None: what the way of queueing has."""
    hold_in: int | None = None
    ring: int | None = None
    """`tx-ring-limit`: frames that are given to the hardware at once; None: one."""
    limits_in: list[RateLimit] = field(default_factory=list)
    """`rate-limit input`, in their order."""
    limits_out: list[RateLimit] = field(default_factory=list)
