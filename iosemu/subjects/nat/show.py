"""`show ip nat …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.handling.context import Context
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.nat.config import NUMBERS, NatConfig, NatSide, NatStyle, OutsideStatic, mask_of
from iosemu.subjects.nat.outside import OutsideEntry
from iosemu.subjects.nat.service import Nat
from iosemu.subjects.nat.table import Address, Translation

NAMES = {6: "tcp", 17: "udp", 1: "icmp", 47: "gre", 50: "esp"}
KINDS = {"icmp": 1, **NUMBERS}


def show_translations(
    context: Context, kind: str = "", verbose: bool = False, vrf: str = ""
) -> Iterator[str]:
    """`show ip nat translations [icmp|tcp|udp] [vrf V] [verbose]`: all of them, or those of a VRF."""
    router = context.device
    found_vrf(router, vrf)
    nat = router.service(Nat)
    wanted = [each for each in nat.table if not kind or each.protocol == KINDS[kind]]
    wanted = [each for each in wanted if not vrf or each.vrf == vrf]
    beyond = [each for each in nat.outside if not kind or each.protocol == KINDS[kind]]
    beyond = [each for each in beyond if not vrf or each.vrf == vrf]
    if not wanted and not beyond:
        return
    yield "Pro Inside global      Inside local       Outside local      Outside global"
    for other in beyond:
        yield _outside_row(other)
        if verbose:
            yield from _outside_details(other, router.now)
    for entry in sorted(wanted, key=_order):
        yield _row(entry, nat)
        if verbose:
            yield from _details(entry, router.now)
    if router.image.style(NatStyle).total:
        yield f"Total number of translations: {len(wanted) + len(beyond)}"


def _order(entry: Translation) -> tuple[bool, int]:
    return (entry.protocol is None, entry.number)


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}" if address[1] else str(address[0])


def _outside_row(entry: OutsideEntry) -> str:
    name = "---" if entry.protocol is None else NAMES[entry.protocol]
    return f"{name:<3} {'---':<18} {'---':<18} {_text(entry.local):<18} {_text(entry.outer)}"


def _outside_details(entry: OutsideEntry, now: float) -> Iterator[str]:
    yield f"    create {hms(now - entry.created)}, use {hms(now - entry.used)} timeout:0,"
    yield "    flags: "
    kind = "static" if isinstance(entry.origin, OutsideStatic) else "none"
    vrf = f" VRF : {entry.vrf}," if entry.vrf else ""
    yield f"{kind}, outside, use_count: 0,{vrf} entry-id: 0, lc_entries: 0"


def _row(entry: Translation, nat: Nat) -> str:
    name = "---" if entry.protocol is None else NAMES.get(entry.protocol, str(entry.protocol))
    near = far = "---"
    if entry.outside is not None:
        far = _text(entry.outside)
        known = nat.seen(entry) or entry.outside
        near = _text(known)
        if entry.protocol == 1:
            near, far = f"{known[0]}:{entry.local[1]}", f"{entry.outside[0]}:{entry.outer[1]}"
    return f"{name:<3} {_text(entry.outer):<18} {_text(entry.local):<18} {near:<18} {far}"


def _details(entry: Translation, now: float) -> Iterator[str]:
    created, used = hms(now - entry.created), hms(now - entry.used)
    if entry.static or entry.timeout is None:
        yield f"    create {created}, use {used} timeout:0,"
    else:
        left = hms(entry.used + entry.timeout - now)
        yield f"    create {created}, use {used} timeout:{entry.timeout * 1000:.0f}, left {left},"
    flags = ["static"] if entry.static else []
    if entry.protocol is not None:
        flags.append("extended")
    yield "    flags: "
    text = ", ".join(flags) or "none"
    vrf = f" VRF : {entry.vrf}," if entry.vrf else ""
    yield f"{text}, use_count: 0,{vrf} entry-id: {entry.number}, lc_entries: 0"


def show_statistics(context: Context) -> Iterator[str]:
    """`show ip nat statistics`."""
    router = context.device
    nat, config = router.service(Nat), router.config.of(NatConfig)
    counted = nat.conversations
    entries = list(nat.table)
    beyond = list(nat.outside)
    static = sum(entry.static for entry in entries) + sum(
        isinstance(each.origin, OutsideStatic) for each in beyond
    )
    extended = sum(entry.protocol is not None for entry in entries)
    total = len(entries) + len(beyond)
    dynamic = total - static
    yield f"Total active translations: {total} ({static} static, {dynamic} dynamic; {extended} extended)"
    yield f"Peak translations: {counted.peak}, occurred {hms(router.now - counted.peak_at)} ago"
    for side in ("outside", "inside"):
        yield f"{side.capitalize()} interfaces:"
        names = [name for name, each in router.config.interfaces.items() if each.of(NatSide).side == side]
        if names:
            yield f"  {', '.join(names)}"
    yield f"Hits: {counted.hits}  Misses: {counted.misses}"
    yield f"CEF Translated packets: {counted.hits}, CEF Punted packets: {counted.misses}"
    yield f"Expired translations: {counted.expired}"
    yield "Dynamic mappings:"
    if config.rules:
        yield "-- Inside Source"
    for number, rule in enumerate(config.rules, 1):
        users = [entry for entry in entries if entry.origin == rule]
        where = f"interface {rule.interface}" if rule.interface else f"pool {rule.pool}"
        vrf = f" vrf {rule.vrf}" if rule.vrf else ""
        yield f"[Id: {number}] {rule.selection.replace('list ', 'access-list ', 1)} {where}{vrf} refcount {len(users)}"
        pool = config.pools.get(rule.pool or "")
        if pool is not None:
            allocated = len({entry.outer[0] for entry in users})
            misses = nat.translator.outer.misses.get(pool.name, 0)
            yield f" pool {pool.name}: netmask {mask_of(pool.length)}"
            yield f"\tstart {pool.start} end {pool.end}"
            yield (
                f"\ttype generic, total addresses {pool.size}, "
                f"allocated {allocated} ({allocated * 100 // pool.size}%), misses {misses}"
            )
    if config.outside_rules:
        yield "-- Outside Source"
    for number, other in enumerate(config.outside_rules, len(config.rules) + 1):
        known = [entry for entry in nat.outside if entry.origin == other]
        vrf = f" vrf {other.vrf}" if other.vrf else ""
        yield f"[Id: {number}] access-list {other.access_list} pool {other.pool}{vrf} refcount {len(known)}"
    yield ""
    yield "Total doors: 0"
    yield "Appl doors: 0"
    yield "Normal doors: 0"
    yield "Queued Packets: 0"
