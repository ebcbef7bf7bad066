"""The firewall in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection, Section
from iosemu.subjects.firewall.config.cbac import InspectConfig, InspectSides
from iosemu.subjects.firewall.config.maps import ParameterMaps
from iosemu.subjects.firewall.config.zones import ZoneMember, ZonesConfig

INSPECT_FIELDS = (
    "log_dropped", "audit_trail", "alert_off", "incomplete_low", "incomplete_high", "minute_low", "minute_high",
    "udp_idle", "dns_timeout", "tcp_idle", "fin_wait", "syn_wait",
)  # fmt: skip


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


def inspect_lines(device: Device, render: Render) -> Iterator[str]:
    """`ip inspect …`."""
    config = device.config.of(InspectConfig)
    yield from render("config", config, only=INSPECT_FIELDS)
    if words := config.host_words():
        yield f"ip inspect {words}"
    for name, rule in config.rules.items():
        yield from (f"ip inspect name {name} {each}" for each in rule.values())


def _inspect(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    sides = config.of(InspectSides)
    if sides.inbound:
        yield f" ip inspect {sides.inbound} in"
    if sides.outbound:
        yield f" ip inspect {sides.outbound} out"


def _member(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    zone = config.of(ZoneMember).zone
    if zone:
        yield f" zone-member security {zone}"


SECTIONS = (
    Section("ip inspect", inspect_lines),
    Section("parameter-map", parameter_map_lines),
    Section("zone", zone_lines),
    Section("zone-pair", pair_lines),
)
INTERFACE_SECTIONS = (InterfaceSection("inspect", _inspect), InterfaceSection("zone", _member))
