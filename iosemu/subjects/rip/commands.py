"""`router rip` and what is typed in it, `ip rip …`, `debug ip rip`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument
from iosemu.handling.vrf import found_vrf
from iosemu.ip.stack import IpStack
from iosemu.net.prefixes import masked
from iosemu.routing.filters import DistributeList, OffsetList, replaced
from iosemu.routing.rip import AuthenticationMode, Timers, major
from iosemu.subjects.rip.config import (
    DATABASE_DEBUG,
    DISTANCE,
    EVENTS_DEBUG,
    MAXIMUM_PATHS,
    PROTOCOL_DEBUG,
    Redistribute,
    RipConfig,
    RipPort,
    RipProcess,
    splits_usually,
)
from iosemu.subjects.routing.distances import typed


def router(context: Context) -> list[Enter]:
    """`[no] router rip`."""
    config = context.device.config.of(RipConfig)
    if context.off:
        config.process = None
        return []
    if not context.device.service(IpStack).forwarding:
        raise CommandError("IP routing not enabled")
    if config.process is None:
        config.process = RipProcess()
    return [Enter("config-router-rip", config.process)]


def family_vrf(context: Context, vrf: str, unicast: bool = False) -> list[Enter]:
    """`[no] address-family ipv4 [unicast] vrf V`."""
    vrfs = _process(context).vrfs
    if context.off:
        vrfs.pop(vrf, None)
        return []
    found_vrf(context.device, vrf)
    if vrf not in vrfs:
        vrfs[vrf] = RipProcess(vrf)
    return [Enter("config-router-rip-vrf", vrfs[vrf])]


def _process(context: Context) -> RipProcess:
    return context.edited(RipProcess)


def network(context: Context, address: IPv4Address) -> None:
    """`[no] network A.B.C.D`: kept as the classful network that it lies in."""
    if int(address) >> 24 >= 224 or address.is_loopback:
        raise CommandError("Invalid network number")
    networks = _process(context).networks
    if context.off:
        networks.pop(major(address), None)
    else:
        networks[major(address)] = None


def version(context: Context, number: int = 0) -> None:
    """`[no] version 1|2`."""
    _process(context).version = None if context.off else number


def auto_summary(context: Context) -> None:
    """`[no] auto-summary`."""
    _process(context).auto_summary = context.defaulted or not context.negated


def validate(context: Context) -> None:
    """`[no] validate-update-source`."""
    _process(context).validate_source = context.defaulted or not context.negated


def timers(context: Context, update: int = 0, invalid: int = 0, holddown: int = 0, flush: int = 0) -> None:
    """`[no] timers basic UPDATE INVALID HOLDDOWN FLUSH`, seconds."""
    _process(context).timers = Timers() if context.off else Timers(update, invalid, holddown, flush)


def passive(context: Context, default: bool = False, interface: str = "") -> None:
    """`[no] passive-interface default | INTERFACE`."""
    process = _process(context)
    if default:
        if process.passive_default == context.off:
            process.passive_default = not context.off
            process.exceptions.clear()
    elif process.passive(interface) == context.off:
        if interface in process.exceptions:
            del process.exceptions[interface]
        else:
            process.exceptions[interface] = None


def neighbor(context: Context, address: IPv4Address) -> None:
    """`[no] neighbor A.B.C.D`."""
    neighbors = _process(context).neighbors
    if context.off:
        neighbors.pop(address, None)
    else:
        neighbors[address] = None


def default_originate(context: Context, name: str | None = None) -> None:
    """`[no] default-information originate [route-map NAME]`."""
    process = _process(context)
    process.default_originate = not context.off
    process.default_route_map = None if context.off else name


def default_metric(context: Context, metric: int = 0) -> None:
    """`[no] default-metric N`."""
    _process(context).default_metric = None if context.off else metric


def maximum_paths(context: Context, count: int = 0) -> None:
    """`[no] maximum-paths N`."""
    _process(context).maximum_paths = MAXIMUM_PATHS if context.off else count


def distance(
    context: Context,
    value: int = 0,
    address: IPv4Address | None = None,
    wildcard: IPv4Address | None = None,
    name: str = "",
) -> None:
    """`[no] distance N [A.B.C.D WILDCARD [ACL]]`."""
    process = _process(context)
    if address is None or wildcard is None:
        process.distance = DISTANCE if context.off else value
        return
    process.distances = typed(process.distances, context.off, value, address, wildcard, name or None)


def offset_list(context: Context, name: str, direction: str, offset: int = 0, interface: str = "") -> None:
    """`[no] offset-list ACL in|out N [INTERFACE]`."""
    process = _process(context)
    each = OffsetList(name, direction == "out", offset, interface)
    process.offsets = replaced(process.offsets, each, removed=context.off)


def distribute_list(
    context: Context,
    direction: str,
    access_list: str = "",
    prefix_list: str = "",
    gateway: str = "",
    interface: str = "",
    protocol: str = "",
    number: int | None = None,
) -> None:
    """`[no] distribute-list (ACL | prefix NAME [gateway NAME] | gateway NAME) in|out [INTERFACE | PROTOCOL]`."""
    origin = f"{protocol} {number}" if number is not None else protocol
    each = DistributeList(
        direction == "out", access_list, prefix_list, gateway, interface=interface, origin=origin
    )
    lists = _process(context).lists
    if context.off:
        lists.pop(each.place, None)
    else:
        lists[each.place] = each


def redistribute(
    context: Context,
    protocol: str,
    number: int | None = None,
    metric: int | None = None,
    transparent: bool = False,
    name: str | None = None,
) -> None:
    """`[no] redistribute ORIGIN [N] [metric N | metric transparent] [route-map NAME]`.

    Typing it again with fewer words keeps what was there (ROUTING.md 2).
    """
    origin = f"{protocol} {number}" if number is not None else protocol
    orders = _process(context).redistribute
    known = orders.get(origin, Redistribute())
    given = metric is not None or transparent
    if not context.off:
        orders[origin] = Redistribute(
            metric if given else known.metric,
            transparent if given else known.transparent,
            name or known.route_map,
        )
    elif not given and name is None:
        orders.pop(origin, None)
    elif origin in orders:
        orders[origin] = Redistribute(
            None if given else known.metric,
            not given and known.transparent,
            None if name else known.route_map,
        )


def output_delay(context: Context, value: int = 0) -> None:
    """`[no] output-delay N`, milliseconds."""
    _process(context).output_delay = None if context.off else value


def flash_update_threshold(context: Context, value: int = 0) -> None:
    """`[no] flash-update-threshold N`, seconds."""
    _process(context).flash_update_threshold = None if context.off else value


def input_queue(context: Context, value: int = 0) -> None:
    """`[no] input-queue N`."""
    _process(context).input_queue = None if context.off else value


# --- under an interface ----------------------------------------------------------------------------------


def _port(context: Context) -> RipPort:
    return context.edited(InterfaceConfig).of(RipPort)


def send_version(context: Context, versions: str = "") -> None:
    """`[no] ip rip send version 1|2|1 2`."""
    _port(context).send = None if context.off else tuple(map(int, versions.split()))


def receive_version(context: Context, versions: str = "") -> None:
    """`[no] ip rip receive version 1|2|1 2`."""
    _port(context).receive = None if context.off else tuple(map(int, versions.split()))


def split_horizon(context: Context) -> None:
    """`[no] ip split-horizon`."""
    port = _port(context)
    wanted = None if context.defaulted else not context.negated
    usual = splits_usually(context.device.interfaces[context.edited(InterfaceConfig).name])
    port.split_horizon = None if wanted == usual else wanted


def v2_broadcast(context: Context) -> None:
    """`[no] ip rip v2-broadcast`."""
    _port(context).v2_broadcast = not context.off


def triggered(context: Context) -> None:
    """`[no] ip rip triggered`."""
    _port(context).triggered = not context.off


def authentication_mode(context: Context, mode: str = "") -> None:
    """`[no] ip rip authentication mode text|md5`."""
    _port(context).authentication = None if context.off else AuthenticationMode(mode)


def authentication_chain(context: Context, name: str = "") -> None:
    """`[no] ip rip authentication key-chain NAME`."""
    _port(context).key_chain = "" if context.off else name


def summary_address(context: Context, address: IPv4Address, mask: IPv4Address) -> None:
    """`[no] ip summary-address rip A.B.C.D MASK`."""
    summary = masked(address, mask)
    if summary is None:
        raise InvalidArgument("mask")
    if summary.prefixlen < major(summary.network_address).prefixlen:
        raise CommandError("Summary mask must be greater or equal to major net")
    summaries = _port(context).summaries
    if context.off:
        summaries.pop(summary, None)
    elif any(major(each) == major(summary) and each != summary for each in summaries):
        raise CommandError("A summary address for that major net is already configured")
    else:
        summaries[summary] = None


# --- exec ------------------------------------------------------------------------------------------------


FLAGS = {"": PROTOCOL_DEBUG, "events": EVENTS_DEBUG, "database": DATABASE_DEBUG}


def debug(context: Context, subject: str = "") -> str:
    """`[no] debug ip rip [events | database]`."""
    return context.device.debugging.set(FLAGS[subject], not context.silenced)
