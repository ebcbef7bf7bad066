"""`show ip eigrp timers` and `accounting` (outputs/show_ip_eigrp_timers)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.subjects.eigrp.service.instance import Instance
from iosemu.subjects.eigrp.show.common import chosen, heading, in_vrf, modern


def _title(instance: Instance, what: str, new: bool) -> str:
    if new:
        return heading(instance, what)
    return f"IP-EIGRP {what} for AS({instance.config.number}){in_vrf(instance)}"


def show_timers(context: Context, number: int | None = None, vrf: str = "") -> Iterator[str]:
    """`show ip eigrp [vrf V] [N] timers`: what is due, by the process that waits for it."""
    new, now = modern(context.device), context.device.now
    for instance in chosen(context.device, number, vrf):
        engine = instance.engine
        yield _title(instance, "Timers", new)
        yield "  Hello Process"
        hellos = [
            (each.next_hello - now, f"Hello ({short_name(each.name)})")
            for each in engine.ports.values()
            if not each.config.passive
        ]
        yield from _tree(hellos)
        yield ""
        yield "  Update Process"
        peers = list(engine.neighbors)
        yield from _tree(
            [
                *(
                    (each.resend_at - now, "Peer transmission")
                    for each in peers
                    if each.resend_at is not None
                ),
                *((each.expires - now, "Peer holding") for each in peers),
            ],
            deep=True,
        )
        yield ""
        yield "  SIA Process"
        limit, entries = engine.config.active_time, engine.topology.entries.values()
        waits = [each.active_since + limit - now for each in entries if each.active] if limit else []
        yield from _tree([(each, "Peer query") for each in waits])
        yield ""


def _tree(due: Iterable[tuple[float, str]], deep: bool = False) -> Iterator[str]:
    """A timer under its parents; each parent is due when the first of what is below it is."""
    rows = sorted((max(0.0, seconds), text) for seconds, text in due)
    yield "    Expiration    Type"
    yield f"|{rows[0][0] if rows else 0.0:16.3f}  (parent)"
    for seconds, text in rows:
        if deep:
            yield f"  |{seconds:16.3f}  (parent)"
            yield f"    |{seconds:16.3f}  {text}"
        else:
            yield f"  |{seconds:16.3f}  {text}"


def show_accounting(context: Context, number: int | None = None, vrf: str = "") -> Iterator[str]:
    """`show ip eigrp [vrf V] [N] accounting`: how many prefixes each neighbor told."""
    new = modern(context.device)
    for instance in chosen(context.device, number, vrf):
        engine = instance.engine
        yield _title(instance, "Accounting", new)
        yield f"Total Prefix Count: {len(engine.topology.entries)}  States: A-Adjacency, P-Pending, D-Down"
        yield "State Address/Source     Interface        Prefix   Restart  Restart/"
        yield "                                          Count    Count    Reset(s)"
        given = sum(
            any(path.origin for path in each.paths.values()) for each in engine.topology.entries.values()
        )
        if instance.config.redistribute:
            yield f" A    {'Redistributed':19}{'----':17}{given:>5}{0:>10}{0:>9}"
        for each in engine.neighbors:
            state = "A" if each.up else "P"
            name = short_name(each.port.name)
            yield f" {state}    {each.address!s:19}{name:17}{len(each.heard):>5}{0:>10}{0:>9}"
        yield ""
