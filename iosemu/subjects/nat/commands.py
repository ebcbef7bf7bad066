"""`ip nat …`, what shows it and what clears it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import hms
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, InvalidArgument, Output, Steps
from iosemu.subjects.nat.config import (
    NAT_DEBUG,
    TIMEOUTS,
    NatConfig,
    NatSide,
    NatStyle,
    Pool,
    Rule,
    Static,
    mask_of,
)
from iosemu.subjects.nat.service import NUMBERS, Nat
from iosemu.subjects.nat.table import Address, Translation

NAMES = {6: "tcp", 17: "udp", 1: "icmp", 47: "gre", 50: "esp"}
KINDS = {"icmp": 1, **NUMBERS}


def _config(context: Context) -> NatConfig:
    config: NatConfig = context.device.config.of(NatConfig)
    return config


def interface_side(context: Context, side: str) -> None:
    """`[no] ip nat inside|outside` of an interface."""
    config = context.edited(InterfaceConfig)
    if not context.off:
        config.of(NatSide).side = side
    elif config.of(NatSide).side == side:
        config.of(NatSide).side = ""


def pool(
    context: Context,
    name: str,
    start: IPv4Address | None = None,
    end: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    length: int | None = None,
) -> None:
    """`[no] ip nat pool NAME START END netmask MASK`."""
    config = _config(context)
    if context.off:
        if any(rule.pool == name for rule in config.rules):
            raise CommandError(f"%Pool {name} in use, cannot destroy")
        config.pools.pop(name, None)
        return
    assert start is not None
    assert end is not None
    if mask is not None:
        try:
            network = IPv4Network((0, str(mask)))
        except ValueError:
            raise InvalidArgument("mask") from None
        if network.netmask != mask:
            raise InvalidArgument("mask")
        prefix = network.prefixlen
    else:
        prefix = length or 24
    if end < start:
        raise CommandError("%End address less than start address")
    if end not in IPv4Network((start, prefix), strict=False):
        raise CommandError(
            f"%Pool {name} mask {mask_of(prefix)} too small; should be at least {_span(start, end)}"
        )
    config.pools[name] = Pool(name, start, end, prefix, as_length=mask is None)


def _span(start: IPv4Address, end: IPv4Address) -> IPv4Address:
    return mask_of(32 - (int(start) ^ int(end)).bit_length())


def source_list(
    context: Context,
    access_list: str,
    interface: str | None = None,
    pool: str | None = None,
    overload: bool = False,
) -> Output:
    """`[no] ip nat inside source list ACL interface X|pool P [overload]`."""
    config, nat = _config(context), context.device.service(Nat)
    old = next((rule for rule in config.rules if rule.access_list == access_list), None)
    if context.off:
        if old is None:
            raise CommandError("%Dynamic mapping not found")
        if any(entry.origin == old for entry in nat.table):
            return _ask(context, old)
        config.rules.remove(old)
        return None
    # an interface has one address, which several hosts can share by their ports only
    new = Rule(access_list, interface, pool, overload or interface is not None)
    if pool is not None and pool not in config.pools:
        raise CommandError(f"%Pool {pool} not found")
    if old is not None and old != new and any(entry.origin == old for entry in nat.table):
        raise CommandError("%Dynamic mapping in use, cannot change")
    if old is None:
        config.rules.append(new)
    else:
        config.rules[config.rules.index(old)] = new
    return None


def _ask(context: Context, rule: Rule) -> Steps:
    answer = yield Ask("\nDynamic mapping in use, do you want to delete all entries? [no]: ")
    if answer.strip().lower() in ("y", "ye", "yes"):
        _config(context).rules.remove(rule)


def source_static(
    context: Context,
    local: IPv4Address,
    outer: IPv4Address | None = None,
    interface: str | None = None,
    protocol: str = "",
    local_port: int = 0,
    outer_port: int = 0,
    extendable: bool = False,
) -> None:
    """`[no] ip nat inside source static …`."""
    config = _config(context)
    new = Static(local, outer, interface, protocol, local_port, outer_port, extendable)
    same = next((each for each in config.statics if each.key == new.key), None)
    if context.off:
        if same is None or (same.local, same.local_port) != (local, local_port):
            raise CommandError("%Translation not found")
        config.statics.remove(same)
    elif same is None:
        config.statics.append(new)
    elif same.local != local or same.local_port != local_port:
        raise CommandError(f"% {same.local} already mapped ({same.local} -> {outer or interface})")
    else:
        config.statics[config.statics.index(same)] = new


def timeout(context: Context, kind: str, seconds: int | None = None, never: bool = False) -> None:
    """`[no] ip nat translation KIND SECONDS|never`."""
    _config(context).timeouts[kind] = TIMEOUTS[kind] if context.off else None if never else seconds


def max_entries(context: Context, limit: int | None = None) -> None:
    """`[no] ip nat translation max-entries N`."""
    _config(context).max_entries = None if context.off else limit


# --- shows -------------------------------------------------------------------------------------------


def show_translations(context: Context, kind: str = "", verbose: bool = False) -> Iterator[str]:
    """`show ip nat translations [icmp|tcp|udp] [verbose]`."""
    router = context.device
    wanted = [each for each in router.service(Nat).table if not kind or each.protocol == KINDS[kind]]
    if not wanted:
        return
    yield "Pro Inside global      Inside local       Outside local      Outside global"
    for entry in sorted(wanted, key=_order):
        yield _row(entry)
        if verbose:
            yield from _details(entry, router.now)
    if router.image.style(NatStyle).total:
        yield f"Total number of translations: {len(wanted)}"


def _order(entry: Translation) -> tuple[bool, int]:
    return (entry.protocol is None, entry.number)


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}" if address[1] else str(address[0])


def _row(entry: Translation) -> str:
    name = "---" if entry.protocol is None else NAMES.get(entry.protocol, str(entry.protocol))
    near = far = "---"
    if entry.outside is not None:
        near = far = _text(entry.outside)
        if entry.protocol == 1:
            near, far = (f"{entry.outside[0]}:{port}" for port in (entry.local[1], entry.outer[1]))
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
    yield f"{text}, use_count: 0, entry-id: {entry.number}, lc_entries: 0"


def show_statistics(context: Context) -> Iterator[str]:
    """`show ip nat statistics`."""
    router = context.device
    nat, config = router.service(Nat), router.config.of(NatConfig)
    entries = list(nat.table)
    static = sum(entry.static for entry in entries)
    extended = sum(entry.protocol is not None for entry in entries)
    dynamic = len(entries) - static
    yield f"Total active translations: {len(entries)} ({static} static, {dynamic} dynamic; {extended} extended)"
    yield f"Peak translations: {nat.peak}, occurred {hms(router.now - nat.peak_at)} ago"
    for side in ("outside", "inside"):
        yield f"{side.capitalize()} interfaces:"
        names = [name for name, each in router.config.interfaces.items() if each.of(NatSide).side == side]
        if names:
            yield f"  {', '.join(names)}"
    yield f"Hits: {nat.hits}  Misses: {nat.misses}"
    yield f"CEF Translated packets: {nat.hits}, CEF Punted packets: {nat.misses}"
    yield f"Expired translations: {nat.expired}"
    yield "Dynamic mappings:"
    if config.rules:
        yield "-- Inside Source"
    for number, rule in enumerate(config.rules, 1):
        users = [entry for entry in entries if entry.origin == rule]
        where = f"interface {rule.interface}" if rule.interface else f"pool {rule.pool}"
        yield f"[Id: {number}] access-list {rule.access_list} {where} refcount {len(users)}"
        pool = config.pools.get(rule.pool or "")
        if pool is not None:
            allocated = len({entry.outer[0] for entry in users})
            misses = nat.pool_misses.get(pool.name, 0)
            yield f" pool {pool.name}: netmask {mask_of(pool.length)}"
            yield f"\tstart {pool.start} end {pool.end}"
            yield (
                f"\ttype generic, total addresses {pool.size}, "
                f"allocated {allocated} ({allocated * 100 // pool.size}%), misses {misses}"
            )
    yield ""
    yield "Total doors: 0"
    yield "Appl doors: 0"
    yield "Normal doors: 0"
    yield "Queued Packets: 0"


def clear_all(context: Context) -> None:
    """`clear ip nat translation *`."""
    context.device.service(Nat).clear()


def clear_inside(context: Context, outer: IPv4Address, local: IPv4Address) -> None:
    """`clear ip nat translation inside GLOBAL LOCAL`."""
    _clear(context, None, (outer, 0), (local, 0))


def clear_ports(
    context: Context, protocol: str, outer: IPv4Address, outer_port: int, local: IPv4Address, local_port: int
) -> None:
    """`clear ip nat translation tcp|udp inside GLOBAL PORT LOCAL PORT`."""
    _clear(context, NUMBERS[protocol], (outer, outer_port), (local, local_port))


def _clear(context: Context, protocol: int | None, outer: Address, local: Address) -> None:
    table = context.device.service(Nat).table
    found = [
        each
        for each in table
        if not each.static and (each.protocol, each.outer, each.local) == (protocol, outer, local)
    ]
    if not found:
        raise CommandError("%Translation not dynamic")
    for entry in found:
        table.remove(entry)


def clear_statistics(context: Context) -> None:
    """`clear ip nat statistics`."""
    nat = context.device.service(Nat)
    nat.hits = nat.misses = nat.expired = 0
    nat.pool_misses.clear()


def debug(context: Context) -> str:
    """`[no] debug ip nat`: translated packets become messages of severity 7."""
    return context.device.debugging.set(NAT_DEBUG, not context.negated)


def undebug(context: Context) -> str:
    """`undebug ip nat`."""
    return context.device.debugging.set(NAT_DEBUG, False)
