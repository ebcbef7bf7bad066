"""`ip dhcp …`, the lines of a pool, `ip helper-address`, `renew|release dhcp`, clears and debugging."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError

from iosemu.box.debugging import DebugFlag
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.handling.vrf import found_vrf
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.net.dhcp.pools import Statistics
from iosemu.net.dhcp.relay import REPLACE
from iosemu.subjects.dhcp.config import (
    CLIENT_DEBUG,
    SERVER_EVENTS,
    SERVER_PACKET,
    DhcpConfig,
    DhcpPool,
    HelperAddresses,
    LeaseTime,
    OptionValue,
)
from iosemu.subjects.dhcp.service import DhcpServices

MOST_ADDRESSES = 8
"""Of default-router, dns-server and netbios-name-server."""
NODE_TYPES = {"b-node": 1, "p-node": 2, "m-node": 4, "h-node": 8}
_HEX = re.compile(r"[0-9A-Fa-f.]+")


def _config(context: Context) -> DhcpConfig:
    return context.device.config.of(DhcpConfig)


def _pool(context: Context) -> DhcpPool:
    return context.edited(DhcpPool)


def service_dhcp(context: Context) -> None:
    """`[no] service dhcp`."""
    _config(context).service = context.defaulted or not context.negated


def excluded(context: Context, first: IPv4Address, last: IPv4Address | None = None, vrf: str = "") -> None:
    """`[no] ip dhcp excluded-address [vrf V] FIRST [LAST]`."""
    end = last if last is not None else first
    ranges = _config(context).excluded
    if context.off:
        if (vrf, first, end) not in ranges:
            raise CommandError(f"% Range [{first}, {end}] is not in the database.")
        del ranges[vrf, first, end]
        return
    found_vrf(context.device, vrf)
    if end < first:
        raise CommandError("% Invalid address range: the low address is above the high address.")
    others = [each for each in ranges if each[0] == vrf and each != (vrf, first, end)]
    if any(low <= end and first <= high for _vrf, low, high in others):
        raise CommandError(f"% Range [{first}, {end}] overlaps with an existing one.")
    ranges[vrf, first, end] = None


def ping_packets(context: Context, count: int = 2) -> None:
    """`[no] ip dhcp ping packets N`; `no` asks for none at all."""
    _config(context).ping_packets = 0 if context.negated else 2 if context.defaulted else count


def ping_timeout(context: Context, milliseconds: int = 500) -> None:
    """`[no] ip dhcp ping timeout MILLISECONDS`."""
    _config(context).ping_timeout = 500 if context.off else milliseconds


def relay_option(context: Context) -> None:
    """`[no] ip dhcp relay information option`."""
    _config(context).relay_information = not context.off


def relay_check(context: Context) -> None:
    """`[no] ip dhcp relay information check`."""
    _config(context).relay_check = context.defaulted or not context.negated


def relay_trust_all(context: Context) -> None:
    """`[no] ip dhcp relay information trust-all`."""
    _config(context).relay_trust_all = not context.off


def relay_trusted(context: Context) -> None:
    """`[no] ip dhcp relay information trusted` under an interface."""
    config: InterfaceConfig = context.target
    config.of(HelperAddresses).trusted = not context.off


def relay_policy(context: Context, policy: str = REPLACE) -> None:
    """`[no] ip dhcp relay information policy drop|keep|replace`."""
    _config(context).relay_policy = REPLACE if context.off else policy


def helper(context: Context, address: IPv4Address | None = None) -> None:
    """`[no] ip helper-address A.B.C.D`; `no` alone takes all away."""
    config: InterfaceConfig = context.target
    helpers = config.of(HelperAddresses).addresses
    if context.off:
        if address is None:
            helpers.clear()
        else:
            helpers.pop(address, None)
        return
    assert address is not None
    if address.is_multicast or address.is_loopback or not int(address) >> 24:
        raise CommandError("% Invalid helper address")
    helpers[address] = None


# --- the lines of a pool -----------------------------------------------------------------------------------


def pool(context: Context, name: str) -> list[Enter]:
    """`[no] ip dhcp pool NAME`."""
    pools = _config(context).pools
    if context.off:
        if name not in pools:
            raise CommandError(f"% Pool {name} is not in the database.")
        del pools[name]
        return []
    if name not in pools:
        pools[name] = DhcpPool(name)
    return [Enter("config-dhcp", pools[name])]


def _typed(context: Context, line: str) -> None:
    """Note whether a line of the pool stands now, and where among the others."""
    order = _pool(context).order
    if context.off:
        order.pop(line, None)
    else:
        order.setdefault(line)


def _prefix(mask: IPv4Address | None, length: str, address: IPv4Address) -> int:
    """The length of a prefix from a mask or `/24`; without both the address's class."""
    if length:
        return int(length.removeprefix("/"))
    if mask is None:
        first = int(address) >> 24
        return 8 if first < 128 else 16 if first < 192 else 24
    try:
        prefix = IPv4Network(f"0.0.0.0/{mask}") if int(mask) else None
    except (NetmaskValueError, ValueError):
        prefix = None
    if prefix is None or int(prefix.netmask) != int(mask):
        raise InvalidArgument("mask")
    return prefix.prefixlen


def network(
    context: Context, address: IPv4Address | None = None, mask: IPv4Address | None = None, length: str = ""
) -> None:
    """`[no] network A.B.C.D [MASK | /N]`."""
    pool = _pool(context)
    if context.off:
        pool.network = None
    else:
        assert address is not None
        if pool.host is not None or pool.client_identifier or pool.hardware:
            raise CommandError("%  This command may not be used with host pools.")
        if address.is_multicast or address.is_loopback or not int(address) >> 24:
            raise CommandError(f"%  {address} is an invalid network.")
        prefix = _prefix(mask, length, address)
        pool.network = IPv4Network((int(address), prefix), strict=False)
    _typed(context, "network")


def host(
    context: Context, address: IPv4Address | None = None, mask: IPv4Address | None = None, length: str = ""
) -> None:
    """`[no] host A.B.C.D [MASK | /N]`."""
    pool = _pool(context)
    if context.off:
        pool.host = None
    else:
        assert address is not None
        if pool.network is not None:
            raise CommandError("%  This command may not be used with network, origin, vrf or relay pools.")
        for other in _config(context).pools.values():
            if other is not pool and other.host is not None and other.host.ip == address:
                raise CommandError(f"%  A binding for {address} already exists.")
        typed = mask is not None or bool(length)
        pool.host = IPv4Interface((int(address), _prefix(mask, length, address) if typed else 32))
        pool.host_mask_typed = typed
    _typed(context, "host")


def _octets(text: str) -> bytes:
    """`0100.5079.6668.01` as octets; ValueError when it is none."""
    if not _HEX.fullmatch(text):
        raise ValueError(text)
    return bytes.fromhex(text.replace(".", ""))


def client_identifier(context: Context, text: str = "") -> None:
    """`[no] client-identifier 0100.5079.6668.01`."""
    pool = _pool(context)
    if context.off:
        pool.client_identifier = b""
    else:
        if pool.network is not None:
            raise CommandError("%  This command may not be used with network, origin, vrf or relay pools.")
        try:
            octets = _octets(text)
        except ValueError:
            raise InvalidArgument("text") from None
        if not 2 <= len(octets) <= 255:
            raise InvalidArgument("text")
        pool.client_identifier, pool.hardware, pool.hardware_kind = octets, b"", ""
        pool.order.pop("hardware-address", None)
    _typed(context, "client-identifier")


def hardware_address(context: Context, text: str = "", kind: str = "") -> None:
    """`[no] hardware-address 0050.7966.6801 [ethernet | ieee802]`."""
    pool = _pool(context)
    if context.off:
        pool.hardware, pool.hardware_kind = b"", ""
    else:
        if pool.network is not None:
            raise CommandError("%  This command may not be used with network, origin, vrf or relay pools.")
        try:
            octets = _octets(text)
        except ValueError:
            raise InvalidArgument("text") from None
        if not 1 <= len(octets) <= 16:
            raise InvalidArgument("text")
        pool.hardware, pool.client_identifier = octets, b""
        pool.hardware_kind = "" if kind == "ethernet" else kind
        pool.order.pop("client-identifier", None)
    _typed(context, "hardware-address")


def pool_vrf(context: Context, name: str = "") -> None:
    """`[no] vrf NAME`: whose clients the pool is for."""
    if not context.off:
        found_vrf(context.device, name)
    _pool(context).vrf = "" if context.off else name
    _typed(context, "vrf")


def client_name(context: Context, name: str = "") -> None:
    """`[no] client-name NAME`."""
    _pool(context).client_name = "" if context.off else name
    _typed(context, "client-name")


def _list(context: Context, addresses: tuple[IPv4Address, ...]) -> tuple[IPv4Address, ...]:
    if context.off:
        return ()
    if len(addresses) > MOST_ADDRESSES:
        raise CommandError("% Too many addresses, at most 8 are taken.")
    if any(each.is_multicast or not int(each) for each in addresses):
        raise InvalidArgument("addresses")
    return addresses


def default_router(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] default-router A.B.C.D …`."""
    _pool(context).default_router = _list(context, addresses)
    _typed(context, "default-router")


def dns_server(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] dns-server A.B.C.D …`."""
    _pool(context).dns_server = _list(context, addresses)
    _typed(context, "dns-server")


def netbios_name_server(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] netbios-name-server A.B.C.D …`."""
    _pool(context).netbios_name_server = _list(context, addresses)
    _typed(context, "netbios-name-server")


def netbios_node_type(context: Context, kind: str = "", number: str = "") -> None:
    """`[no] netbios-node-type b-node|p-node|m-node|h-node|HEX`."""
    value = NODE_TYPES.get(kind, int(number, 16) if number else 0)
    _pool(context).netbios_node_type = None if context.off else value
    _typed(context, "netbios-node-type")


def next_server(context: Context, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] next-server A.B.C.D …`."""
    _pool(context).next_server = _list(context, addresses)
    _typed(context, "next-server")


def domain_name(context: Context, name: str = "") -> None:
    """`[no] domain-name NAME`."""
    _pool(context).domain_name = "" if context.off else name
    _typed(context, "domain-name")


def bootfile(context: Context, name: str = "") -> None:
    """`[no] bootfile NAME`."""
    _pool(context).bootfile = "" if context.off else name
    _typed(context, "bootfile")


def lease(context: Context, days: int = 1, hours: int = 0, minutes: int = 0, infinite: bool = False) -> None:
    """`[no] lease infinite | DAYS [HOURS [MINUTES]]`; a day is the default."""
    pool = _pool(context)
    time = None if infinite else LeaseTime(days, hours, minutes)
    if time is not None and not time.seconds:
        raise CommandError("% A lease of no time at all is no lease.")
    pool.lease = LeaseTime() if context.off else time
    if context.off or pool.lease == LeaseTime():
        pool.order.pop("lease", None)
    else:
        pool.order.setdefault("lease")


def import_all(context: Context) -> None:
    """`[no] import all`."""
    _pool(context).import_all = not context.off
    _typed(context, "import all")


def option_ascii(context: Context, number: int, text: str = "") -> None:
    """`[no] option N ascii TEXT`."""
    plain = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    _option(context, number, "ascii", text, plain.encode("utf-8"))


def option_hex(context: Context, number: int, digits: str = "") -> None:
    """`[no] option N hex DIGITS`."""
    try:
        octets = _octets(digits)
    except ValueError:
        raise InvalidArgument("digits") from None
    _option(context, number, "hex", digits.lower(), octets)


def option_ip(context: Context, number: int, addresses: tuple[IPv4Address, ...] = ()) -> None:
    """`[no] option N ip A.B.C.D …`."""
    if len(addresses) > MOST_ADDRESSES:
        raise CommandError("% Too many addresses, at most 8 are taken.")
    octets = b"".join(each.packed for each in addresses)
    _option(context, number, "ip", " ".join(map(str, addresses)) + " ", octets)


def no_option(context: Context, number: int) -> None:
    """`no option N`."""
    _pool(context).options.pop(number, None)
    _typed(context, f"option {number}")


def _option(context: Context, number: int, form: str, text: str, octets: bytes) -> None:
    if context.off:
        no_option(context, number)
        return
    if number in RESERVED:
        raise CommandError(f"% Option {number} cannot be configured, the server sets it itself.")
    if len(octets) > 255:
        raise CommandError("% The option is longer than 255 octets.")
    _pool(context).options[number] = OptionValue(form, text, octets)
    _typed(context, f"option {number}")


RESERVED = frozenset((1, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82))
"""Options that belong to the protocol itself."""


# --- exec --------------------------------------------------------------------------------------------------


def renew(context: Context, interface: str) -> Output:
    """`renew dhcp INTERFACE`."""
    if not context.device.service(AddressClients).renew(interface):
        raise CommandError(f"{interface}: interface is not configured for DHCP")
    return None


def release(context: Context, interface: str) -> Output:
    """`release dhcp INTERFACE`."""
    if not context.device.config.interfaces[interface].of(IpSettings).dhcp:
        raise CommandError(f"{interface}: interface is not configured for DHCP")
    context.device.service(AddressClients).release(interface)
    return None


def clear_binding(context: Context, address: IPv4Address | None = None) -> Output:
    """`clear ip dhcp binding * | A.B.C.D`."""
    engines = context.device.service(DhcpServices).engines.values()
    cleared = [each.clear_binding(address) for each in engines]
    if not any(cleared):
        raise CommandError(f"% Binding {address} is not in the database.")
    return None


def clear_conflict(context: Context, address: IPv4Address | None = None) -> Output:
    """`clear ip dhcp conflict * | A.B.C.D`."""
    engines = context.device.service(DhcpServices).engines.values()
    cleared = [each.clear_conflict(address) for each in engines]
    if not any(cleared):
        raise CommandError(f"% Conflict {address} is not in the database.")
    return None


def clear_statistics(context: Context) -> Output:
    """`clear ip dhcp server statistics`."""
    fresh = Statistics()
    for engine in context.device.service(DhcpServices).engines.values():
        engine.statistics = fresh
    return None


def _debug(context: Context, flag: DebugFlag) -> str:
    return context.device.debugging.set(flag, not context.silenced)


def debug_packet(context: Context) -> str:
    """`[no] debug ip dhcp server packet`."""
    return _debug(context, SERVER_PACKET)


def debug_events(context: Context) -> str:
    """`[no] debug ip dhcp server events`."""
    return _debug(context, SERVER_EVENTS)


def debug_client(context: Context) -> str:
    """`[no] debug dhcp`."""
    return _debug(context, CLIENT_DEBUG)
