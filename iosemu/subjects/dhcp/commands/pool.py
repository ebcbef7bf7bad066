"""`ip dhcp pool NAME` and its lines."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.dhcp.config import DhcpConfig, DhcpPool, LeaseTime, OptionValue, UtilizationMark

MOST_ADDRESSES = 8
"""Of default-router, dns-server and netbios-name-server."""
NODE_TYPES = {"b-node": 1, "p-node": 2, "m-node": 4, "h-node": 8}
_HEX = re.compile(r"[0-9A-Fa-f.]+")


def _config(context: Context) -> DhcpConfig:
    return context.device.config.of(DhcpConfig)


def _pool(context: Context) -> DhcpPool:
    return context.edited(DhcpPool)


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


def renew_deny(context: Context) -> None:
    """`[no] renew deny unknown`."""
    _pool(context).deny_unknown = not context.off
    _typed(context, "renew deny unknown")


def utilization_high(context: Context, percent: int = 100, log: bool = False) -> None:
    """`[no] utilization mark high PERCENT [log]`."""
    _pool(context).high = None if context.off else UtilizationMark(percent, log)
    _typed(context, "utilization mark high")


def utilization_low(context: Context, percent: int = 0, log: bool = False) -> None:
    """`[no] utilization mark low PERCENT [log]`."""
    _pool(context).low = None if context.off else UtilizationMark(percent, log)
    _typed(context, "utilization mark low")
