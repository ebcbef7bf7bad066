"""`distance D A W [ACL]`: the administrative distance of what some sources tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.subjects.routing.policy import RoutePolicies


@dataclass(frozen=True, slots=True)
class SourceDistance:
    """One line: which sources, and which of their routes."""

    distance: int
    address: IPv4Address
    wildcard: IPv4Address
    """Bits that do not count."""
    access_list: str | None = None

    @property
    def sources(self) -> tuple[IPv4Address, IPv4Address]:
        """What a later line for the same sources replaces."""
        return self.address, self.wildcard

    def words(self) -> str:
        """As it is typed."""
        text = f"distance {self.distance} {self.address} {self.wildcard}"
        return text if self.access_list is None else f"{text} {self.access_list}"

    def covers(self, source: IPv4Address) -> bool:
        """Whether it is about what a source tells."""
        return not (int(source) ^ int(self.address)) & ~int(self.wildcard) & 0xFFFFFFFF

    def concerns(self, device: Device, source: IPv4Address, network: IPv4Network) -> bool:
        """Whether it is about a route that a source told."""
        if not self.covers(source):
            return False
        policies = device.find(RoutePolicies)
        if self.access_list is None or policies is None:
            return True
        return policies.access_list(self.access_list, network)


def distance_of(
    device: Device, lines: Iterable[SourceDistance], source: IPv4Address, network: IPv4Network
) -> int | None:
    """The distance that the first line about a route gives it; None: no line is about it."""
    return next((each.distance for each in lines if each.concerns(device, source, network)), None)


def typed(
    lines: list[SourceDistance],
    off: bool,
    distance: int,
    address: IPv4Address,
    wildcard: IPv4Address,
    access_list: str | None = None,
) -> list[SourceDistance]:
    """The lines after `[no] distance …` was typed."""
    line = SourceDistance(
        distance, IPv4Address(int(address) & ~int(wildcard) & 0xFFFFFFFF), wildcard, access_list
    )
    others = [each for each in lines if each.sources != line.sources]
    return others if off else [*others, line]
