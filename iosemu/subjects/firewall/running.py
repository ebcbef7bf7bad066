"""The firewall in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection, Section
from iosemu.subjects.firewall.config.maps import ParameterMaps
from iosemu.subjects.firewall.config.zones import ZoneMember, ZonesConfig


def parameter_map_lines(device: Device, render: Render) -> Iterator[str]:
    """`parameter-map type inspect …`."""
    for each in device.config.of(ParameterMaps).maps.values():
        yield f"parameter-map type inspect {each.name}"
        yield from (f" {line}" for line in render("config-profile", each))


def zone_lines(device: Device, _render: Render) -> Iterator[str]:
    """`zone security …`."""
    for each in device.config.of(ZonesConfig).zones.values():
        yield f"zone security {each.name}"
        if each.description:
            yield f" description {each.description}"


def pair_lines(device: Device, _render: Render) -> Iterator[str]:
    """`zone-pair security …`."""
    for each in device.config.of(ZonesConfig).pairs.values():
        yield f"zone-pair security {each.name} source {each.source} destination {each.destination}"
        if each.description:
            yield f" description {each.description}"
        if each.policy:
            yield f" service-policy type inspect {each.policy}"


def _member(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    zone = config.of(ZoneMember).zone
    if zone:
        yield f" zone-member security {zone}"


SECTIONS = (
    Section("parameter-map", parameter_map_lines),
    Section("zone", zone_lines),
    Section("zone-pair", pair_lines),
)
INTERFACE_SECTIONS = (InterfaceSection("zone", _member),)
