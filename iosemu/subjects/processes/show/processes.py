"""`show processes [cpu | memory]` and `show memory statistics`: what the workload of a box is."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.processes.workload import pools, processes, utilization

CPU_HEADER = " PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process "


def show_cpu(context: Context, order: str = "") -> Iterator[str]:
    """`show processes cpu [sorted]`."""
    device = context.device
    load = utilization(device)
    yield (
        f"CPU utilization for five seconds: {load.five_seconds:.0f}%/{load.interrupt:.0f}%; "
        f"one minute: {load.one_minute:.0f}%; five minutes: {load.five_minutes:.0f}%"
    )
    yield CPU_HEADER
    rows = list(enumerate(processes(device), 1))
    if order:
        rows.sort(key=lambda row: -row[1].runtime)
    for number, process in rows:
        shares = [0.0, 0.0, 0.0]
        if process.name == "IP Input":
            # the part of the load that is not spent in interrupts is the packets' way through IP
            shares = [load.five_seconds - load.interrupt, load.one_minute / 2, load.five_minutes / 2]
        percents = " ".join(f"{share:5.2f}%" for share in shares)
        yield (
            f"{number:>4} {process.runtime:>11} {process.invoked:>11} {process.microseconds:>10} "
            f"{percents}   0 {process.name:<17}"
        )


def show_memory(context: Context, order: str = "") -> Iterator[str]:
    """`show processes memory [sorted]`."""
    device = context.device
    for pool in pools(device):
        yield f"{pool.name:>9} Pool Total: {pool.total:>10} Used: {pool.used:>10} Free: {pool.free:>10}"
    yield ""
    yield " PID TTY  Allocated      Freed    Holding    Getbufs    Retbufs Process"
    rows = list(enumerate(processes(device), 1))
    if order:
        rows.sort(key=lambda row: -row[1].holding)
    for number, process in rows:
        allocated = process.holding + process.freed
        yield (
            f"{number:>4} {0:>3} {allocated:>10} {process.freed:>10} {process.holding:>10} "
            f"{0:>10} {0:>10} {process.name:<16}"
        )
    yield f"{sum(process.holding for _, process in rows):>41} Total"


def show_processes(context: Context) -> Iterator[str]:
    """`show processes`."""
    load = utilization(context.device)
    yield (
        f"CPU utilization for five seconds: {load.five_seconds:.0f}%/{load.interrupt:.0f}%; "
        f"one minute: {load.one_minute:.0f}%; five minutes: {load.five_minutes:.0f}%"
    )
    yield " PID QTy       PC Runtime (ms)    Invoked   uSecs    Stacks TTY Process"
    for number, process in enumerate(processes(context.device), 1):
        yield (
            f"{number:>4} Mwe {0x40000000 + number * 0x4D2C:8X} {process.runtime:>12} {process.invoked:>10} "
            f"{process.microseconds:>7} {'5496/6000':>9} {0:>3} {process.name:<17}"
        )


def show_statistics(context: Context) -> Iterator[str]:
    """`show memory statistics`."""
    yield "                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)"
    for pool in pools(context.device):
        largest = pool.free - pool.free % 4096
        yield (
            f"{pool.name:>9} {pool.head:>10X} {pool.total:>11} {pool.used:>11} {pool.free:>11} "
            f"{pool.free:>11} {largest:>11}"
        )
