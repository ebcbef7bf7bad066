"""NetFlow in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.netflow.config import FlowPort, NetflowConfig


def cache_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip flow-cache …`."""
    config, fresh = device.config.of(NetflowConfig), NetflowConfig()
    if config.entries != fresh.entries:
        yield f"ip flow-cache entries {config.entries}"
    if config.inactive != fresh.inactive:
        yield f"ip flow-cache timeout inactive {config.inactive}"
    if config.active != fresh.active:
        yield f"ip flow-cache timeout active {config.active}"


def export_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip flow-export …`."""
    config, fresh = device.config.of(NetflowConfig), NetflowConfig()
    if config.source:
        yield f"ip flow-export source {config.source}"
    if config.version_typed:
        yield f"ip flow-export version {config.version}"
    if config.refresh != fresh.refresh:
        yield f"ip flow-export template refresh-rate {config.refresh}"
    if config.template_timeout != fresh.template_timeout:
        yield f"ip flow-export template timeout-rate {config.template_timeout}"
    for address, port in config.destinations:
        yield f"ip flow-export destination {address} {port}"


def talker_lines(device: Device, _render: Render) -> Iterator[str]:
    """`ip flow-top-talkers`."""
    talkers = device.config.of(NetflowConfig).top_talkers
    if talkers is None:
        return
    yield "ip flow-top-talkers"
    if talkers.top is not None:
        yield f" top {talkers.top}"
    if talkers.sort_by:
        yield f" sort-by {talkers.sort_by}"
    if talkers.cache_timeout != type(talkers)().cache_timeout:
        yield f" cache-timeout {talkers.cache_timeout}"


def _port(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(FlowPort)
    if port is None:
        return
    if port.ingress:
        yield " ip flow ingress"
    if port.egress:
        yield " ip flow egress"
    if port.route_cache:
        yield " ip route-cache flow"


SECTIONS = (InterfaceSection("netflow", _port),)
