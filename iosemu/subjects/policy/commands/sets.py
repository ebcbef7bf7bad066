"""`set …` of a route-map."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.routing.bgp import extended
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.policy.config import RouteMapEntry
from iosemu.subjects.policy.config.lists import community_number
from iosemu.subjects.policy.config.route_map import ADDITIVE, Metric, SetCommunities, Verified


def metric(context: Context, value: int | None = None) -> None:
    """`[no] set metric N`."""
    wanted = None if context.off or value is None else Metric((value,))
    context.edited(RouteMapEntry).metric = wanted


def metric_change(context: Context, change: str) -> None:
    """`set metric +N` and `-N`: that much more or less than the route has."""
    value = int(change[1:])
    if value > 0xFFFFFFFF:
        raise InvalidArgument("change")
    context.edited(RouteMapEntry).metric = Metric((value,), change[0])


def metric_of_eigrp(
    context: Context, bandwidth: int, delay: int, reliability: int, loading: int, mtu: int
) -> None:
    """`set metric BANDWIDTH DELAY RELIABILITY LOADING MTU`: kb/s, 10 us, of 255, of 255, octets."""
    context.edited(RouteMapEntry).metric = Metric((bandwidth, delay, reliability, loading, mtu))


def metric_type(context: Context, kind: str = "") -> None:
    """`[no] set metric-type TYPE`."""
    context.edited(RouteMapEntry).metric_type = None if context.off else kind


def tag(context: Context, tag: int | None = None) -> None:
    """`[no] set tag N`."""
    context.edited(RouteMapEntry).tag = None if context.off else tag


def automatic_tag(context: Context) -> None:
    """`[no] set automatic-tag`."""
    context.edited(RouteMapEntry).automatic_tag = not context.off


def level(context: Context, level: str = "") -> None:
    """`[no] set level LEVEL`."""
    context.edited(RouteMapEntry).level = None if context.off else level


def _addresses(context: Context, items: list[IPv4Address], addresses: tuple[IPv4Address, ...]) -> None:
    if context.off:
        items[:] = [each for each in items if addresses and each not in addresses]
    else:
        items += [each for each in dict.fromkeys(addresses) if each not in items]


def next_hop(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] set ip next-hop A …`."""
    _addresses(context, context.edited(RouteMapEntry).next_hops, addresses)


def next_hop_peer(context: Context) -> None:
    """`[no] set ip next-hop peer-address`."""
    context.edited(RouteMapEntry).next_hop_peer = not context.off


def next_hop_recursive(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] set ip next-hop recursive A`."""
    context.edited(RouteMapEntry).next_hop_recursive = None if context.off else address


def verify_neighbors(context: Context) -> None:
    """`[no] set ip next-hop verify-availability`: next hops must be neighbors of CDP."""
    context.edited(RouteMapEntry).verify_availability = not context.off


def verify_availability(
    context: Context, address: IPv4Address, sequence: int | None = None, number: int | None = None
) -> None:
    """`[no] set ip next-hop verify-availability A SEQUENCE track N`."""
    entry = context.edited(RouteMapEntry)
    if context.off:
        entry.verified = {
            key: each
            for key, each in entry.verified.items()
            if each.address != address or sequence not in (None, key)
        }
    elif sequence is not None and number is not None:
        entry.verified = {key: each for key, each in entry.verified.items() if each.address != address}
        entry.verified[sequence] = Verified(address, sequence, number)


def default_next_hop(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] set ip default next-hop A …`."""
    _addresses(context, context.edited(RouteMapEntry).default_next_hops, addresses)


def _interfaces(context: Context, items: list[str], names: tuple[str, ...]) -> None:
    if context.off:
        items[:] = [each for each in items if names and each not in names]
    else:
        items += [each for each in dict.fromkeys(names) if each not in items]


def interface(context: Context, interfaces: tuple[str, ...] = ()) -> None:
    """`[no] set interface X …`."""
    _interfaces(context, context.edited(RouteMapEntry).out_interfaces, interfaces)


def default_interface(context: Context, interfaces: tuple[str, ...] = ()) -> None:
    """`[no] set default interface X …`."""
    _interfaces(context, context.edited(RouteMapEntry).default_interfaces, interfaces)


def precedence(context: Context, value: int | None = None) -> None:
    """`[no] set ip precedence N`."""
    context.edited(RouteMapEntry).precedence = None if context.off else value


def tos(context: Context, value: int | None = None) -> None:
    """`[no] set ip tos N`."""
    context.edited(RouteMapEntry).tos = None if context.off else value


def df(context: Context, value: int | None = None) -> None:
    """`[no] set ip df 0|1`."""
    context.edited(RouteMapEntry).df = None if context.off else value


def local_preference(context: Context, value: int | None = None) -> None:
    """`[no] set local-preference N`."""
    context.edited(RouteMapEntry).local_preference = None if context.off else value


def weight(context: Context, value: int | None = None) -> None:
    """`[no] set weight N`."""
    context.edited(RouteMapEntry).weight = None if context.off else value


def origin(context: Context, origin: str = "", number: int | None = None) -> None:
    """`[no] set origin igp | egp N | incomplete`."""
    word = f"{origin} {number}" if number is not None else origin
    context.edited(RouteMapEntry).origin = None if context.off else word


def prepend(context: Context, numbers: tuple[int, ...] = ()) -> None:
    """`[no] set as-path prepend N …`."""
    context.edited(RouteMapEntry).prepend = () if context.off else numbers


def prepend_last(context: Context, count: int | None = None) -> None:
    """`[no] set as-path prepend last-as N`."""
    context.edited(RouteMapEntry).prepend_last = None if context.off else count


def communities(context: Context, communities: tuple[str, ...] = (), additive: bool = False) -> None:
    """`[no] set community C … [additive]`."""
    entry = context.edited(RouteMapEntry)
    if context.off:
        entry.set_communities = None
        return
    try:
        numbers = [community_number(each) for each in communities]
    except ValueError:
        raise InvalidArgument("communities") from None
    entry.set_communities = SetCommunities(tuple(dict.fromkeys(numbers)), additive)


def no_communities(context: Context) -> None:
    """`set community none`: the route loses its communities."""
    context.edited(RouteMapEntry).set_communities = None if context.off else SetCommunities()


def delete_communities(context: Context, name: str = "") -> None:
    """`[no] set comm-list LIST delete`."""
    context.edited(RouteMapEntry).delete_communities = None if context.off else name


def extcommunity(context: Context, kind: str = "", values: tuple[str, ...] = ()) -> None:
    """`[no] set extcommunity rt|soo VALUE …`."""
    known = context.edited(RouteMapEntry).extcommunities
    if context.off:
        for each in [kind] if kind else list(known):
            known.pop(each, None)
    else:
        numbers = [each for each in values if each != ADDITIVE]
        try:
            for each in numbers:
                extended.community(extended.SUBTYPES[kind], each)
        except ValueError:
            raise InvalidArgument("values") from None
        if not numbers or (ADDITIVE in values and (values[-1] != ADDITIVE or kind != "rt")):
            raise InvalidArgument("values")
        known[kind] = " ".join(values)


def damping(
    context: Context, half_life: int = 15, reuse: int = 750, suppress: int = 2000, maximum: int = 60
) -> None:
    """`[no] set dampening H R S M` (RFC 2439): minutes and penalties."""
    entry = context.edited(RouteMapEntry)
    if context.off:
        entry.damping = None
        return
    made = DampingParameters(half_life, reuse, suppress, maximum)
    if not made.works:
        raise CommandError("% Invalid dampening parameters: the route would never be suppressed")
    entry.damping = made
