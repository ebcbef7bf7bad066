"""`ip nat …`, what shows it and what clears it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, InvalidArgument, Output, Steps
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.nat.config import (
    NAT_DEBUG,
    NUMBERS,
    TIMEOUTS,
    NatConfig,
    NatSide,
    OutsideRule,
    OutsideStatic,
    Pool,
    Rule,
    Static,
    mask_of,
)
from iosemu.subjects.nat.service import Nat


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
        used = {rule.pool for rule in config.rules} | {rule.pool for rule in config.outside_rules}
        if name in used:
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
    access_list: str = "",
    interface: str | None = None,
    pool: str | None = None,
    overload: bool = False,
    route_map: str = "",
    vrf: str = "",
    match_in_vrf: bool = False,
) -> Output:
    """`[no] ip nat inside source list ACL | route-map R interface X|pool P [vrf V [match-in-vrf]] [overload]`."""
    config, nat = _config(context), context.device.service(Nat)
    selection = Rule(access_list, route_map=route_map).selection
    old = next((rule for rule in config.rules if (rule.selection, rule.vrf) == (selection, vrf)), None)
    if context.off:
        if old is None:
            raise CommandError("%Dynamic mapping not found")
        if any(entry.origin == old for entry in nat.table):
            return _ask(context, old)
        config.rules.remove(old)
        return None
    # an interface has one address, which several hosts can share by their ports only
    found_vrf(context.device, vrf)
    new = Rule(access_list, interface, pool, overload or interface is not None, route_map, vrf, match_in_vrf)
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
    no_alias: bool = False,
    redundancy: str = "",
    vrf: str = "",
    match_in_vrf: bool = False,
) -> None:
    """`[no] ip nat inside source static …`."""
    new = Static(
        local,
        outer,
        interface,
        protocol,
        local_port,
        outer_port,
        extendable,
        no_alias=no_alias,
        redundancy=redundancy,
        vrf=vrf,
        match_in_vrf=match_in_vrf,
    )
    _static(context, new)


def _length(mask: IPv4Address | None, slash: str) -> int:
    if mask is None:
        length = int(slash.removeprefix("/"))
    else:
        try:
            network = IPv4Network((0, str(mask)))
        except ValueError:
            raise InvalidArgument("mask") from None
        if network.netmask != mask:
            raise InvalidArgument("mask")
        length = network.prefixlen
    if not 1 <= length <= 31:
        raise InvalidArgument("mask" if mask is not None else "slash")
    return length


def static_network(
    context: Context,
    local: IPv4Address,
    outer: IPv4Address,
    mask: IPv4Address | None = None,
    slash: str = "",
    extendable: bool = False,
    no_alias: bool = False,
    vrf: str = "",
    match_in_vrf: bool = False,
) -> None:
    """`[no] ip nat inside source static network LOCAL GLOBAL /N|MASK`: address by address."""
    length = _length(mask, slash)
    first, other = (IPv4Network((each, length), strict=False).network_address for each in (local, outer))
    _static(
        context,
        Static(
            first,
            other,
            None,
            extendable=extendable,
            length=length,
            as_length=mask is None,
            no_alias=no_alias,
            vrf=vrf,
            match_in_vrf=match_in_vrf,
        ),
    )


def outside_static(
    context: Context,
    outer: IPv4Address,
    local: IPv4Address,
    protocol: str = "",
    outer_port: int = 0,
    local_port: int = 0,
    mask: IPv4Address | None = None,
    slash: str = "",
    add_route: bool = False,
    vrf: str = "",
    match_in_vrf: bool = False,
    extendable: bool = False,
    no_alias: bool = False,
) -> None:
    """`[no] ip nat outside source static …`."""
    config = _config(context)
    length = _length(mask, slash) if mask is not None or slash else 32
    if length < 32:
        outer, local = (IPv4Network((each, length), strict=False).network_address for each in (outer, local))
    found_vrf(context.device, "" if context.off else vrf)
    new = OutsideStatic(
        outer,
        local,
        protocol,
        outer_port,
        local_port,
        length,
        mask is None,
        add_route,
        vrf,
        match_in_vrf,
        extendable,
        no_alias,
    )
    same = next((each for each in config.outside_statics if each.key == new.key), None)
    if context.off:
        if same is None or (same.local, same.local_port) != (local, local_port):
            raise CommandError("%Translation not found")
        config.outside_statics.remove(same)
    elif same is None:
        config.outside_statics.append(new)
    elif (same.local, same.local_port) != (local, local_port):
        raise CommandError(f"% {same.outer} already mapped ({same.outer} -> {same.local})")
    else:
        config.outside_statics[config.outside_statics.index(same)] = new


def outside_list(
    context: Context,
    access_list: str,
    pool: str = "",
    add_route: bool = False,
    vrf: str = "",
    match_in_vrf: bool = False,
) -> None:
    """`[no] ip nat outside source list ACL pool P [vrf V [match-in-vrf]] [add-route]`."""
    config = _config(context)
    found_vrf(context.device, "" if context.off else vrf)
    same = (each for each in config.outside_rules if (each.access_list, each.vrf) == (access_list, vrf))
    old = next(same, None)
    if context.off:
        if old is None:
            raise CommandError("%Dynamic mapping not found")
        config.outside_rules.remove(old)
        return
    if pool not in config.pools:
        raise CommandError(f"%Pool {pool} not found")
    new = OutsideRule(access_list, pool, add_route, vrf, match_in_vrf)
    if old is None:
        config.outside_rules.append(new)
    else:
        config.outside_rules[config.outside_rules.index(old)] = new


def _static(context: Context, new: Static) -> None:
    config = _config(context)
    found_vrf(context.device, "" if context.off else new.vrf)
    same = next((each for each in config.statics if each.key == new.key), None)
    if context.off:
        if same is None or same.inside != new.inside:
            raise CommandError("%Translation not found")
        config.statics.remove(same)
    elif same is None:
        config.statics.append(new)
    elif same.inside != new.inside:
        raise CommandError(f"% {same.local} already mapped ({same.local} -> {new.outer or new.interface})")
    else:
        config.statics[config.statics.index(same)] = new


def timeout(context: Context, kind: str, seconds: int | None = None, never: bool = False) -> None:
    """`[no] ip nat translation KIND SECONDS|never`."""
    _config(context).timeouts[kind] = TIMEOUTS[kind] if context.off else None if never else seconds


def max_entries(context: Context, limit: int | None = None) -> None:
    """`[no] ip nat translation max-entries N`."""
    _config(context).max_entries = None if context.off else limit


def clear_all(context: Context, vrf: str = "") -> None:
    """`clear ip nat translation [vrf V] * | forced`."""
    found_vrf(context.device, vrf)
    context.device.service(Nat).clear(vrf or None)


def clear_inside(
    context: Context,
    outer: IPv4Address,
    local: IPv4Address,
    far_local: IPv4Address | None = None,
    far_outer: IPv4Address | None = None,
    protocol: str = "",
    outer_port: int = 0,
    local_port: int = 0,
    far_local_port: int = 0,
    far_outer_port: int = 0,
    vrf: str = "",
) -> None:
    """`clear ip nat translation [vrf V] [tcp|udp] inside GLOBAL [PORT] LOCAL [PORT] [outside LOCAL … GLOBAL …]`."""
    found_vrf(context.device, vrf)
    nat = context.device.service(Nat)
    inside = NUMBERS[protocol] if protocol else None, (outer, outer_port), (local, local_port), vrf
    found = [
        each
        for each in nat.table
        if not each.static and (each.protocol, each.outer, each.local, each.vrf) == inside
    ]
    if far_local is not None and far_outer is not None:
        far = (far_local, far_local_port), (far_outer, far_outer_port)
        found = [each for each in found if each.outside is None or (nat.seen(each), each.outside) == far]
    if not found:
        raise CommandError("%Translation not dynamic")
    for entry in found:
        nat.table.remove(entry)


def clear_outside(context: Context, far_local: IPv4Address, far_outer: IPv4Address, vrf: str = "") -> None:
    """`clear ip nat translation [vrf V] outside LOCAL GLOBAL`."""
    found_vrf(context.device, vrf)
    outside = context.device.service(Nat).outside
    known = [each for each in outside if (each.local[0], each.outer[0]) == (far_local, far_outer)]
    if not known or not outside.clear(vrf, far_local):
        raise CommandError("%Translation not dynamic")


def clear_statistics(context: Context) -> None:
    """`clear ip nat statistics`."""
    nat = context.device.service(Nat)
    counted = nat.conversations
    counted.hits = counted.misses = counted.expired = 0
    nat.translator.outer.misses.clear()


def debug(context: Context) -> str:
    """`[no] debug ip nat`: translated packets become messages of severity 7."""
    return context.device.debugging.set(NAT_DEBUG, not context.silenced)
