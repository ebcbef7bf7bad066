"""What `show interfaces` says of the queues of an interface with an output policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.queueing.queues import FairQueue
from iosemu.net.queueing.scheduler import Node
from iosemu.subjects.qos.config import Bandwidth, Priority, QosPort, QosStyle
from iosemu.subjects.qos.config.line import THRESHOLD
from iosemu.subjects.qos.config.lists import PriorityList

if TYPE_CHECKING:
    from iosemu.subjects.qos.attached import AttachedPolicy
    from iosemu.subjects.qos.line import LineQueueing

CUSTOM_ROW = 5
"""Queues of a custom list in a row."""
CLASS_HOLD_QUEUE = 1000
"""Packets that may wait in all queues of an interface together, as shows have it."""


def interface_lines(
    device: Device, interface: Interface, policy: AttachedPolicy, root: Node, drops: int
) -> list[str]:
    """`Queueing strategy` of a policy whose classes have queues, and the lines below it."""
    if device.image.style(QosStyle).hierarchical:
        return [
            "  Queueing strategy: Class-based queueing",
            f"  Output queue: {root.backlog}/{CLASS_HOLD_QUEUE}/{drops} (size/max total/drops)",
        ]
    flows = [leaf.queue for leaf in root.leaves() if isinstance(leaf.queue, FairQueue)]
    active, most = sum(len(each.flows) for each in flows), sum(each.most for each in flows)
    reserved = sum(
        any(each.find(kind) is not None for kind in (Bandwidth, Priority)) for each in policy.classes
    )
    return [
        "  Queueing strategy: Class-based queueing",
        f"  Output queue: {root.backlog}/{CLASS_HOLD_QUEUE}/{THRESHOLD}/{drops} (size/max total/threshold/drops)",
        f"     Conversations  {active}/{most}/256 (active/max active/max total)",
        f"     Reserved Conversations {reserved}/{reserved} (allocated/max allocated)",
        f"     Available Bandwidth {available(device, interface, policy)} kilobits/sec",
    ]


def fifo_lines(interface: Interface) -> list[str]:
    """The same of a line without queues of its own."""
    return ["  Queueing strategy: fifo", f"  Output queue: 0/{interface.hold_out} (size/max)"]


def fair_lines(device: Device, interface: Interface, flows: FairQueue, drops: int) -> list[str]:
    """The same of a line that conversations share."""
    hold = f"{flows.depth}/{flows.limit}"
    shared = (
        f"     Conversations  {len(flows.flows)}/{flows.most}/{flows.queues} (active/max active/max total)"
    )
    if device.image.style(QosStyle).hierarchical:
        return [
            "  Queueing strategy: weighted fair",
            f"  Output queue: {hold}/{drops} (size/max total/drops)",
            shared,
        ]
    return [
        "  Queueing strategy: weighted fair",
        f"  Output queue: {hold}/{flows.flow_limit}/{drops} (size/max total/threshold/drops)",
        shared,
        "     Reserved Conversations 0/0 (allocated/max allocated)",
        f"     Available Bandwidth {reservable(device, interface)} kilobits/sec",
    ]


def list_lines(queueing: LineQueueing, leaves: dict[str, Node]) -> list[str]:
    """The same of a line whose queues are those of a list."""
    sizes = []
    for name, leaf in leaves.items():
        queue = leaf.queue
        assert queue is not None
        sizes.append(f"{name}: {queue.depth}/{queue.limit}/{queue.counters.drops}")
    if isinstance(queueing.sorted_by, PriorityList):
        return [
            f"  Queueing strategy: priority-list {queueing.list_number}",
            "  Output queue (queue priority: size/max/drops):",
            f"     {', '.join(sizes)}",
        ]
    rows = [" ".join(sizes[at : at + CUSTOM_ROW]) for at in range(0, len(sizes), CUSTOM_ROW)]
    return [
        f"  Queueing strategy: custom-list {queueing.list_number}",
        "  Output queues: (queue #: size/max/drops)",
        *(f"     {row}" for row in rows),
    ]


def reservable(device: Device, interface: Interface) -> int:
    """kbit/s of an interface that classes may have."""
    port = interface.config.held(QosPort)
    percent = port.reservable if port is not None and port.reservable is not None else None
    if percent is None:
        percent = device.image.style(QosStyle).reservable
    return interface.bandwidth * percent // 100


def available(device: Device, interface: Interface, policy: AttachedPolicy) -> int:
    """kbit/s of that which no class has."""
    taken = 0
    for each in policy.classes:
        priority, bandwidth = each.find(Priority), each.find(Bandwidth)
        if priority is not None:
            taken += priority.rate(policy.kbps) or 0
        elif bandwidth is not None:
            taken += bandwidth.rate(policy.kbps)
    return max(reservable(device, interface) - taken, 0)
