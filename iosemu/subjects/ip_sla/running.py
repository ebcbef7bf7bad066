"""Operations and schedules in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_ranges
from iosemu.subjects.ip_sla.config import (
    INTERVAL,
    LIFE,
    PACED,
    PACKETS,
    USUAL,
    IpSlaConfig,
    Keeping,
    Operation,
    Schedule,
)


def asked(each: Operation) -> str:
    """The line that tells what an operation asks."""
    words = [each.kind]
    match each.kind:
        case "http":
            words += ["get", each.name, *(["name-server", str(each.name_server)] if each.name_server else [])]
        case "dns":
            words += [each.name, "name-server", str(each.destination)]
        case "ftp":
            words += ["get", each.name]
        case "dhcp":
            words += [str(each.destination)] if each.destination is not None else []
        case _:
            words += [str(each.destination), *([str(each.port)] if each.port else [])]
    if each.source is not None:
        words += ["source-ip", str(each.source)]
    if each.source_interface:
        words += ["source-interface", each.source_interface]
    if each.source_port:
        words += ["source-port", str(each.source_port)]
    if not each.control:
        words += ["control", "disable"]
    if each.kind in PACED and each.packets != PACKETS:
        words += ["num-packets", str(each.packets)]
    if each.kind in PACED and each.interval != INTERVAL:
        words += ["interval", str(each.interval)]
    if each.kind == "path-jitter" and each.target_only:
        words.append("targetOnly")
    return " ".join(words)


def _operation(each: Operation) -> Iterator[str]:
    """What an operation asks, and how it differs from others of its kind."""
    yield f" {asked(each)}"
    usual = USUAL[each.kind]
    if each.size != usual.size:
        yield f" request-data-size {each.size}"
    if each.tos:
        yield f" tos {each.tos}"
    if each.vrf:
        yield f" vrf {each.vrf}"
    if each.tag:
        yield f" tag {each.tag}"
    for word, value, default in (
        ("threshold", each.threshold, 5000),
        ("timeout", each.timeout, usual.timeout),
        ("frequency", each.frequency, 60),
    ):
        if value != default:
            yield f" {word} {value}"
    kept, normal = each.keeping, Keeping()
    for word, name in (
        ("hours-of-statistics-kept", "hours"),
        ("distributions-of-statistics-kept", "distributions"),
        ("statistics-distribution-interval", "interval"),
        ("lives-kept", "lives"),
        ("buckets-kept", "buckets"),
        ("filter", "filter"),
    ):
        if getattr(kept, name) != getattr(normal, name):
            yield f" history {word} {getattr(kept, name)}"


def _when(schedule: Schedule) -> str:
    """The words about life and start, each behind a blank."""
    words = ""
    if schedule.life != LIFE:
        words += f" life {'forever' if schedule.life is None else schedule.life}"
    if schedule.start:
        words += f" start-time {schedule.start}"
    if schedule.ageout:
        words += f" ageout {schedule.ageout}"
    return f"{words} recurring" if schedule.recurring else words


def sla_lines(device: Device, _render: Render) -> Iterator[str]:
    """The responder; each operation, then its schedule."""
    config = device.config.of(IpSlaConfig)
    if config.responder:
        yield "ip sla responder"
    for port in sorted(config.permanent):
        yield f"ip sla responder {port.kind} ipaddress {port.address} port {port.port}"
    for number, each in sorted(config.operations.items()):
        yield f"ip sla {number}"
        if each.kind:
            yield from _operation(each)
        found = config.schedules.get(number)
        if found is not None:
            yield f"ip sla schedule {number}{_when(found)}"
    for number, group in sorted(config.groups.items()):
        members = format_ranges(group.members)
        frequency = f" frequency {group.frequency}" if group.frequency is not None else ""
        yield (
            f"ip sla group schedule {number} {members} schedule-period {group.period}{frequency}"
            f"{_when(group.schedule)}"
        )
    for number, reactions in sorted(config.reactions.items()):
        yield from (f"ip sla reaction-configuration {number} {each.text}" for each in reactions.values())
    for number, targets in sorted(config.triggers.items()):
        yield from (f"ip sla reaction-trigger {number} {target}" for target in targets)
    if config.logging:
        yield "ip sla logging traps"
    if config.alerts:
        yield "ip sla enable reaction-alerts"
