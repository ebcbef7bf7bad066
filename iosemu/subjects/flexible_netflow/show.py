"""`show flow record|exporter|monitor|interface`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import TypeVar

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.ip.config import primary_address
from iosemu.net.netflow.fields import Field, Form, Value
from iosemu.net.netflow.flexible import MonitorCache, values
from iosemu.subjects.flexible_netflow.config import (
    IPFIX,
    FlexibleConfig,
    FlexiblePort,
    FlowExporter,
    FlowMonitor,
)
from iosemu.subjects.flexible_netflow.export import Exporting
from iosemu.subjects.flexible_netflow.service import FlexibleNetflow

USER_DEFINED = "User defined"
ENTRY = 76
"""Octets that an entry of a cache is said to need beside its fields."""
_PROTOCOL = {IPFIX: "IPFIX (Version 10)"}
NamedT = TypeVar("NamedT")


def _config(context: Context) -> FlexibleConfig:
    found: FlexibleConfig = context.device.config.of(FlexibleConfig)
    return found


def _chosen(all_: Mapping[str, NamedT], name: str) -> list[NamedT]:
    return [each for key, each in all_.items() if name in ("", key)]


def show_record(context: Context, name: str = "") -> Iterator[str]:
    """`show flow record [NAME]`."""
    config = _config(context)
    for record in _chosen(config.records, name):
        users = sum(each.record == record.name for each in config.monitors.values())
        yield f"flow record {record.name}:"
        yield f"  Description:        {record.description or USER_DEFINED}"
        yield f"  No. of users:       {users}"
        yield f"  Total field space:  {sum(each.octets for each in record.record.fields)} bytes"
        yield "  Fields:"
        yield from (f"    match {each}" for each in record.match)
        yield from (f"    collect {each}" for each in record.collect)
        yield ""


def show_exporter(context: Context, name: str = "", statistics: bool = False) -> Iterator[str]:
    """`show flow exporter [NAME] [statistics]`."""
    service, device = context.device.service(FlexibleNetflow), context.device
    for exporter in _chosen(_config(context).exporters, name):
        yield f"Flow Exporter {exporter.name}:"
        if statistics:
            yield from _statistics(device, service.exporters[exporter.name])
        else:
            yield from _exporter(device, exporter, service.exporters[exporter.name])
        yield ""


def _exporter(device: Device, exporter: FlowExporter, exporting: Exporting) -> Iterator[str]:
    source = primary_address(device.config.interfaces.get(exporter.source))
    yield f"  Description:              {exporter.description or USER_DEFINED}"
    yield f"  Export protocol:          {_PROTOCOL.get(exporter.protocol, 'NetFlow Version 9')}"
    yield "  Transport Configuration:"
    if exporter.destination is not None:
        yield f"    Destination IP address: {exporter.destination}"
    if exporter.vrf:
        yield f"    VRF label:              {exporter.vrf}"
    if source is not None:
        yield f"    Source IP address:      {source}"
        yield f"    Source Interface:       {exporter.source}"
    yield "    Transport Protocol:     UDP"
    yield f"    Destination Port:       {exporter.port}"
    if exporting.source_port:
        yield f"    Source Port:            {exporting.source_port}"
    yield f"    DSCP:                   0x{exporter.dscp:X}"
    yield f"    TTL:                    {exporter.ttl}"
    yield "    Output Features:        Not Used"


def _statistics(device: Device, exporting: Exporting) -> Iterator[str]:
    yield f"  Packet send statistics (last cleared {span(device.now - exporting.cleared)} ago):"
    yield f"    Successfully sent:         {exporting.datagrams:<21} ({exporting.octets} bytes)"
    if exporting.failed:
        yield f"    No destination address:    {exporting.failed}"
    yield ""
    yield "  Client send statistics:"
    for name, client in exporting.clients.items():
        yield f"    Client: Flow Monitor {name}"
        yield f"      Records added:           {client.records}"
        yield f"        - sent:                {client.records}"
        yield f"      Bytes added:             {client.octets}"
        yield f"        - sent:                {client.octets}"


def show_monitor(context: Context, name: str = "") -> Iterator[str]:
    """`show flow monitor [NAME]`."""
    caches = context.device.service(FlexibleNetflow).caches
    for monitor in _chosen(_config(context).monitors, name):
        yield from _monitor(_config(context), monitor, monitor.name in caches)
        yield ""


def _monitor(config: FlexibleConfig, monitor: FlowMonitor, allocated: bool) -> Iterator[str]:
    record = config.record_of(monitor)
    size = ENTRY + sum(each.octets for each in record.fields) if record is not None else 0
    yield f"Flow Monitor {monitor.name}:"
    yield f"  Description:       {monitor.description or USER_DEFINED}"
    yield f"  Flow Record:       {monitor.record or 'not configured'}"
    for place, exporter in enumerate(monitor.exporters):
        yield f"  {'' if place else 'Flow Exporter:':<19}{exporter}"
    yield "  Cache:"
    yield "    Type:              normal"
    yield f"    Status:            {'allocated' if allocated else 'not allocated'}"
    yield f"    Size:              {monitor.entries} entries / {monitor.entries * size if allocated else 0} bytes"
    yield f"    Inactive Timeout:  {monitor.inactive} secs"
    yield f"    Active Timeout:    {monitor.active} secs"
    yield "    Update Timeout:    1800 secs"


def show_statistics(context: Context, name: str) -> Iterator[str]:
    """`show flow monitor NAME statistics`."""
    cache = context.device.service(FlexibleNetflow).caches.get(name)
    monitor = _config(context).monitors.get(name)
    if cache is None or monitor is None:
        yield from _no_cache(name, monitor)
        return
    yield from _counted(cache, monitor)


def _no_cache(name: str, monitor: FlowMonitor | None) -> Iterator[str]:
    if monitor is None:
        yield "% Flow Monitor: could not find monitor."
    else:
        yield f"Cache for monitor {name} is not allocated"


def _counted(cache: MonitorCache, monitor: FlowMonitor) -> Iterator[str]:
    aged = cache.aged
    yield f"  Cache type:                            {'Normal':>11}"
    yield f"  Cache size:                            {monitor.entries:>11}"
    yield f"  Current entries:                       {len(cache.flows):>11}"
    yield f"  High Watermark:                        {cache.high:>11}"
    yield ""
    yield f"  Flows added:                           {cache.added:>11}"
    yield f"  Flows aged:                            {sum(aged.values()):>11}"
    for text, count in (
        (f"Active timeout      ({monitor.active:>6} secs)", aged["active"]),
        (f"Inactive timeout    ({monitor.inactive:>6} secs)", aged["inactive"]),
        ("Event aged", aged["event"]),
        ("Watermark aged", 0),
        ("Emergency aged", aged["emergency"]),
    ):
        yield f"    - {text:<33}{count:>11}"
    yield ""


def show_cache(context: Context, name: str, how: str = "table") -> Iterator[str]:
    """`show flow monitor NAME cache [format csv|record|table]`."""
    device = context.device
    cache = device.service(FlexibleNetflow).caches.get(name)
    monitor = _config(context).monitors.get(name)
    if cache is None or monitor is None:
        yield from _no_cache(name, monitor)
        return
    yield from _counted(cache, monitor)
    fields = cache.record.fields
    rows = [
        [_text(each, value, device) for each, value in zip(fields, found, strict=True)]
        for found in (values(flow, fields, device.booted_at) for flow in cache.flows.values())
    ]
    if how == "record":
        yield from _as_records(cache, fields, rows)
    elif how == "csv":
        yield ",".join(each.column.upper() for each in _keys(cache, fields)) + _rest(cache, fields, ",")
        yield from (",".join(row) for row in rows)
    elif rows:
        yield _row(fields, [_column(cache, each) for each in fields])
        yield "  ".join("=" * each.width for each in fields)
        for row in rows:
            yield _row(fields, row)


def _row(fields: list[Field], texts: list[str]) -> str:
    """Addresses stand left, all else right."""
    return "  ".join(
        text.ljust(each.width) if each.form is Form.ADDRESS else text.rjust(each.width)
        for each, text in zip(fields, texts, strict=True)
    )


def _keys(cache: MonitorCache, fields: list[Field]) -> list[Field]:
    return [each for each in fields if each.name in cache.record.match]


def _rest(cache: MonitorCache, fields: list[Field], comma: str) -> str:
    return "".join(f"{comma}{_column(cache, each)}" for each in fields if each.name not in cache.record.match)


def _column(cache: MonitorCache, each: Field) -> str:
    """What is matched is written large, what is collected small."""
    return each.column.upper() if each.name in cache.record.match else each.column.lower()


def _as_records(cache: MonitorCache, fields: list[Field], rows: list[list[str]]) -> Iterator[str]:
    widest = max((len(each.title) for each in fields), default=0) + 2
    for row in rows:
        for each, text in zip(fields, row, strict=True):
            matched = each.name in cache.record.match
            title = each.title.upper() if matched else each.title.lower()
            yield f"{title + ':':<{widest}}{text}"
        yield ""


def _text(field: Field, value: Value, device: Device) -> str:
    if field.form is Form.HEXADECIMAL:
        return f"0x{int(value) if not isinstance(value, IPv4Address) else 0:02X}"
    if field.form is Form.DIRECTION:
        return "Output" if value else "Input"
    if field.form is Form.INTERFACE:
        return short_name(str(value)) if str(value) in device.interfaces else str(value)
    if field.form is Form.TIME and isinstance(value, int):
        moment = int(device.origin.timestamp() + device.booted_at) * 1000 + value
        seconds, thousandths = divmod(moment, 1000)
        hours, rest = divmod(seconds % 86400, 3600)
        return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}.{thousandths:03d}"
    return str(value)


def show_interface(context: Context, interface: str = "") -> Iterator[str]:
    """`show flow interface [X]`."""
    for name, config in context.device.config.interfaces.items():
        port = config.held(FlexiblePort)
        if port is None or not port.monitors or interface not in ("", name):
            continue
        yield f"Interface {name}"
        for monitor, direction in port.monitors:
            yield f"  FNF:  monitor:          {monitor}"
            yield f"        direction:        {direction.capitalize()}"
            yield "        traffic(ip):      on"
