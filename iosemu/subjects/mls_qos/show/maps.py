"""`show mls qos maps` (command reference of the Catalyst 3560)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.handling.context import Context
from iosemu.net.marking import UNCHANGED
from iosemu.subjects.mls_qos.config import QosConfig


def show_maps(context: Context, kind: str = "", name: str | None = None) -> Iterator[str]:
    """`show mls qos maps [KIND [NAME]]`."""
    config = context.device.config.of(QosConfig)
    found = config.maps
    if kind in ("", "policed-dscp"):
        yield "   Policed-dscp map:"
        yield from _by_dscp(found.policed_dscp)
    if kind in ("", "dscp-cos"):
        yield "   Dscp-cos map:"
        yield from _by_dscp(found.dscp_cos)
    for word, title, label, row in (
        ("cos-dscp", "Cos-dscp", "cos", found.cos_dscp),
        ("ip-prec-dscp", "IpPrecedence-dscp", "ipprec", found.precedence_dscp),
    ):
        if kind in ("", word):
            yield f"   {title} map:"
            yield f"{label + ':':>12} {_columns(range(8))} "
            yield f"     {'-' * 32}"
            yield f"{'dscp:':>12} {_columns(row)} "
            yield ""
    for side, by_dscp in (("output", config.output_by_dscp), ("input", config.input_by_dscp)):
        if kind in ("", f"dscp-{side}-q"):
            yield f"   Dscp-{side}q-threshold map:"
            yield f"     d1 :d2    {'     '.join(map(str, range(10)))} "
            yield f"     {'-' * 60}"
            for first in range(7):
                places = by_dscp[first * 10 : first * 10 + 10]
                yield f"      {first} :    {''.join(f'{queue:02}-{threshold:02} ' for queue, threshold in places)}"
            yield ""
    for side, by_cos in (("output", config.output_by_cos), ("input", config.input_by_cos)):
        if kind in ("", f"cos-{side}-q"):
            yield f"   Cos-{side}q-threshold map:"
            yield f"              cos:  {'   '.join(map(str, range(8)))}  "
            yield f"              {'-' * 36}"
            yield f"  queue-threshold: {''.join(f'{queue}-{threshold} ' for queue, threshold in by_cos)}"
            yield ""
    if kind in ("", "dscp-mutation"):
        yield "   Dscp-dscp mutation map:"
        for each, row in ({"Default DSCP Mutation Map": UNCHANGED} | config.mutations).items():
            if name in (None, each):
                yield f"   {each}:"
                yield from _by_dscp(row)


def _by_dscp(row: tuple[int, ...]) -> Iterator[str]:
    """A map from DSCPs: tens downwards, ones to the right."""
    yield f"     d1 :  d2 {'  '.join(map(str, range(10)))} "
    yield f"     {'-' * 39}"
    for first in range(7):
        yield f"      {first} :    {''.join(f'{each:02} ' for each in row[first * 10 : first * 10 + 10])}"
    yield ""


def _columns(row: Iterable[int]) -> str:
    return "".join(f"{each:>3}" for each in row)
