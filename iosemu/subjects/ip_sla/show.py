"""`show ip sla`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.ip_sla.config import IpSlaConfig, Operation
from iosemu.subjects.ip_sla.service import IpSla, Run


def _wanted(context: Context, number: int | None) -> list[Operation]:
    known = context.device.config.of(IpSlaConfig).operations
    if number is not None and number not in known:
        raise CommandError("Entry not configured")
    return [known[each] for each in (sorted(known) if number is None else [number])]


def show_statistics(context: Context, number: int | None = None, details: bool = False) -> Iterator[str]:
    """`show ip sla statistics [N] [details]`."""
    wanted = _wanted(context, number)
    yield "IPSLAs Latest Operation Statistics"
    yield ""
    for each in wanted:
        yield f"IPSLA operation id: {each.number}"
        run = context.device.service(IpSla).runs.get(each.number)
        if run is None:
            yield "Number of successes: Unknown"
            yield "Number of failures: Unknown"
            yield "Operation time to live: 0"
        else:
            yield from _statistics(context.device, run, details)
        yield ""


def _statistics(device: Device, run: Run, details: bool) -> Iterator[str]:
    latest = f"{run.rtt} milliseconds" if run.rtt is not None else "NoConnection/Busy/Timeout"
    yield f"        Latest RTT: {latest}"
    if run.started is not None:
        system = device.config.of(SystemConfig)
        when = local_time(device, run.started)
        yield (
            f"Latest operation start time: {when:%H:%M:%S} {system.timezone.name} {when:%a %b} "
            f"{when.day} {when.year}"
        )
    yield f"Latest operation return code: {run.code}"
    if details:
        yield f"Over thresholds occurred: {str(run.over_threshold).upper()}"
    yield f"Number of successes: {run.successes}"
    yield f"Number of failures: {run.failures}"
    left = 0 if run.ends is None else max(0, int(run.ends - device.now))
    yield f"Operation time to live: {'Forever' if run.ends is None else f'{left} sec' if left else '0'}"
    if details:
        yield f"Operational state of entry: {'Active' if run.active else 'Inactive'}"
        yield "Last time this entry was reset: Never"


def show_configuration(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla configuration [N]`."""
    config = context.device.config.of(IpSlaConfig)
    wanted = _wanted(context, number)
    yield "IP SLAs Infrastructure Engine-III"
    for each in wanted:
        schedule = config.schedules.get(each.number)
        yield f"Entry number: {each.number}"
        yield "Owner: "
        yield f"Tag: {each.tag}"
        yield f"Operation timeout (milliseconds): {each.timeout}"
        if each.destination is not None:
            source = each.source_interface or each.source or "0.0.0.0"  # noqa: S104
            yield "Type of operation to perform: icmp-echo"
            yield f"Target address/Source {'interface' if each.source_interface else 'address'}: {each.destination}/{source}"  # noqa: E501
        yield f"Request size (ARR data portion): {each.size}"
        yield "Schedule:"
        yield f"   Operation frequency (seconds): {each.frequency}"
        now = schedule is not None and schedule.now
        yield f"   Next Scheduled Start Time: {'Start Time already passed' if now else 'Pending trigger'}"
        life = 3600 if schedule is None else schedule.life
        yield f"   Life (seconds): {'Forever' if life is None else life}"
        yield f"   Status of entry (SNMP RowStatus): {'Active' if now else 'notInService'}"
        yield f"Threshold (milliseconds): {each.threshold}"
        yield ""
