"""Flexible NetFlow in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.subjects.flexible_netflow.config import FlexibleConfig, FlexiblePort, FlowExporter, FlowMonitor


def record_lines(device: Device, _render: Render) -> Iterator[str]:
    """`flow record …`."""
    for record in device.config.of(FlexibleConfig).records.values():
        yield f"flow record {record.name}"
        if record.description:
            yield f" description {record.description}"
        yield from (f" match {name}" for name in record.match)
        yield from (f" collect {name}" for name in record.collect)
        yield "!"


def exporter_lines(device: Device, _render: Render) -> Iterator[str]:
    """`flow exporter …`."""
    for exporter in device.config.of(FlexibleConfig).exporters.values():
        fresh = FlowExporter("")
        yield f"flow exporter {exporter.name}"
        if exporter.description:
            yield f" description {exporter.description}"
        if exporter.destination is not None:
            yield f" destination {exporter.destination}{f' vrf {exporter.vrf}' if exporter.vrf else ''}"
        if exporter.source:
            yield f" source {exporter.source}"
        if exporter.dscp:
            yield f" dscp {exporter.dscp}"
        if exporter.ttl != fresh.ttl:
            yield f" ttl {exporter.ttl}"
        if exporter.port != fresh.port:
            yield f" transport udp {exporter.port}"
        if exporter.protocol != fresh.protocol:
            yield f" export-protocol {exporter.protocol}"
        if exporter.template_timeout != fresh.template_timeout:
            yield f" template data timeout {exporter.template_timeout}"
        yield "!"


def monitor_lines(device: Device, _render: Render) -> Iterator[str]:
    """`flow monitor …`."""
    for monitor in device.config.of(FlexibleConfig).monitors.values():
        fresh = FlowMonitor("")
        yield f"flow monitor {monitor.name}"
        if monitor.description:
            yield f" description {monitor.description}"
        yield from (f" exporter {name}" for name in monitor.exporters)
        if monitor.inactive != fresh.inactive:
            yield f" cache timeout inactive {monitor.inactive}"
        if monitor.active != fresh.active:
            yield f" cache timeout active {monitor.active}"
        if monitor.entries != fresh.entries:
            yield f" cache entries {monitor.entries}"
        if monitor.record:
            yield f" record {monitor.record}"
        yield "!"


def port_lines(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip flow monitor …`."""
    port = config.held(FlexiblePort)
    for name, direction in port.monitors if port is not None else ():
        yield f" ip flow monitor {name} {direction}"
