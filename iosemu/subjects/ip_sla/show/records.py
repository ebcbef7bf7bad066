"""`show ip sla statistics aggregated` and `show ip sla history`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.ip_sla.config import Operation
from iosemu.subjects.ip_sla.records import Hour, Numbers, sense
from iosemu.subjects.ip_sla.results import NO_CONNECTION, SOCKET_ERROR, TIMEOUT
from iosemu.subjects.ip_sla.service import IpSla
from iosemu.subjects.ip_sla.show.ip_sla import moment, operations

_LEGEND = (
    "Point by point History",
    "Multiple Lines per Entry",
    "Line 1:",
    "Entry    = Entry number",
    "LifeI    = Life index",
    "BucketI  = Bucket index",
    "SampleI  = Sample index",
    "SampleT  = Sample start time",
    "CompT    = RTT (milliseconds)",
    "Sense    = Response return code",
    "Line 2 has the Target Address",
    "Entry LifeI      BucketI    SampleI    SampleT    CompT      Sense",
)


def show_aggregated(context: Context, number: int | None = None, details: bool = False) -> Iterator[str]:
    """`show ip sla statistics aggregated [N] [details]`, as in outputs/show_ip_sla_statistics_aggregated."""
    wanted = operations(context, number)
    yield "IPSLAs aggregated statistics"
    yield ""
    for each in wanted:
        yield f"IPSLA operation id: {each.number}"
        if each.kind:
            yield f"Type of operation: {each.kind}"
        records = context.device.service(IpSla).records.get(each.number)
        for hour in records.hours if records is not None else ():
            yield f"Start Time Index: {moment(context.device, hour.began)}"
            yield from _hour(each, hour)
            if details:
                yield from _details(each, hour)
            yield ""
        if records is None or not records.hours:
            yield ""


def _hour(each: Operation, hour: Hour) -> Iterator[str]:
    if each.kind == "http":
        for name, value in zip(
            ("DNS RTT", "TCP Connection RTT", "HTTP Transaction RTT"), hour.http, strict=True
        ):
            yield f"{name}: {value}"
    elif each.kind in ("udp-jitter", "icmp-jitter"):
        yield "RTT Values:"
        yield f"        Number Of RTT: {hour.rtt.count:<16}RTT Min/Avg/Max: {hour.rtt} milliseconds"
        yield "Jitter Time:"
        yield f"        Number of SD Jitter Samples: {hour.outward.count}"
        yield f"        Number of DS Jitter Samples: {hour.homeward.count}"
        yield f"        Source to Destination Jitter Min/Avg/Max: {hour.outward} milliseconds"
        yield f"        Destination to Source Jitter Min/Avg/Max: {hour.homeward} milliseconds"
        yield "Packet Loss Values:"
        yield f"        Loss Source to Destination: {hour.lost[0]}"
        yield f"        Loss Destination to Source: {hour.lost[1]}"
        yield f"        Out Of Sequence: {hour.lost[3]:<8}Tail Drop: {hour.lost[2]}"
    yield f"Number of successes: {hour.successes}"
    yield f"Number of failures: {sum(hour.failures.values())}"


def _details(each: Operation, hour: Hour) -> Iterator[str]:
    """Why runs failed, and how their round trip times are spread."""
    known = (TIMEOUT, NO_CONNECTION, SOCKET_ERROR)
    others = sum(count for code, count in hour.failures.items() if code not in known)
    for name, count in (
        ("a Disconnect", 0),
        ("a Timeout", hour.failures[TIMEOUT]),
        ("a Busy", 0),
        ("a No Connection", hour.failures[NO_CONNECTION] + hour.failures[SOCKET_ERROR]),
        ("an Internal Error", others),
        ("a Sequence Error", 0),
        ("a Verify Error", 0),
    ):
        yield f"Number of Failed Operations due to {name}: {count}"
    yield "Distribution Statistics:"
    width = each.keeping.interval
    for place, found in enumerate(hour.ranges):
        last = place == len(hour.ranges) - 1
        yield f"Bucket Range: {place * width} to < {'infinity' if last else (place + 1) * width} ms"
        yield from _range(found, hour.successes)
    yield f"Operations completed over thresholds: {hour.over}"


def _range(found: Numbers, successes: int) -> Iterator[str]:
    share = round(100 * found.count / successes) if successes else 0
    yield f"Avg. Latency: {found.mean} ms"
    yield f"Percent of Total Completions for this Range: {share} %"
    yield f"Number of Completions: {found.count}"
    yield f"Sum of RTT: {found.total}"
    yield f"Sum of RTT low 32 Squared: {found.squares & 0xFFFFFFFF}"
    yield f"Sum of RTT high 32 Squared: {found.squares >> 32}"


def show_history(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip sla history [N]`: run by run, as `history filter` keeps them."""
    device = context.device
    wanted = operations(context, number)
    yield from _LEGEND
    for each in wanted:
        records = device.service(IpSla).records.get(each.number)
        for life in records.lives if records is not None else ():
            for bucket, samples in life.buckets:
                for place, sample in enumerate(samples, 1):
                    ticks = int((sample.when - device.booted_at) * 100)
                    columns = (life.number, bucket, place, ticks, sample.rtt)
                    row = "".join(f"{value:<11}" for value in columns)
                    yield f"{each.number:<6}{row}{sense(sample.code)}"
                    octets = sample.address.packed if sample.address is not None else bytes(4)
                    yield "  " + " ".join(f"{octet:<2X}" for octet in octets).rstrip()
