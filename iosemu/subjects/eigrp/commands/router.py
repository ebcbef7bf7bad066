"""`router eigrp` and what is typed in it, classic and named."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave
from iosemu.handling.vrf import found_vrf
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.routing.eigrp.advertising import major
from iosemu.routing.filters import DistributeList, OffsetList, replaced
from iosemu.subjects.eigrp.config import (
    ACTIVE_MINUTES,
    MAXIMUM_HOPS,
    MAXIMUM_PATHS,
    STUB_WORDS,
    WEIGHTS,
    EigrpConfig,
    EigrpProcess,
    EigrpStyle,
    InterfaceSettings,
    NamedInstance,
    Redistribute,
    StubConfig,
    new_process,
)


def router(context: Context, number: int) -> list[Enter]:
    """`[no] router eigrp N`."""
    classic = context.device.config.of(EigrpConfig).classic
    if context.off:
        classic.pop(number, None)
        return []
    if not context.device.service(IpStack).forwarding:
        raise CommandError("IP routing not enabled")
    if number not in classic:
        classic[number] = new_process(context.device, number)
    return [Enter("config-router-eigrp", classic[number])]


def named(context: Context, name: str) -> list[Enter]:
    """`[no] router eigrp NAME`."""
    instances = context.device.config.of(EigrpConfig).named
    if context.off:
        instances.pop(name, None)
        return []
    if not context.device.service(IpStack).forwarding:
        raise CommandError("IP routing not enabled")
    return [Enter("config-router-eigrp-named", instances.setdefault(name, NamedInstance(name)))]


def family(context: Context, number: int, unicast: bool = False) -> list[Enter]:
    """`[no] address-family ipv4 [unicast] autonomous-system N`."""
    instance = context.edited(NamedInstance)
    if context.off:
        instance.families.pop(number, None)
        return []
    config = context.device.config.of(EigrpConfig)
    others = [each for each in config.named.values() if each is not instance and number in each.families]
    if number in config.classic or others:
        raise CommandError(f"%EIGRP: AS {number} is already configured")
    if number not in instance.families:
        instance.families[number] = new_process(context.device, number, instance.name)
    return [Enter("config-router-eigrp-af", instance.families[number])]


def family_vrf(context: Context, vrf: str, number: int = 0, unicast: bool = False) -> list[Enter]:
    """`[no] address-family ipv4 [unicast] vrf V autonomous-system N`, in classic mode with or without the number."""
    owner: EigrpProcess | NamedInstance = context.target
    named_mode = isinstance(owner, NamedInstance)
    if context.off:
        owner.vrfs.pop(vrf, None)
        return []
    found_vrf(context.device, vrf)
    known = owner.vrfs.get(vrf)
    if known is None or number not in (0, known.number):
        if number and context.device.config.of(EigrpConfig).configured(vrf, number):
            raise CommandError(f"%EIGRP: AS {number} is already configured")
        if known is None:
            name = owner.name if named_mode else ""
            known = owner.vrfs[vrf] = new_process(context.device, number, name, vrf)
        else:
            known.number = number
    return [Enter("config-router-eigrp-af" if named_mode else "config-router-eigrp-vrf", known)]


def autonomous_system(context: Context, number: int = 0) -> None:
    """`[no] autonomous-system N` of `address-family ipv4 vrf V` in classic mode."""
    process = _process(context)
    if context.off:
        process.number = 0
        return
    if process.number != number and context.device.config.of(EigrpConfig).configured(process.vrf, number):
        raise CommandError(f"%EIGRP: AS {number} is already configured")
    process.number = number


def af_interface(context: Context, interface: str = "", default: bool = False) -> list[Enter]:
    """`[no] af-interface INTERFACE | default`."""
    interfaces = _process(context).interfaces
    name = "default" if default else interface
    if context.negated:
        interfaces.pop(name, None)
        return []
    return [Enter("config-router-eigrp-af-interface", interfaces.setdefault(name, InterfaceSettings()))]


def topology(context: Context) -> list[Enter]:
    """`topology base`."""
    return [Enter("config-router-eigrp-topology", _process(context))]


def leave(context: Context) -> Leave:
    """`exit-address-family`, `exit-af-interface`, `exit-af-topology`."""
    return Leave()


def shutdown_instance(context: Context) -> None:
    """`[no] shutdown` of a named instance."""
    context.edited(NamedInstance).shutdown = not context.off


def _process(context: Context) -> EigrpProcess:
    return context.edited(EigrpProcess)


def shutdown(context: Context) -> None:
    """`[no] shutdown`."""
    _process(context).shutdown = not context.off


def network(context: Context, address: IPv4Address, wildcard: IPv4Address | None = None) -> None:
    """`[no] network A.B.C.D [WILDCARD]`; a mask is taken for a wildcard, as IOS does."""
    if int(address) >> 24 >= 224 or address.is_loopback:
        raise CommandError("Invalid network number")
    key: tuple[IPv4Address, IPv4Address | None]
    if wildcard is not None:
        inverted = ~int(wildcard) & 0xFFFFFFFF
        if int(wildcard) >> 31 and not inverted & (inverted + 1):
            wildcard = IPv4Address(inverted)  # typed as a mask
        key = (IPv4Address(int(address) & ~int(wildcard) & 0xFFFFFFFF), wildcard)
    else:
        key = (major(IPv4Network(address)).network_address, None)
    networks = _process(context).networks
    if context.off:
        networks.pop(key, None)
    else:
        networks[key] = None


def router_id(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] eigrp router-id A.B.C.D`."""
    if address is not None and (int(address) in (0, 0xFFFFFFFF)):
        raise CommandError("%EIGRP: Invalid router-id")
    _process(context).router_id = None if context.off else address


def stub(
    context: Context,
    connected: bool = False,
    static: bool = False,
    summary: bool = False,
    receive_only: bool = False,
    redistributed: bool = False,
    leak: str = "",
) -> None:
    """`[no] eigrp stub …`; without words it is `connected summary`."""
    process = _process(context)
    if context.off:
        process.stub = None
        return
    chosen = {"connected": connected, "static": static, "summary": summary, "receive-only": receive_only,
              "redistributed": redistributed}  # fmt: skip
    kinds = tuple(word for word in STUB_WORDS if chosen[word]) or ("connected", "summary")
    process.stub = StubConfig(kinds, leak)


def log_changes(context: Context) -> None:
    """`[no] eigrp log-neighbor-changes`."""
    _process(context).log_changes = context.defaulted or not context.negated


def log_warnings(context: Context, interval: int = 0) -> None:
    """`[no] eigrp log-neighbor-warnings [SECONDS]`."""
    _process(context).log_warnings = context.defaulted or not context.negated


def auto_summary(context: Context) -> None:
    """`[no] auto-summary`."""
    process = _process(context)
    usual = context.device.image.style(EigrpStyle).auto_summary and not process.name
    process.auto_summary = usual if context.defaulted else not context.negated


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


def variance(context: Context, count: int = 1) -> None:
    """`[no] variance N`."""
    _process(context).variance = 1 if context.off else count


def maximum_paths(context: Context, count: int = 0) -> None:
    """`[no] maximum-paths N`."""
    _process(context).maximum_paths = MAXIMUM_PATHS if context.off else count


def maximum_hops(context: Context, hops: int = 0) -> None:
    """`[no] metric maximum-hops N`."""
    _process(context).maximum_hops = MAXIMUM_HOPS if context.off else hops


def weights(
    context: Context,
    tos: int = 0,
    k1: int = 1,
    k2: int = 0,
    k3: int = 1,
    k4: int = 0,
    k5: int = 0,
    k6: int = 0,
) -> None:
    """`[no] metric weights TOS K1 K2 K3 K4 K5 [K6]`."""
    process = _process(context)
    given = (tos, k1, k2, k3, k4, k5) + ((k6,) if k6 else ())
    process.weights = WEIGHTS if context.off else given


def traffic_share(context: Context, minimum: bool = False, **_words: bool) -> None:
    """`[no] traffic-share balanced | min across-interfaces`."""
    _process(context).share_minimum = "min" in context.words and not context.off


def active_time(context: Context, minutes: int = ACTIVE_MINUTES, disabled: bool = False) -> None:
    """`[no] timers active-time MINUTES | disabled`."""
    _process(context).active_time = ACTIVE_MINUTES if context.off else None if disabled else minutes


def default_metric(
    context: Context, bandwidth: int = 0, delay: int = 0, reliability: int = 0, load: int = 0, mtu: int = 0
) -> None:
    """`[no] default-metric BANDWIDTH DELAY RELIABILITY LOAD MTU`."""
    given = (bandwidth, delay, reliability, load, mtu)
    _process(context).default_metric = None if context.off else given


def distance(context: Context, internal: int = 90, external: int = 170) -> None:
    """`[no] distance eigrp INTERNAL EXTERNAL`."""
    _process(context).distances = (90, 170) if context.off else (internal, external)


def neighbor(context: Context, address: IPv4Address, interface: str = "") -> None:
    """`[no] neighbor A.B.C.D INTERFACE`."""
    neighbors = _process(context).neighbors
    if context.off:
        neighbors.pop(address, None)
        return
    stack = context.device.service(IpStack)
    port = stack.interfaces.get(interface)
    addresses = port.config.of(IpSettings).addresses if port is not None else []
    if not any(address in each.network for each in addresses):
        raise CommandError("Invalid address for neighbor: not on a common subnet")
    neighbors[address] = interface


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
    route_map: str = "",
    interface: str = "",
    protocol: str = "",
    number: int | None = None,
) -> None:
    """`[no] distribute-list (ACL | prefix NAME | gateway NAME | route-map NAME) in|out [INTERFACE | PROTOCOL]`."""
    origin = f"{protocol} {number}" if number is not None else protocol
    each = DistributeList(direction == "out", access_list, prefix_list, gateway, route_map, interface, origin)
    lists = _process(context).lists
    if context.off:
        lists.pop(each.place, None)
        return
    known = lists.get(each.place)
    if known is not None and _kind(known) != _kind(each):
        raise CommandError(f"%EIGRP: {_kind(known)} filter exists, de-config first")
    lists[each.place] = each


def _kind(each: DistributeList) -> str:
    if each.access_list:
        return "Access-list"
    return "Route-map" if each.route_map else "Prefix-list"


def redistribute(
    context: Context,
    protocol: str,
    number: int | None = None,
    bandwidth: int | None = None,
    delay: int = 0,
    reliability: int = 0,
    load: int = 0,
    mtu: int = 0,
    name: str | None = None,
) -> None:
    """`[no] redistribute ORIGIN [N] [metric B D R L M] [route-map NAME]`.

    Typing it again with fewer words keeps what was there (ROUTING.md 2).
    """
    process = _process(context)
    origin = f"{protocol} {number}" if number is not None else protocol
    if origin == process.process:
        raise CommandError(f"%EIGRP: Cannot redistribute AS {process.number} into itself")
    orders = process.redistribute
    known = orders.get(origin, Redistribute())
    metric = (bandwidth, delay, reliability, load, mtu) if bandwidth is not None else None
    if not context.off:
        orders[origin] = Redistribute(metric or known.metric, name or known.route_map)
    elif metric is None and name is None:
        orders.pop(origin, None)
    elif origin in orders:
        orders[origin] = Redistribute(None if metric else known.metric, None if name else known.route_map)
