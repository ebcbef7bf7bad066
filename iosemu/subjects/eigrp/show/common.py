"""What the shows have in common."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.vrf import shown_vrf
from iosemu.routing.eigrp import INFINITY
from iosemu.subjects.eigrp.config import EigrpStyle
from iosemu.subjects.eigrp.service.eigrp import EigrpRouting
from iosemu.subjects.eigrp.service.instance import Instance


def chosen(device: Device, number: int | None, vrf: str = "") -> Iterator[Instance]:
    """The autonomous systems of a VRF that are meant; CommandError where there is no such VRF."""
    shown_vrf(device, vrf)
    for (home, each), instance in sorted(device.service(EigrpRouting).instances.items()):
        if home == vrf and number in (None, each):
            yield instance


def modern(device: Device) -> bool:
    """The headings of 15.x."""
    return device.image.style(EigrpStyle).modern


def heading(instance: Instance, what: str) -> str:
    """`EIGRP-IPv4 [VR(NAME) Address-Family] Neighbors for AS(1)`."""
    name = instance.config.name
    family = f" VR({name}) Address-Family" if name else ""
    return f"EIGRP-IPv4{family} {what} for AS({instance.config.number}){in_vrf(instance)}"


def in_vrf(instance: Instance) -> str:
    """What stands behind the number of an autonomous system in a VRF."""
    return f" VRF({instance.vrf})" if instance.vrf else ""


def number(distance: int) -> str:
    """A composite metric, or what stands for infinity."""
    return "Infinity" if distance >= INFINITY else str(distance)
