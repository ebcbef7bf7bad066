"""What a class of a policy-map does on a Catalyst beside `set`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.net.marking import Trust
from iosemu.subjects.mls_qos.config import Limit
from iosemu.subjects.mqc.config import Action


@dataclass(frozen=True)
class Trusting(Action):
    """`trust [cos | dscp | ip-precedence]`."""

    trust: Trust

    def lines(self, device: Device) -> Iterable[str]:
        """`trust …`."""
        return [f"trust {self.trust.value}"]


@dataclass(frozen=True)
class Policing(Action):
    """`police RATE BURST …`, or `police aggregate NAME`: a policer that several classes of the policy share."""

    limit: Limit | None = None
    aggregate: str = ""

    def lines(self, device: Device) -> Iterable[str]:
        """`police …`."""
        return [f"police {self.limit.words() if self.limit is not None else f'aggregate {self.aggregate}'}"]
