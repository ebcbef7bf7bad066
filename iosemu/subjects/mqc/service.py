"""Who uses policy-maps."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.subjects.mqc.config import MqcConfig, PolicyMap
from iosemu.subjects.mqc.criteria import OfClass

Uses = Callable[[PolicyMap], bool]


class Maps(Service):
    """Knows which maps are in use.

    A subject that applies policy-maps (to an interface, to a pair of zones) adds a function to `users` when it starts;
    it says whether a policy-map is applied.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.users: list[Uses] = []

    def uses_policy(self, policy: PolicyMap) -> bool:
        """Whether a policy-map is applied somewhere."""
        return any(uses(policy) for uses in self.users)

    def uses_class(self, name: str, kind: str) -> bool:
        """Whether a class-map is in a policy-map, or in another class-map, of its kind."""
        config = self.device.config.of(MqcConfig)
        return any(each.kind == kind and name in each.classes for each in config.policy_maps.values()) or any(
            isinstance(criterion, OfClass) and (criterion.kind, criterion.name) == (kind, name)
            for each in config.class_maps.values()
            for criterion in each.criteria
        )
