"""VRFs in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.ip.config import VrfForwarding
from iosemu.subjects.vrf.config import RouteTargets, VrfDefinition, VrfsConfig


def _named(device: Device, by_family: bool) -> Iterator[VrfDefinition]:
    vrfs = device.config.of(VrfsConfig).vrfs
    return (vrfs[name] for name in sorted(vrfs) if vrfs[name].by_family is by_family)


def _targets(targets: RouteTargets) -> Iterator[str]:
    yield from (f"route-target export {each}" for each in targets.exported)
    yield from (f"route-target import {each}" for each in targets.imported)
    if targets.maximum is not None:
        over = "warning-only" if targets.threshold is None else targets.threshold
        yield f"maximum routes {targets.maximum} {over}"


def _head(vrf: VrfDefinition) -> Iterator[str]:
    if vrf.description:
        yield f" description {vrf.description}"
    if vrf.rd is not None:
        yield f" rd {vrf.rd}"
    yield from (f" {line}" for line in _targets(vrf.common))


def vrf_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip vrf …`."""
    for number, vrf in enumerate(_named(device, by_family=False)):
        if number:
            yield "!"
        yield f"ip vrf {vrf.name}"
        yield from _head(vrf)


def definition_lines(device: Device, _render: Render) -> Iterator[str]:
    """`vrf definition …`."""
    for number, vrf in enumerate(_named(device, by_family=True)):
        if number:
            yield "!"
        yield f"vrf definition {vrf.name}"
        yield from _head(vrf)
        for family in sorted(vrf.families):
            yield " !"
            yield f" address-family {family}"
            yield from (f"  {line}" for line in _targets(vrf.families[family].targets))
            yield " exit-address-family"


def forwarding_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`[ip] vrf forwarding NAME`."""
    settings = config.held(VrfForwarding)
    if settings is None or not settings.name:
        return
    vrf = device.config.of(VrfsConfig).vrfs.get(settings.name)
    yield f" {'' if vrf is not None and vrf.by_family else 'ip '}vrf forwarding {settings.name}"
