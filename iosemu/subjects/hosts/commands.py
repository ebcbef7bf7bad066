"""Host names: `ip host`, `show hosts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.vrf import found_vrf
from iosemu.ip.resolver import Resolver
from iosemu.subjects.hosts.config import HostsConfig


@dataclass(frozen=True)
class HostsStyle:
    """How `show hosts` prints."""

    stem: ClassVar[str] = "hosts"
    short_codes: bool = False
    """The legend of switches and older releases: `u - unknown` instead of `UN - unknown`."""


def ip_host(
    context: Context, name: str, addresses: tuple[IPv4Address, ...] = (), vrf: str = "", rest: str = ""
) -> None:
    """`ip host [vrf V] NAME A.B.C.D …`."""
    found_vrf(context.device, "" if context.off else vrf)
    hosts = context.device.config.of(SystemConfig).named(vrf).hosts
    if context.off:
        if hosts.pop(name, None) is None:
            raise CommandError(f"%No such host: {name}")
    else:
        hosts[name] = [str(address) for address in addresses]


def dns_server(context: Context) -> None:
    """`ip dns server`."""
    context.device.config.of(HostsConfig).dns_server = not context.off


def show_hosts(context: Context, vrf: str = "") -> Iterator[str]:
    """`show hosts [vrf V]`."""
    found_vrf(context.device, vrf)
    system: SystemConfig = context.device.config.of(SystemConfig)
    names = system.names(vrf)
    style = context.device.image.style(HostsStyle)
    yield f"Default domain is {names.domain_name}" if names.domain_name else "Default domain is not set"
    if names.domain_list:
        yield f"Domain list: {', '.join(names.domain_list)}"
    if not system.domain_lookup:
        yield "Name/address lookup uses static mappings"
    else:
        yield "Name/address lookup uses domain service"
        yield f"Name servers are {', '.join(names.name_servers) or '255.255.255.255'}"
    yield ""
    if style.short_codes or context.device.is_switch:
        yield "Codes: u - unknown, e - expired, * - OK, ? - revalidate"
        yield "       t - temporary, p - permanent"
    else:
        yield "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate"
        yield "       temp - temporary, perm - permanent"
        yield "       NA - Not Applicable None - Not defined"
    yield ""
    yield "Host                      Port  Flags      Age Type   Address(es)"
    for name, addresses in list(names.hosts.items()):
        yield f"{name:<25} {'None':<5} (perm, OK) {0:>3}   {'IP':<7}{'  '.join(addresses)}"
    device = context.device
    for name, cached in device.service(Resolver).cached(vrf).items():
        hours = int((device.now - cached.learned) // 3600)
        told = "  ".join(map(str, cached.addresses))
        yield f"{name:<25} {'None':<5} (temp, OK) {hours:>3}   {'IP':<7}{told}"


def show_summary(context: Context, vrf: str = "") -> Iterator[str]:
    """`show hosts [vrf V] summary`."""
    found_vrf(context.device, vrf)
    names = context.device.config.of(SystemConfig).names(vrf)
    yield f"Default domain is {names.domain_name or 'not set'}"
    yield f"Name servers are {', '.join(names.name_servers) or '255.255.255.255'}"
    yield f"Local cache entries: {len(names.hosts)}"
    yield f"Dynamic cache entries: {len(context.device.service(Resolver).cached(vrf))}"


def clear_host(context: Context, name: str, vrf: str = "") -> None:
    """`clear host [vrf V] NAME|*`: forget what servers told."""
    found_vrf(context.device, vrf)
    context.device.service(Resolver).forget(None if name == "*" else name, vrf)
