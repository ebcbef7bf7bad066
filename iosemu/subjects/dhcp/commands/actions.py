"""`renew|release dhcp`, `clear ip dhcp …` and debugging."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.net.dhcp.pools import Statistics
from iosemu.subjects.dhcp.config import CLIENT_DEBUG, DETAILED, SERVER_EVENTS, SERVER_PACKET, DhcpConfig
from iosemu.subjects.dhcp.service import DhcpServices


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


def clear_pool_binding(context: Context, name: str, address: IPv4Address | None = None) -> Output:
    """`clear ip dhcp pool NAME binding * | A.B.C.D`."""
    if name not in context.device.config.of(DhcpConfig).pools:
        raise CommandError(f"% Pool {name} is not in the database.")
    found = [
        (engine, binding.address)
        for engine in context.device.service(DhcpServices).engines.values()
        for binding in engine.bindings.values()
        if binding.pool == name and address in (None, binding.address)
    ]
    if address is not None and not found:
        raise CommandError(f"% Binding {address} is not in the database.")
    for engine, each in found:
        engine.clear_binding(each)
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


def debug_client(context: Context, detail: bool = False) -> str:
    """`[no] debug dhcp [detail]`."""
    on = not context.silenced
    limits = DETAILED if detail and on else context.device.debugging.limits(CLIENT_DEBUG) if on else ""
    return context.device.debugging.set(CLIENT_DEBUG, on, limits)
