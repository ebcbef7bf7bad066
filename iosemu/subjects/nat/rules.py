"""What translates: the rules that were typed or that others have made, and on which side an interface is."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.subjects.nat.config import NatConfig, NatSide, Rule


class NatRules:
    """Rules and sides; some come from others than who types."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._automatic: dict[str, tuple[tuple[Rule, ...], dict[str, str]]] = {}
        """By who wants them: rules that nobody typed, and the sides of interfaces that go with them."""

    def all(self) -> list[Rule]:
        """The rules in the order in which they are looked at: those that nobody typed come first."""
        automatic = [rule for rules, _sides in self._automatic.values() for rule in rules]
        return automatic + self.device.config.of(NatConfig).rules

    def automate(self, owner: str, rules: tuple[Rule, ...], sides: dict[str, str]) -> set[str]:
        """Put rules in the place of those that `owner` had; returns the interfaces whose side may be another one."""
        _, had = self._automatic.pop(owner, ((), {}))
        if rules:
            self._automatic[owner] = (rules, sides)
        return {*sides, *had}

    def side(self, interface: str) -> str:
        """`inside`, `outside` or neither."""
        config = self.device.config.interfaces.get(interface)
        side = config.held(NatSide) if config is not None else None
        if side is not None and side.side:
            return side.side
        sides = (sides for _rules, sides in self._automatic.values())
        return next((each[interface] for each in sides if interface in each), "")

    def vrf(self, interface: str) -> str:
        """The routing instance of an interface."""
        return self.device.service(IpStack).vrf_of(interface).name
