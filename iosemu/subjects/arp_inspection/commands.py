"""`ip arp inspection …` and `clear ip arp inspection …`."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.subjects.arp_inspection.config import (
    ENTRIES,
    INTERVAL,
    LOGS,
    ArpFilter,
    InspectionConfig,
    InspectionPort,
    Limit,
    VlanLogging,
)
from iosemu.subjects.arp_inspection.service import ArpInspection


def _config(context: Context) -> InspectionConfig:
    config: InspectionConfig = context.device.config.of(InspectionConfig)
    return config


def vlan(context: Context, vlans: tuple[int, ...]) -> Output:
    """`[no] ip arp inspection vlan LIST`."""
    config = _config(context)
    config.vlans = config.vlans - set(vlans) if context.off else config.vlans | set(vlans)
    return None


def validate(
    context: Context,
    src_mac: bool = False,
    dst_mac: bool = False,
    ip: bool = False,
    allow_zeros: bool = False,
) -> Output:
    """`ip arp inspection validate [src-mac] [dst-mac] [ip [allow-zeros]]`; each line replaces the one before."""
    config = _config(context)
    if context.off:
        every = not (src_mac or dst_mac or ip)
        config.source_mac = config.source_mac and not (src_mac or every)
        config.destination_mac = config.destination_mac and not (dst_mac or every)
        config.ip = config.ip and not (ip or every)
        config.allow_zeros = config.allow_zeros and config.ip
        return None
    if not (src_mac or dst_mac or ip):
        raise CommandError("% Incomplete command.\n")
    config.source_mac, config.destination_mac = src_mac, dst_mac
    config.ip, config.allow_zeros = ip, allow_zeros
    return None


def filter_(context: Context, name: str, vlans: tuple[int, ...], static: bool = False) -> Output:
    """`ip arp inspection filter NAME vlan LIST [static]`."""
    filters = _config(context).filters
    for number in vlans:
        if not context.off:
            filters[number] = ArpFilter(name, static)
        elif number in filters and filters[number].name == name:
            del filters[number]
    return None


def logging(
    context: Context,
    vlans: tuple[int, ...],
    acl: str | None = None,
    dhcp: str | None = None,
    arp_probe: bool = False,
) -> Output:
    """`ip arp inspection vlan LIST logging acl-match …|dhcp-bindings …|arp-probe`."""
    kept = _config(context).logging
    for number in vlans:
        before = kept.get(number, VlanLogging())
        if acl is not None or "acl-match" in context.words:
            after = replace(before, acl="deny" if context.off or acl is None else acl)
        elif dhcp is not None or "dhcp-bindings" in context.words:
            after = replace(before, dhcp="deny" if context.off or dhcp is None else dhcp)
        else:
            after = replace(before, probe=not context.off)
        if after == VlanLogging():
            kept.pop(number, None)
        else:
            kept[number] = after
    return None


def buffer_entries(context: Context, count: int = ENTRIES) -> Output:
    """`ip arp inspection log-buffer entries N`."""
    _config(context).entries = ENTRIES if context.off else count
    return None


def buffer_logs(context: Context, count: int = LOGS, seconds: int = INTERVAL) -> Output:
    """`ip arp inspection log-buffer logs N interval S`."""
    config = _config(context)
    config.logs, config.log_interval = (LOGS, INTERVAL) if context.off else (count, seconds)
    return None


def _port(context: Context) -> InspectionPort:
    config = context.edited(InterfaceConfig)
    if config.held(Switchport) is None:
        raise InvalidArgument("inspection")
    return config.of(InspectionPort)


def trust(context: Context) -> Output:
    """`[no] ip arp inspection trust`."""
    _port(context).trusted = not context.off
    return None


def limit(context: Context, rate: int | None = None, burst: int = 1, none: bool = False) -> Output:
    """`ip arp inspection limit rate N [burst interval S]|none`."""
    _port(context).limit = None if context.off else Limit(None if none else rate, burst)
    return None


def clear_log(context: Context) -> Output:
    """`clear ip arp inspection log`."""
    context.device.service(ArpInspection).buffer.clear()
    return None


def clear_statistics(context: Context, vlans: tuple[int, ...] = ()) -> Output:
    """`clear ip arp inspection statistics [vlan LIST]`."""
    statistics = context.device.service(ArpInspection).statistics
    for number in vlans or tuple(statistics):
        statistics.pop(number, None)
    return None
