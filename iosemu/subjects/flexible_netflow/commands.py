"""`flow record|exporter|monitor`, what is typed in them, and `ip flow monitor`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter
from iosemu.handling.vrf import found_vrf
from iosemu.net.netflow.flexible import PREDEFINED
from iosemu.subjects.flexible_netflow.config import (
    FlexibleConfig,
    FlexiblePort,
    FlowExporter,
    FlowMonitor,
    FlowRecord,
)
from iosemu.subjects.flexible_netflow.service import FlexibleNetflow

IN_USE = "% Flow {0}: {0} is in use. Remove from all clients before editing."


def _config(context: Context) -> FlexibleConfig:
    found: FlexibleConfig = context.device.config.of(FlexibleConfig)
    return found


def _standing(context: Context) -> set[str]:
    """The monitors at interfaces."""
    ports = (each.held(FlexiblePort) for each in context.device.config.interfaces.values())
    return {name for port in ports if port is not None for name, _direction in port.monitors}


def _editable_record(context: Context, name: str) -> None:
    """Raises CommandError where a monitor at an interface uses the record."""
    config, standing = _config(context), _standing(context)
    if any(each.record == name and each.name in standing for each in config.monitors.values()):
        raise CommandError(IN_USE.format("Record"))


def _editable_monitor(context: Context, name: str) -> None:
    if name in _standing(context):
        raise CommandError(IN_USE.format("Monitor"))


# --- records -------------------------------------------------------------------------------------------------


def record(context: Context, name: str) -> list[Enter]:
    """`[no] flow record NAME`."""
    records = _config(context).records
    if context.off:
        if any(each.record == name for each in _config(context).monitors.values()):
            raise CommandError(IN_USE.format("Record"))
        records.pop(name, None)
        return []
    return [Enter("config-flow-record", records.setdefault(name, FlowRecord(name)))]


def _field(context: Context, how: str, name: str) -> None:
    """A field is matched or collected, or no more."""
    edited = context.edited(FlowRecord)
    _editable_record(context, edited.name)
    names = edited.match if how == "match" else edited.collect
    if context.off:
        names.pop(name, None)
    else:
        names[name] = None


def ipv4_field(context: Context, how: str, field: str) -> None:
    """`match|collect ipv4 tos|protocol`."""
    _field(context, how, f"ipv4 {field}")


def address_field(context: Context, how: str, field: str) -> None:
    """`match|collect ipv4 source|destination address`."""
    _field(context, how, f"ipv4 {field} address")


def transport_field(context: Context, how: str, field: str) -> None:
    """`match|collect transport source-port|destination-port`."""
    _field(context, how, f"transport {field}")


def interface_field(context: Context, how: str, field: str) -> None:
    """`match|collect interface input|output`."""
    _field(context, how, f"interface {field}")


def direction_field(context: Context, how: str) -> None:
    """`match|collect flow direction`."""
    _field(context, how, "flow direction")


def flags_field(context: Context, how: str) -> None:
    """`collect transport tcp flags`."""
    _field(context, how, "transport tcp flags")


def next_hop_field(context: Context, how: str) -> None:
    """`collect routing next-hop address ipv4`."""
    _field(context, how, "routing next-hop address ipv4")


def counter_field(context: Context, how: str, field: str, long: bool = False) -> None:
    """`collect counter bytes|packets [long]`."""
    _field(context, how, f"counter {field}{' long' if long else ''}")


def timestamp_field(context: Context, how: str, field: str) -> None:
    """`collect timestamp sys-uptime first|last`."""
    _field(context, how, f"timestamp sys-uptime {field}")


# --- exporters -----------------------------------------------------------------------------------------------


def exporter(context: Context, name: str) -> list[Enter]:
    """`[no] flow exporter NAME`."""
    exporters = _config(context).exporters
    if context.off:
        if any(name in each.exporters for each in _config(context).monitors.values()):
            raise CommandError(IN_USE.format("Exporter"))
        exporters.pop(name, None)
        return []
    return [Enter("config-flow-exporter", exporters.setdefault(name, FlowExporter(name)))]


def destination(context: Context, address: IPv4Address | None = None, vrf: str = "") -> None:
    """`destination A [vrf V]`."""
    edited = context.edited(FlowExporter)
    if context.off or address is None:
        edited.destination, edited.vrf = None, ""
        return
    found_vrf(context.device, vrf)
    edited.destination, edited.vrf = address, vrf


# --- monitors ------------------------------------------------------------------------------------------------


def monitor(context: Context, name: str) -> list[Enter]:
    """`[no] flow monitor NAME`."""
    monitors = _config(context).monitors
    if context.off:
        _editable_monitor(context, name)
        monitors.pop(name, None)
        return []
    return [Enter("config-flow-monitor", monitors.setdefault(name, FlowMonitor(name)))]


def monitor_record(context: Context, name: str = "", which: str = "") -> None:
    """`record NAME`, `record netflow-original`, `record netflow ipv4 original-input|original-output`."""
    edited = context.edited(FlowMonitor)
    _editable_monitor(context, edited.name)
    wanted = f"netflow ipv4 {which}" if which else name
    if not context.off and wanted not in PREDEFINED and wanted not in _config(context).records:
        raise CommandError("% Flow Record: could not find record.")
    edited.record = "" if context.off else wanted


def monitor_exporter(context: Context, name: str) -> None:
    """`exporter NAME`."""
    exporters = context.edited(FlowMonitor).exporters
    if context.off:
        exporters.pop(name, None)
        return
    if name not in _config(context).exporters:
        raise CommandError("% Flow Exporter: could not find exporter.")
    exporters[name] = None


# --- interfaces ----------------------------------------------------------------------------------------------


def port(context: Context, name: str, direction: str) -> None:
    """`ip flow monitor NAME input|output`."""
    monitors = context.edited(InterfaceConfig).of(FlexiblePort).monitors
    if context.off:
        monitors.pop((name, direction), None)
        return
    if name not in _config(context).monitors:
        raise CommandError("% Flow Monitor: could not find monitor.")
    monitors[name, direction] = None


def clear_monitor(context: Context, name: str, cache: bool = False, statistics: bool = False) -> None:
    """`clear flow monitor NAME [cache | statistics]`: both without a word."""
    both = cache == statistics
    service = context.device.service(FlexibleNetflow)
    service.clear(name, flows=cache or both, statistics=statistics or both)


def clear_exporter(context: Context, name: str = "") -> None:
    """`clear flow exporter [NAME] statistics`."""
    for each, exporting in context.device.service(FlexibleNetflow).exporters.items():
        if name in ("", each):
            exporting.clear(context.device.now)
