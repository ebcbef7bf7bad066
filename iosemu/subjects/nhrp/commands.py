"""`ip nhrp …`, `logging dmvpn`, `clear ip nhrp` and what can be debugged."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.nhrp.settings import ServerSettings
from iosemu.subjects.nhrp.config import (
    CACHE,
    DEBUG_FLAGS,
    EXTENSION,
    PACKET,
    PROTOCOL,
    DmvpnLogging,
    NhrpPort,
)
from iosemu.subjects.nhrp.service import Nhrp

LONGEST_STRING = 8
"""Octets of `ip nhrp authentication`."""


def _port(context: Context) -> NhrpPort:
    return context.edited(InterfaceConfig).of(NhrpPort)


def _one_host(address: IPv4Address) -> None:
    if address.is_multicast or address.is_unspecified or address.is_loopback or int(address) >> 28 == 15:
        raise CommandError(f"% Invalid address {address}")


def network_id(context: Context, number: int = 0) -> None:
    """`[no] ip nhrp network-id N`: without one there is no NHRP, and on the hub `redirect` goes with it."""
    port = _port(context)
    if context.off:
        port.network_id, port.redirect, port.redirect_interval = None, False, None
    else:
        port.network_id = number


def authentication(context: Context, string: str = "") -> None:
    """`[no] ip nhrp authentication S`."""
    if not context.off and len(string) > LONGEST_STRING:
        raise CommandError(f"% NHRP: Authentication string too long (max {LONGEST_STRING} characters)")
    _port(context).authentication = "" if context.off else string


def mapped(context: Context, address: IPv4Address, nbma: IPv4Address | None = None) -> None:
    """`[no] ip nhrp map A NBMA`."""
    port = _port(context)
    if context.off:
        if nbma in (None, port.maps.get(address)):
            port.maps.pop(address, None)
        return
    assert nbma is not None
    _one_host(address)
    _one_host(nbma)
    port.maps[address] = nbma


def map_multicast(context: Context, nbma: IPv4Address) -> None:
    """`[no] ip nhrp map multicast NBMA`."""
    port = _port(context)
    if context.off:
        port.multicast.pop(nbma, None)
        return
    _one_host(nbma)
    port.multicast[nbma] = None


def map_dynamic(context: Context) -> None:
    """`[no] ip nhrp map multicast dynamic`."""
    _port(context).multicast_dynamic = not context.off


def server(
    context: Context,
    address: IPv4Address,
    nbma: IPv4Address | None = None,
    multicast: bool = False,
    priority: int = 0,
    cluster: int = 0,
) -> None:
    """`[no] ip nhrp nhs A [nbma B [multicast]] [priority P] [cluster C]`."""
    port = _port(context)
    if context.off:
        port.servers.pop(address, None)
        return
    _one_host(address)
    if nbma is not None:
        _one_host(nbma)
    port.servers[address] = ServerSettings(nbma, multicast, priority, cluster)


def max_connections(context: Context, cluster: int, most: int = 0) -> None:
    """`[no] ip nhrp nhs cluster C max-connections N`."""
    limits = _port(context).max_connections
    if context.off:
        limits.pop(cluster, None)
    else:
        limits[cluster] = most


def fallback(context: Context, seconds: int = 0) -> None:
    """`[no] ip nhrp nhs fallback N`."""
    _port(context).fallback = None if context.off else seconds


def holdtime(context: Context, seconds: int = 0) -> None:
    """`[no] ip nhrp holdtime N`."""
    _port(context).holding = None if context.off else seconds


def registration_timeout(context: Context, seconds: int = 0) -> None:
    """`[no] ip nhrp registration timeout N`."""
    _port(context).registration = None if context.off else seconds


def registration_unique(context: Context) -> None:
    """`[no] ip nhrp registration no-unique`."""
    _port(context).unique = context.off


def redirect(context: Context, seconds: int | None = None) -> None:
    """`[no] ip nhrp redirect [timeout N]`."""
    port = _port(context)
    port.redirect = not context.off
    port.redirect_interval = None if context.off else seconds


def server_only(context: Context) -> None:
    """`[no] ip nhrp server-only`: no resolution is asked for from here."""
    _port(context).server_only = not context.off


def shortcut(context: Context) -> None:
    """`[no] ip nhrp shortcut`."""
    _port(context).shortcut = not context.off


def logging(context: Context, seconds: int | None = None) -> None:
    """`[no] logging dmvpn [rate-limit N]`."""
    settings = context.device.config.of(DmvpnLogging)
    settings.enabled = not context.off
    settings.rate_limit = None if context.off else seconds


def clear(context: Context, address: IPv4Address | None = None) -> None:
    """`clear ip nhrp [A]`: what was learned."""
    context.device.service(Nhrp).clear(address)


def clear_counters(context: Context, interface: str = "") -> None:
    """`clear ip nhrp counters [interface X]`."""
    for engine in context.device.service(Nhrp).engines.values():
        if interface not in ("", engine.interface):
            continue
        engine.sent.clear()
        engine.received.clear()
        engine.suppressed = 0


def debug(context: Context, what: str = "") -> Output:
    """`[no] debug nhrp [packet | cache | extension]`."""
    flag = {"": PROTOCOL, "packet": PACKET, "cache": CACHE, "extension": EXTENSION}[what]
    return context.device.debugging.set(flag, not context.silenced)


def debug_dmvpn(context: Context, level: str = "all", area: str = "all") -> Output:
    """`[no] debug dmvpn LEVEL AREA`: several of the others at once."""
    on = not context.silenced
    flags = {
        "all": DEBUG_FLAGS,
        "packet": (PROTOCOL, PACKET),
        "detail": (PROTOCOL, CACHE),
        "error": (PROTOCOL,),
    }
    for flag in flags[level]:
        context.device.debugging.set(flag, on)
    return f"DMVPN {level} level debugging is {'on' if on else 'off'}"
