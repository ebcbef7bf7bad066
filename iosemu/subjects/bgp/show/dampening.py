"""`show ip bgp dampening`: paths that come and go (RFC 2439)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import span
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.routing.bgp import Path
from iosemu.routing.bgp.dampening import DampingParameters
from iosemu.subjects.bgp.service.bgp import Bgp
from iosemu.subjects.bgp.service.instance import Instance
from iosemu.subjects.bgp.show.table import (
    ORIGINS,
    active,
    compiled,
    heading,
    lookup,
    named,
    network_text,
    status,
)
from iosemu.subjects.routing.policy import RoutePolicies

_NETWORK = 17
_Wanted = Callable[[IPv4Network, Path], bool]


def show_parameters(context: Context) -> Iterator[str]:
    """`show ip bgp dampening parameters`."""
    return _parameters(active(context.device), "base", "")


def show_all_parameters(context: Context) -> Iterator[str]:
    """`show ip bgp all dampening parameters`: of the default instance and of each VRF."""
    instances, default = context.device.service(Bgp).instances, active(context.device)
    yield "For address family: IPv4 Unicast"
    yield ""
    yield from _parameters(default, "base", "")
    for name in sorted(each for each in instances if each):
        yield ""
        yield f"For vrf: {name}"
        yield ""
        yield from _parameters(instances[name], f"vrf {name}", "")


def _parameters(instance: Instance, where: str, margin: str) -> Iterator[str]:
    found = instance.family.damping
    if found is None:
        yield f"{margin}% dampening not enabled for {where}"
        return
    if isinstance(found, str):
        yield f"{margin} dampening route-map {found}"
        return
    default = " (DEFAULT)" if found == DampingParameters() else ""
    words = f"{found.half_life} {found.reuse} {found.suppress} {found.maximum}"
    yield f"{margin} dampening {words}{default}"
    half, decay = f"{found.half_life} mins", f"{found.decay_time} secs"
    yield f"{margin}  Half-life time      : {half:14}Decay Time       : {decay}"
    ceiling = int(found.ceiling + 1e-6) // 10 * 10
    yield f"{margin}  Max suppress penalty: {ceiling:5}         Max suppress time: {found.maximum} mins"
    yield f"{margin}  Suppress penalty    : {found.suppress:5}         Reuse penalty    : {found.reuse}"


def show_dampened(context: Context) -> Iterator[str]:
    """`show ip bgp dampening dampened-paths`: what is not used now, and for how long."""
    return _dampened(context, active(context.device), None)


def show_neighbor(context: Context, address: IPv4Address, what: str) -> Iterator[str]:
    """`show ip bgp neighbors A dampened-routes | flap-statistics`."""
    instance = active(context.device)
    if address not in instance.speaker.peers:
        raise CommandError(f"% No such neighbor {address}")
    if what == "dampened-routes":
        return _dampened(context, instance, address)
    return _flaps(context, instance, lambda _network, path: _from(path) == address)


def _from(path: Path) -> IPv4Address:
    return path.peer.config.address if path.peer is not None else IPv4Address(0)


def _dampened(context: Context, instance: Instance, peer: IPv4Address | None) -> Iterator[str]:
    now, rows = context.device.now, []
    for network, entry in sorted(instance.speaker.table.items()):
        for path in entry.paths:
            if (
                path.history
                or path.flaps is None
                or not path.flaps.suppressed
                or peer not in (None, _from(path))
            ):
                continue
            reuse = span(path.flaps.reuse_at - now)
            name = network_text(network)
            rows.append(
                f"{status(instance, network, entry, path)}{name:{_NETWORK}}{_from(path)!s:17}{reuse:9}"
                f"{_words(instance, path)}"
            )
    if rows:
        yield from heading(instance.speaker, "   Network          From             Reuse    Path")
        yield from rows


def _words(instance: Instance, path: Path) -> str:
    return f"{path.attributes.path_text(instance.router.dotted)} {ORIGINS[path.attributes.origin]}".strip()


def show_flaps(
    context: Context,
    network: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    longer_prefixes: bool = False,
    expression: str | None = None,
    number: int | None = None,
) -> Iterator[str]:
    """`show ip bgp [dampening] flap-statistics [A [M] [longer-prefixes] | regexp R | filter-list N]`."""
    instance = active(context.device)
    dotted = instance.router.dotted
    wanted: _Wanted = lambda _network, _path: True  # noqa: E731 - one of four
    if expression is not None:
        regexp = compiled(expression)
        wanted = lambda _network, path: regexp.found_in(path.attributes.path_text(dotted))  # noqa: E731
    elif number is not None:
        lists = context.device.service(RoutePolicies)
        wanted = lambda _network, path: lists.as_path_list(number, path.attributes.path_text(dotted))  # noqa: E731
    elif network is not None:
        found = named(network, mask) if longer_prefixes else lookup(instance.speaker, network, mask)
        if found is None:
            raise CommandError("% Network not in table")
        wanted = lambda each, _path: each == found or (longer_prefixes and each.subnet_of(found))  # noqa: E731
    return _flaps(context, instance, wanted)


def _flaps(context: Context, instance: Instance, wanted: _Wanted) -> Iterator[str]:
    now, rows = context.device.now, []
    for network, entry in sorted(instance.speaker.table.items()):
        for path in entry.paths:
            flaps = path.flaps
            if flaps is None or not wanted(network, path):
                continue
            reuse = span(flaps.reuse_at - now) if flaps.suppressed else ""
            name = network_text(network)
            rows.append(
                f"{status(instance, network, entry, path)}{name:{_NETWORK}}{_from(path)!s:16}{flaps.count:<6}"
                f"{span(now - flaps.since):9}{reuse:9}{path.attributes.path_text(instance.router.dotted)}"
            )
    if rows:
        yield from heading(
            instance.speaker, "   Network          From            Flaps Duration Reuse    Path"
        )
        yield from rows
