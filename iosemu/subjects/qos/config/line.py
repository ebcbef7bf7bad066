"""How an interface queues without any policy-map, and its rate limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.subjects.qos.config.policing import PoliceAction
from iosemu.subjects.qos.config.style import QosStyle

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.interface import Interface

E1 = 2048
"""kbit/s: serial lines up to that queue fairly by themselves, before the hierarchical framework."""
THRESHOLD = 64
"""Packets that a conversation may have waiting."""
FAIR_HOLD_QUEUE = 1000
"""Packets of all conversations together."""
_CONVERSATIONS = ((64, 16), (128, 32), (256, 64), (512, 128))
"""Queues of a line of up to so many kbit/s."""
FASTEST = 256


@dataclass(frozen=True)
class FairLine:
    """`fair-queue [THRESHOLD [DYNAMIC [RESERVED]]]`."""

    threshold: int = THRESHOLD
    dynamic: int | None = None
    """Conversations; None: by the bandwidth."""
    reserved: int = 0

    def conversations(self, kbps: int) -> int:
        """How many there are on a line of so many kbit/s."""
        if self.dynamic is not None:
            return self.dynamic
        return next((queues for upto, queues in _CONVERSATIONS if kbps <= upto), FASTEST)

    def words(self) -> str:
        """As it is shown in the configuration."""
        if self == FairLine():
            return "fair-queue"
        return f"fair-queue {self.threshold} {self.dynamic or FASTEST} {self.reserved}"


@dataclass(frozen=True)
class RateLimit:
    """`rate-limit input|output …`: bits per second, and bursts in octets."""

    rate: int
    normal: int
    extended: int
    conform: PoliceAction
    exceed: PoliceAction
    access_list: str = ""
    dscp: int | None = None
    qos_group: int | None = None

    def match(self) -> str:
        """What it is about, as it is typed; empty: everything."""
        if self.access_list:
            return f"access-group {self.access_list}"
        if self.dscp is not None:
            return f"dscp {self.dscp}"
        return f"qos-group {self.qos_group}" if self.qos_group is not None else ""

    def words(self) -> str:
        """As it is typed behind the direction."""
        match = f"{self.match()} " if self.match() else ""
        actions = f"conform-action {spelled(self.conform)} exceed-action {spelled(self.exceed)}"
        return f"{match}{self.rate} {self.normal} {self.extended} {actions}"


def spelled(action: PoliceAction) -> str:
    """An action of a rate limit: its values are numbers."""
    return action.kind if action.value is None else f"{action.kind} {action.value}"


def is_fair_by_itself(device: Device, interface: Interface) -> bool:
    """Whether conversations share the line though nothing is configured."""
    return (
        interface.serial
        and interface.is_physical
        and interface.rated_bandwidth <= E1
        and not device.image.style(QosStyle).hierarchical
    )
