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
from iosemu.subjects.ip_sla.results import HttpTimes, Jitter, Losses, PathJitters
from iosemu.subjects.ip_sla.service import IpSla, Run


def operations(context: Context, number: int | None) -> list[Operation]:
    """The one that is asked for, or all; raises CommandError when there is no such."""
    known = context.device.config.of(IpSlaConfig).operations
    if number is not None and number not in known:
        raise CommandError("Entry not configured")
    return [known[each] for each in (sorted(known) if number is None else [number])]


def show_statistics(context: Context, number: int | None = None, details: bool = False) -> Iterator[str]:
    """`show ip sla statistics [N] [details]`."""
    wanted = operations(context, number)
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


def moment(device: Device, when: float) -> str:
    """`22:56:01 MSK Tue Jan 9 2024`."""
    then = local_time(device, when)
    return f"{then:%H:%M:%S} {then:%Z} {then:%a %b} {then.day} {then.year}"


def _statistics(device: Device, run: Run, details: bool) -> Iterator[str]:
    left = 0 if run.ends is None else max(0, int(run.ends - device.now))
    alive = f"Operation time to live: {'Forever' if run.ends is None else f'{left} sec' if left else '0'}"
    if isinstance(run.details, PathJitters):
        yield from _path_jitter(run)
        yield alive
        return
    latest = f"{run.rtt} milliseconds" if run.rtt is not None else "NoConnection/Busy/Timeout"
    yield f"        Latest RTT: {latest}"
    if run.started is not None:
        yield f"Latest operation start time: {moment(device, run.started)}"
    yield f"Latest operation return code: {run.code}"
    if isinstance(run.details, HttpTimes):
        yield f"Latest DNS RTT: {run.details.dns} ms"
        yield f"Latest TCP Connection RTT: {run.details.connect} ms"
        yield f"Latest HTTP Transaction RTT: {run.details.transaction} ms"
    elif isinstance(run.details, Jitter):
        yield from _icmp_jitter(run) if run.operation.kind == "icmp-jitter" else _jitter(run.details)
    if details:
        yield f"Over thresholds occurred: {str(run.over_threshold).upper()}"
    yield f"Number of successes: {run.successes}"
    yield f"Number of failures: {run.failures}"
    yield alive
    if details:
        yield f"Operational state of entry: {'Active' if run.active else 'Inactive'}"
        yield "Last time this entry was reset: Never"


def _path_jitter(run: Run) -> Iterator[str]:
    """What a path-jitter run measured, hop by hop."""
    found = run.details
    assert isinstance(found, PathJitters)
    operation = run.operation
    yield "---- Path Jitter Statistics ----"
    yield f"Source IP             - {found.source or '0.0.0.0'}"  # noqa: S104
    yield f"Destination IP        - {operation.destination}"
    yield f"Number of Echos       - {operation.packets}"
    yield f"Interval between Echos- {operation.interval} ms"
    yield f"Target Only           - {'Enabled' if operation.target_only else 'Disabled (default)'}"
    for hop in found.hops:
        yield f"Hop IP {hop.address}:"
        yield "Round Trip Time milliseconds:"
        yield f"        Latest RTT: {hop.rtts[-1] if hop.rtts else 0} ms"
        yield f"        Number of RTT: {len(hop.rtts)}"
        yield f"        RTT Min/Avg/Max: {three(hop.rtts)} ms"
        yield "Jitter time milliseconds:"
        yield f"        Number of jitter: {len(hop.jitters)}"
        yield f"        Jitter Min/Avg/Max: {three(hop.jitters)} ms"
        yield "Packet Values:"
        yield f"        Packet Loss (Timeouts): {hop.lost}"
        yield f"        Out of Sequence: {hop.out_of_sequence}"
        yield "        Discarded Samples: 0"


def three(values: list[int]) -> str:
    """Least, mean and greatest."""
    return f"{min(values)}/{round(sum(values) / len(values))}/{max(values)}" if values else "0/0/0"


def _ways(found: Jitter) -> tuple[tuple[str, list[int], Losses], ...]:
    return (
        ("Source to Destination", found.outward, found.lost_outward),
        ("Destination to Source", found.homeward, found.lost_homeward),
    )


def _times(found: Jitter) -> Iterator[str]:
    """Round trip times and jitter; one-way latency would need clocks that NTP keeps together."""
    yield "RTT Values:"
    yield (f"        Number Of RTT: {len(found.rtts):<16}RTT Min/Avg/Max: {three(found.rtts)} milliseconds")
    yield "Latency one-way time:"
    yield "        Number of Latency one-way Samples: 0"
    yield "        Source to Destination Latency one way Min/Avg/Max: 0/0/0 milliseconds"
    yield "        Destination to Source Latency one way Min/Avg/Max: 0/0/0 milliseconds"
    yield "Jitter Time:"
    yield f"        Number of SD Jitter Samples: {len(found.outward)}"
    yield f"        Number of DS Jitter Samples: {len(found.homeward)}"
    for way, jitter, _ in _ways(found):
        yield f"        {way} Jitter Min/Avg/Max: {three([abs(each) for each in jitter])} milliseconds"


def _icmp_jitter(run: Run) -> Iterator[str]:
    """What an icmp-jitter run measured: nobody tells in which direction a packet was lost."""
    found = run.details
    assert isinstance(found, Jitter)
    over = sum(rtt > run.operation.threshold for rtt in found.rtts)
    lost = found.lost_outward
    yield from _times(found)
    yield "Over Threshold:"
    yield f"        Number Of RTT Over Threshold: {over} ({round(100 * over / max(len(found.rtts), 1))}%)"
    yield "Packet Late Arrival: 0"
    yield f"Out Of Sequence: {found.out_of_sequence}"
    yield "        Source to Destination: 0        Destination to Source 0"
    yield f"        In both Directions: {found.out_of_sequence}"
    yield "Packet Skipped: 0       Packet Unprocessed: 0"
    yield f"Packet Loss: {lost.total + found.tail}"
    yield f"        Loss Periods Number: {len(lost.periods)}"
    yield f"        Loss Period Length Min/Max: {lost.lengths[0]}/{lost.lengths[1]}"
    yield f"        Inter Loss Period Length Min/Max: {lost.between[0]}/{lost.between[1]}"


def _jitter(found: Jitter) -> Iterator[str]:
    """What a udp-jitter run measured."""
    yield from _times(found)
    yield "Packet Loss Values:"
    for way, _, lost in _ways(found):
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
    for each in operations(context, None):
        run = device.service(IpSla).runs.get(each.number)
        sign = "~" if run is None else "*" if run.active else "^"
        stats = "-" if run is None or run.rtt is None else f"RTT={run.rtt}"
        code = "-" if run is None else "".join(word[0].upper() + word[1:] for word in run.code.split())
        last = "Pending" if run is None or run.started is None else _ago(int(device.now - run.started))
        where = (
            urlsplit(each.name).hostname
            if each.kind in ("http", "ftp")
            else each.name or each.destination or "-"
        )
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
                yield f"        {source} [{moment(device, when)}]"
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


def show_reactions(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla reaction-configuration [N]`."""
    config = context.device.config.of(IpSlaConfig)
    for each in operations(context, number):
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
    for each in operations(context, number):
        yield f"Reaction Table for Entry {each.number}"
        for target in config.triggers.get(each.number, ()):
            yield f"Target Entry Number: {target}"
            yield "Status of Entry (SNMP RowStatus): active"
            yield f"Operational State: {'active' if service.running(target) else 'pending'}"
        yield ""
