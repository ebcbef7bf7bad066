"""`ip dhcp class NAME` and its lines, and `class NAME` of a pool."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument
from iosemu.net.dhcp.pools import Pattern
from iosemu.packets.dhcp import Option
from iosemu.subjects.dhcp.config import DhcpClass, DhcpConfig, DhcpPool, PoolClassLines, TypedPattern


def class_(context: Context, name: str) -> list[Enter]:
    """`[no] ip dhcp class NAME`."""
    classes = context.device.config.of(DhcpConfig).classes
    if context.off:
        classes.pop(name, None)
        return []
    return [Enter("config-dhcp-class", classes.setdefault(name, DhcpClass(name)))]


def use(context: Context) -> None:
    """`[no] ip dhcp use class`."""
    context.device.config.of(DhcpConfig).use_class = context.defaulted or not context.negated


def relay_agent(context: Context) -> list[Enter]:
    """`[no] relay agent information`."""
    found = context.edited(DhcpClass)
    found.relayed = not context.off
    if context.off:
        found.patterns = [each for each in found.patterns if each.pattern.option != Option.RELAY_INFORMATION]
        return []
    return [Enter("config-dhcp-class-relayinfo", found)]


def relay_information(context: Context, digits: str, mask: str = "") -> None:
    """`[no] relay-information hex DIGITS[*] [bitmask DIGITS]`."""
    _keep(context, Option.RELAY_INFORMATION, digits, mask)


def option(context: Context, number: int, digits: str) -> None:
    """`[no] option N hex DIGITS[*]`."""
    _keep(context, number, digits, "")


def _keep(context: Context, code: int, digits: str, mask: str) -> None:
    found = context.edited(DhcpClass)
    try:
        octets = bytes.fromhex(digits.removesuffix("*").replace(".", ""))
        ignored = bytes.fromhex(mask.replace(".", ""))
    except ValueError:
        raise InvalidArgument("digits") from None
    text = f"{digits.lower()}{f' bitmask {mask.lower()}' if mask else ''}"
    typed = TypedPattern(text, Pattern(code, octets, digits.endswith("*"), ignored))
    if context.off:
        found.patterns = [each for each in found.patterns if each != typed]
    elif typed not in found.patterns:
        found.patterns.append(typed)


def of_pool(context: Context, name: str) -> list[Enter]:
    """`[no] class NAME` of a pool."""
    pool = context.edited(DhcpPool)
    if context.off:
        pool.classes.pop(name, None)
        pool.order.pop(f"class {name}", None)
        return []
    if pool.host is not None:
        raise CommandError("%  This command may not be used with host pools.")
    pool.order.setdefault(f"class {name}")
    return [Enter("config-dhcp-pool-class", pool.classes.setdefault(name, PoolClassLines(name)))]


def address_range(context: Context, first: IPv4Address, last: IPv4Address) -> None:
    """`[no] address range FIRST LAST`."""
    ranges = context.edited(PoolClassLines).ranges
    if context.off:
        if (first, last) in ranges:
            ranges.remove((first, last))
        return
    if last < first:
        raise CommandError("% Invalid address range: the low address is above the high address.")
    if (first, last) in ranges:
        return
    if any(low <= last and first <= high for low, high in ranges):
        raise CommandError(f"% Range [{first}, {last}] overlaps with an existing one.")
    ranges.append((first, last))
