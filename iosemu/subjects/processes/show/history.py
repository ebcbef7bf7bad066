"""`show processes cpu history`: three graphs of the processor's load, of a minute, an hour and three days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iosemu.box.counters import SAMPLE
from iosemu.box.processor import HOURS, MINUTES, SAMPLES, Span
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.subjects.processes.workload import frame_percent

_STEPS = range(100, 0, -10)


def show_history(context: Context) -> Iterator[str]:
    """`show processes cpu history`: newest at the left; IOS samples every five seconds."""
    device = context.device
    processor = device.processor
    processor.roll(device.now)
    percent = frame_percent(device) / SAMPLE

    def peaks(spans: Sequence[Span]) -> tuple[list[int], list[int]]:
        most = [_whole(span.most * percent) for span in spans]
        return most, [_whole(span.total / span.samples * percent) for span in spans]

    yield ""
    yield clock_line(context)
    yield ""
    recent = [value for frames in processor.recent for value in [_whole(frames * percent)] * int(SAMPLE)]
    yield from _graph(recent, recent, SAMPLES * int(SAMPLE), "second (last 60 seconds)", mark="*")
    yield from _graph(*peaks(processor.minutes), MINUTES, "minute (last 60 minutes)")
    yield from _graph(*peaks(processor.hours), HOURS, "hour (last 72 hours)")


def clock_line(context: Context) -> str:
    """The name of the box and its clock."""
    device = context.device
    moment = local_time(device, device.now)
    return f"{device.hostname}   {moment:%I:%M:%S %p} {moment:%A %b} {moment.day} {moment.year} {moment:%Z}"


def _whole(percent: float) -> int:
    return min(100, round(percent))


def _graph(most: list[int], average: list[int], width: int, unit: str, mark: str = "") -> Iterator[str]:
    """One graph: the figures above it upright, `*` up to the highest load and `#` up to the average."""
    digits = [str(value) if value else "" for value in most]
    for place in range(max(map(len, digits), default=0), 0, -1):
        yield ("      " + "".join(text[-place] if len(text) >= place else " " for text in digits)).rstrip()
    for step in _STEPS:
        # a load counts for a step from its middle on, as IOS rounds
        marks = (
            (mark or "#") if low + 5 >= step else "*" if high + 5 >= step else " "
            for high, low in zip(most, average, strict=True)
        )
        yield f"  {step:3} {''.join(marks)}".rstrip()
    scale = "0....5" + "".join(f"....{tick // 2}" for tick in range(2, width // 5 + 1)) + "." * (width % 5)
    tens = "".join("5    " if tick % 2 else "0    " for tick in range(width // 5 - 1))
    yield f"     {scale}"
    yield f"               {tens}".rstrip()
    yield f"               CPU% per {unit}"
    if not mark:
        yield "              * = maximum CPU%   # = average CPU%"
    yield ""
