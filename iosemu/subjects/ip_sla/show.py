"""`show ip sla`."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from iosemu.box.device import Device
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.ip_sla.config import IpSlaConfig, Operation
from iosemu.subjects.ip_sla.reactions import ELEMENTS
from iosemu.subjects.ip_sla.responder import Responder
from iosemu.subjects.ip_sla.results import HttpTimes, Jitter
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


def _moment(device: Device, when: float) -> str:
    """`22:56:01 MSK Tue Jan 9 2024`."""
    then = local_time(device, when)
    return f"{then:%H:%M:%S} {then:%Z} {then:%a %b} {then.day} {then.year}"


def _statistics(device: Device, run: Run, details: bool) -> Iterator[str]:
    latest = f"{run.rtt} milliseconds" if run.rtt is not None else "NoConnection/Busy/Timeout"
    yield f"        Latest RTT: {latest}"
    if run.started is not None:
        yield f"Latest operation start time: {_moment(device, run.started)}"
    yield f"Latest operation return code: {run.code}"
    if isinstance(run.details, HttpTimes):
        yield f"Latest DNS RTT: {run.details.dns} ms"
        yield f"Latest TCP Connection RTT: {run.details.connect} ms"
        yield f"Latest HTTP Transaction RTT: {run.details.transaction} ms"
    elif isinstance(run.details, Jitter):
        yield from _jitter(run.details)
    if details:
        yield f"Over thresholds occurred: {str(run.over_threshold).upper()}"
    yield f"Number of successes: {run.successes}"
    yield f"Number of failures: {run.failures}"
    left = 0 if run.ends is None else max(0, int(run.ends - device.now))
    yield f"Operation time to live: {'Forever' if run.ends is None else f'{left} sec' if left else '0'}"
    if details:
        yield f"Operational state of entry: {'Active' if run.active else 'Inactive'}"
        yield "Last time this entry was reset: Never"


def _three(values: list[int]) -> str:
    """Least, mean and greatest."""
    return f"{min(values)}/{round(sum(values) / len(values))}/{max(values)}" if values else "0/0/0"


def _jitter(found: Jitter) -> Iterator[str]:
    """What a udp-jitter run measured; one-way latency would need clocks that NTP keeps together."""
    yield "RTT Values:"
    yield (f"        Number Of RTT: {len(found.rtts):<16}RTT Min/Avg/Max: {_three(found.rtts)} milliseconds")
    yield "Latency one-way time:"
    yield "        Number of Latency one-way Samples: 0"
    yield "        Source to Destination Latency one way Min/Avg/Max: 0/0/0 milliseconds"
    yield "        Destination to Source Latency one way Min/Avg/Max: 0/0/0 milliseconds"
    ways = (
        ("Source to Destination", found.outward, found.lost_outward),
        ("Destination to Source", found.homeward, found.lost_homeward),
    )
    yield "Jitter Time:"
    yield f"        Number of SD Jitter Samples: {len(found.outward)}"
    yield f"        Number of DS Jitter Samples: {len(found.homeward)}"
    for way, jitter, _ in ways:
        yield f"        {way} Jitter Min/Avg/Max: {_three([abs(each) for each in jitter])} milliseconds"
    yield "Packet Loss Values:"
    for way, _, lost in ways:
        yield f"        Loss {way}: {lost.total}"
        yield f"        {way} Loss Periods Number: {len(lost.periods)}"
        yield f"        {way} Loss Period Length Min/Max: {lost.lengths[0]}/{lost.lengths[1]}"
        yield f"        {way} Inter Loss Period Length Min/Max: {lost.between[0]}/{lost.between[1]}"
    yield f"        Out Of Sequence: {found.out_of_sequence:<8}Tail Drop: {found.tail}"
    yield "        Packet Late Arrival: 0  Packet Skipped: 0"
    yield "Voice Score Values:"
    yield "        Calculated Planning Impairment Factor (ICPIF): 0"
    yield "        Mean Opinion Score (MOS): 0"


def show_summary(context: Context) -> Iterator[str]:
    """`show ip sla summary`, as in outputs/show_ip_sla_summary."""
    device = context.device
    yield "IPSLAs Latest Operation Summary"
    yield "Codes: * active, ^ inactive, ~ pending"
    yield ""
    yield "ID           Type        Destination       Stats       Return      Last"
    yield "                                           (ms)        Code        Run "
    yield "-" * 71
    for each in _wanted(context, None):
        run = device.service(IpSla).runs.get(each.number)
        sign = "~" if run is None else "*" if run.active else "^"
        stats = "-" if run is None or run.rtt is None else f"RTT={run.rtt}"
        code = "-" if run is None else "".join(word[0].upper() + word[1:] for word in run.code.split())
        last = "Pending" if run is None or run.started is None else _ago(int(device.now - run.started))
        where = urlsplit(each.name).hostname if each.kind == "http" else each.name or each.destination or "-"
        yield f"{f'{sign}{each.number}':<13}{each.kind or '-':<12}{where!s:<18}{stats:<12}{code:<11} {last}"


def _ago(seconds: int) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            rest = seconds % size
            more = f", {_ago(rest)}" if name == "minute" and rest else " ago"
            return f"{count} {name}{'s' * (count != 1)}{more}"
    return f"{seconds} second{'s' * (seconds != 1)} ago"


def show_responder(context: Context) -> Iterator[str]:
    """`show ip sla responder`: the two parts of outputs/show_ip_sla_responder, and what was heard."""
    device, config = context.device, context.device.config.of(IpSlaConfig)
    found = device.service(Responder)
    yield "        General IP SLA Responder on Control port 1967"
    yield f"General IP SLA Responder is: {'Enabled' if config.responder else 'Disabled'}"
    if config.responder:
        yield f"Number of control message received: {found.messages} Number of errors: {found.errors} "
        for title, sources in (("Recent sources:", found.recent), ("Recent error sources:", found.faulty)):
            yield title
            for source, when in sources:
                yield f"        {source} [{_moment(device, when)}]"
    yield ""
    yield "        Permanent Port IP SLA Responder"
    yield f"Permanent Port IP SLA Responder is: {'Enabled' if config.permanent else 'Disabled'}"
    for kind, title in (("udp-echo", "udpEcho Responder:"), ("tcp-connect", "tcpConnect Responder:")):
        ports = sorted(each for each in config.permanent if each.kind == kind)
        if ports:
            yield ""
            yield title
            yield "  IP Address             Port"
            for port in ports:
                yield f"  {port.address!s:<23}{port.port}"


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
        if each.kind == "icmp-echo":
            source = each.source_interface or each.source or "0.0.0.0"  # noqa: S104
            yield "Type of operation to perform: icmp-echo"
            yield f"Target address/Source {'interface' if each.source_interface else 'address'}: {each.destination}/{source}"  # noqa: E501
        elif each.kind:
            yield from _asks(each)
        if each.kind in ("", "icmp-echo", "udp-echo", "udp-jitter"):
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


def _asks(each: Operation) -> Iterator[str]:
    """What an operation other than icmp-echo asks."""
    source = each.source or "0.0.0.0"  # noqa: S104
    yield f"Type of operation to perform: {each.kind}"
    if each.kind == "http":
        yield f"Target address/Source address: {urlsplit(each.name).hostname}/{source}"
        yield "Operation to perform: get"
        yield f"URL: {each.name}"
        yield f"Name server: {each.name_server or '0.0.0.0'}"  # noqa: S104
        return
    if each.kind == "dns":
        yield f"Target Address: {each.name}"
        yield f"Name Server: {each.destination}"
        return
    yield f"Target address/Source address: {each.destination}/{source}"
    yield f"Target port/Source port: {each.port}/{each.source_port}"
    if each.kind == "udp-jitter":
        yield f"Packet Interval (milliseconds)/Number of packets: {each.interval}/{each.packets}"
    yield f"Control Packets: {'enabled' if each.control else 'disabled'}"


def show_reactions(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla reaction-configuration [N]`."""
    config = context.device.config.of(IpSlaConfig)
    for each in _wanted(context, number):
        yield f"Entry Number: {each.number}"
        for reaction in config.reactions.get(each.number, {}).values():
            unit = ELEMENTS[reaction.element].unit
            yield f"Reaction: {reaction.element}"
            yield f"Threshold Type: {reaction.type.capitalize() if reaction.type != 'xOfy' else 'XofY'}"
            yield f"Rising{unit}: {reaction.upper}"
            yield f"Falling{unit}: {reaction.lower}"
            yield f"Threshold Count: {reaction.count}"
            yield f"Threshold Count2: {reaction.count2}"
            action = {"none": "None", "trapOnly": "Trap only", "triggerOnly": "Trigger only"}
            yield f"Action Type: {action.get(reaction.action, 'Trap and trigger')}"
        yield ""


def show_triggers(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla reaction-trigger [N]`."""
    config, service = context.device.config.of(IpSlaConfig), context.device.service(IpSla)
    for each in _wanted(context, number):
        yield f"Reaction Table for Entry {each.number}"
        for target in config.triggers.get(each.number, ()):
            yield f"Target Entry Number: {target}"
            yield "Status of Entry (SNMP RowStatus): active"
            yield f"Operational State: {'active' if service.running(target) else 'pending'}"
        yield ""
