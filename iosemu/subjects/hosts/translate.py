"""A host name that somebody typed becomes an address, and he sees who is asked."""

from __future__ import annotations

from collections.abc import Callable, Generator
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.handling.effects import Effect, WaitFor, Write
from iosemu.ip.resolver import Lookup, Resolver
from iosemu.subjects.hosts.lookup import resolve

Translation = Generator[str | Effect, Any, IPv4Address | None]


def translate(device: Device, name: IPv4Address | str, vrf: str = "") -> Translation:
    """The address of a host in a VRF: from the host table, the cache, or the servers, shown while they are asked."""
    found = resolve(device, name, vrf)
    if found is not None:
        return found
    text, resolver = str(name), device.service(Resolver)
    known = resolver.known(text, vrf)
    if known:
        return known[0]
    if not device.config.of(SystemConfig).domain_lookup:
        return None
    lookup = resolver.look_up(text, vrf=vrf)
    try:
        while True:
            server = lookup.server
            yield Write(f'Translating "{text}"...domain server ({server})')
            if not lookup.done:
                yield WaitFor(_moved(lookup, server), None, lookup.changed)
            if lookup.addresses:
                yield " [OK]"
                yield ""
                return lookup.addresses[0]
            yield ""
            if lookup.done:
                return None
    finally:
        resolver.close(lookup)


def _moved(lookup: Lookup, server: IPv4Address) -> Callable[[], bool]:
    return lambda: lookup.done or lookup.server != server
