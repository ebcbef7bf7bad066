"""`show ip sla configuration`, `show ip sla group schedule` and `show ip sla application`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from iosemu.box.device import Device
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.bridging.vlans import format_ranges
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.ip_sla.config import (
    PACED,
    POINT_BY_POINT,
    SIZED,
    Group,
    IpSlaConfig,
    Operation,
    Schedule,
)
from iosemu.subjects.ip_sla.service import ATTEMPTS, IpSla
from iosemu.subjects.ip_sla.show.ip_sla import operations

ANY = "0.0.0.0"  # noqa: S104 - as it is shown
MOST = 2000
"""Operations that a box of this size has room for."""


def show_configuration(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla configuration [N]`, as in outputs/show_ip_sla_configuration."""
    device = context.device
    config = device.config.of(IpSlaConfig)
    wanted = operations(context, number)
    yield "IP SLAs Infrastructure Engine-III"
    for each in wanted:
        yield f"Entry number: {each.number}"
        yield "Owner: "
        yield f"Tag: {each.tag}"
        yield f"Operation timeout (milliseconds): {each.timeout}"
        if each.kind:
            yield f"Type of operation to perform: {each.kind}"
            yield from _asks(each)
        group = next((group for group in config.groups.values() if each.number in group.members), None)
        yield from _schedule(device, each, config.schedules.get(each.number), group)
        yield f"Threshold (milliseconds): {each.threshold}"
        yield from _kept(each)
        yield ""


def _asks(each: Operation) -> Iterator[str]:
    """What an operation asks, by its kind."""
    source = each.source or ANY
    match each.kind:
        case "http" | "ftp":
            split = urlsplit(each.name)
            yield f"Target address/Source address: {split.hostname}/{source}"
            yield f"Target port/Source port: {split.port or (80 if each.kind == 'http' else 21)}/0"
        case "dns":
            yield f"Target Address: {each.name}"
        case "dhcp":
            yield f"Target Address/Source address: {each.destination or ANY}/{ANY}"
            return
        case _ if each.source_interface:
            yield f"Target address/Source interface: {each.destination}/{each.source_interface}"
        case _:
            yield f"Target address/Source address: {each.destination}/{source}"
    if each.port:
        yield f"Target port/Source port: {each.port}/{each.source_port}"
    yield f"Type Of Service parameter: 0x{each.tos:X}"
    if each.kind in SIZED:
        yield f"Request size (ARR data portion): {each.size}"
    if each.kind in PACED:
        yield f"Packet Interval (milliseconds)/Number of packets: {each.interval}/{each.packets}"
    if each.kind == "path-jitter":
        yield f"Target Only: {'Enabled' if each.target_only else 'Disabled'}"
    if each.kind in ("icmp-echo", "udp-echo"):
        yield "Data pattern: 0xABCDABCD"
    if each.kind in ("icmp-echo", "udp-echo", "udp-jitter", "path-echo"):
        yield "Verify data: No"
    yield f"Vrf Name: {each.vrf}"
    match each.kind:
        case "icmp-echo":
            yield "Do not fragment: No"
        case "udp-echo" | "udp-jitter" | "tcp-connect":
            yield f"Control Packets: {'enabled' if each.control else 'disabled'}"
        case "http":
            yield "HTTP Operation: get"
            yield "HTTP Server Version: 1.0"
            yield f"URL: {each.name}"
            yield f"Name Server: {each.name_server or ANY}"
        case "ftp":
            yield "FTP Operation: get"
            yield f"URL: {each.name}"
            yield "Mode: passive"
        case "dns":
            yield f"Name Server: {each.destination}"


def _schedule(
    device: Device, each: Operation, schedule: Schedule | None, group: Group | None
) -> Iterator[str]:
    """When it runs."""
    if group is not None:
        schedule = group.schedules()[each.number]
    service, frequency = device.service(IpSla), each.frequency
    if schedule is not None and schedule.frequency is not None:
        frequency = int(schedule.frequency)
    yield "Schedule:"
    yield f"   Operation frequency (seconds): {frequency}  (not considered if randomly scheduled)"
    yield f"   Next Scheduled Start Time: {_next(device, each.number, schedule)}"
    yield f"   Group Scheduled : {str(group is not None).upper()}"
    yield "   Randomly Scheduled : FALSE"
    schedule = schedule or Schedule()
    yield f"   Life (seconds): {'Forever' if schedule.life is None else schedule.life}"
    yield f"   Entry Ageout (seconds): {schedule.ageout or 'never'}"
    yield f"   Recurring (Starting Everyday): {str(schedule.recurring).upper()}"
    there = each.number in service.runs or each.number in service.due
    yield f"   Status of entry (SNMP RowStatus): {'Active' if there else 'notInService'}"


def _next(device: Device, number: int, schedule: Schedule | None) -> str:
    service = device.service(IpSla)
    if number in service.due:
        return clock_text_plain(local_time(device, service.due[number]))
    if number in service.runs or (schedule is not None and not schedule.waits):
        return "Start Time already passed"
    return "Pending trigger"


def _kept(each: Operation) -> Iterator[str]:
    """What is kept of its results."""
    kept = each.keeping
    yield "Distribution Statistics:"
    yield f"   Number of statistic hours kept: {kept.hours}"
    yield f"   Number of statistic distribution buckets kept: {kept.distributions}"
    yield f"   Statistic distribution interval (milliseconds): {kept.interval}"
    yield "Enhanced History:"
    if each.kind in POINT_BY_POINT:
        names = {"none": "None", "all": "All", "failures": "Failures", "overThreshold": "OverThreshold"}
        yield "History Statistics:"
        yield f"   Number of history Lives kept: {kept.lives}"
        yield f"   Number of history Buckets kept: {kept.buckets}"
        yield f"   History Filter Type: {names[kept.filter]}"


def show_groups(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla group schedule [N]`."""
    device = context.device
    groups = device.config.of(IpSlaConfig).groups
    if number is not None and number not in groups:
        raise CommandError("Entry not configured")
    for each in sorted(groups) if number is None else [number]:
        group = groups[each]
        service, plan = device.service(IpSla), group.schedule
        begun = any(member in service.runs or member in service.due for member in group.members)
        yield f"Group Entry Number: {each}"
        yield f"Probes to be scheduled: {format_ranges(group.members)}"
        yield f"Total number of probes: {len(group.members)}"
        yield f"Schedule period: {group.period}"
        yield "Mode: even"
        yield f"Group operation frequency: {group.frequency or 'Equals schedule period'}"
        yield f"Status of entry (SNMP RowStatus): {'Active' if begun else 'notInService'}"
        yield f"Next Scheduled Start Time: {_next(device, group.members[0], plan)}"
        yield f"Life (seconds): {'Forever' if plan.life is None else plan.life}"
        yield f"Entry Ageout (seconds): {plan.ageout or 'never'}"
        yield ""


def show_application(context: Context) -> Iterator[str]:
    """`show ip sla application`, as in outputs/show_ip_sla_application, with what iosemu has."""
    device = context.device
    service, config = device.service(IpSla), device.config.of(IpSlaConfig)
    active = sum(run.active for run in service.runs.values())
    inactive = len(service.runs) - active
    words = {"icmp-echo": "icmpEcho", "udp-echo": "udpEcho", "tcp-connect": "tcpConnect"}
    words |= {"udp-jitter": "udpJitter", "icmp-jitter": "icmpJitter"}
    names = [words.get(kind, kind) for kind in ATTEMPTS]
    yield "        IP Service Level Agreements"
    yield "Version: Round Trip Time MIB 2.2.0, Infrastructure Engine-III"
    yield ""
    yield "Supported Operation Types:"
    yield f"        {', '.join(names[:6])}"
    yield f"        {', '.join(names[6:])}"
    yield ""
    yield "Supported Features:"
    yield "        IPSLAs Event Publisher"
    yield ""
    yield f"Estimated system max number of entries: {MOST}"
    yield ""
    yield f"Estimated number of configurable operations: {MOST - len(config.operations)}"
    yield f"Number of Entries configured  : {len(config.operations)}"
    yield f"Number of active Entries      : {active}"
    yield f"Number of pending Entries     : {len(config.operations) - active - inactive}"
    yield f"Number of inactive Entries    : {inactive}"
    when = clock_text_plain(local_time(device, service.changed_at), msec=True)
    yield f"Time of last change in whole IP SLAs: {when}"
