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
from iosemu.ip.resolver import ATTEMPT, ATTEMPTS, Resolver
from iosemu.subjects.hosts.config import HostsConfig
from iosemu.subjects.hosts.service import NameServer


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


def show_view(context: Context) -> Iterator[str]:
    """`show ip dns view`: how names are looked up, and whom queries of others are passed on to."""
    device = context.device
    system: SystemConfig = device.config.of(SystemConfig)
    server = device.find(NameServer)
    forwards = system.domain_lookup and device.config.of(HostsConfig).dns_server
    for vrf in ("", *system.vrf_names):
        names = system.names(vrf)
        yield f"DNS View default{f' vrf {vrf}' if vrf else ''} parameters:"
        yield "Logging is off" + (
            f" (view used {server.asked} times)" if server is not None and not vrf else ""
        )
        yield "DNS Resolver settings:"
        yield f"  Domain lookup is {'enabled' if system.domain_lookup else 'disabled'}"
        yield f"  Default domain name: {names.domain_name}"
        yield "  Domain search list:"
        yield from (f"    {name}" for name in names.domain_list)
        yield "  Domain name-servers:"
        yield from (f"    {address}" for address in names.name_servers)
        yield f"  Lookup timeout: {ATTEMPT:.0f} second"
        yield f"  Lookup retries: {ATTEMPTS - 1}"
        yield "  Domain round-robin: disabled"
        yield "DNS Server settings:"
        yield f"  Forwarding of queries is {'enabled' if forwards else 'disabled'}"
        yield "  Forwarder addresses:"
        yield from (f"    {address}" for address in names.name_servers if forwards)
        yield "  Forwarder source interface:"
        yield ""


def show_statistics(context: Context) -> Iterator[str]:
    """`show ip dns statistics`: what the box was asked as a server; it listens on UDP alone."""
    server = context.device.service(NameServer)
    for name, count in (
        ("requests received", server.asked),
        ("requests dropped ", server.dropped),
        ("responses replied", server.answered),
    ):
        yield f"DNS {name} = {count} ( {count} + 0 )"
    yield ""
    yield "Forwarder queue statistics:"
    yield f" Current size = {server.waiting}"
    yield f" Maximum size = {server.longest}"
    yield f" Drops        = {server.dropped}"
    yield ""
    yield "Director queue statistics:"
    yield " Current size = 0"
    yield " Maximum size = 0"
    yield " Drops        = 0"


def clear_host(context: Context, name: str, vrf: str = "") -> None:
    """`clear host [vrf V] NAME|*`: forget what servers told."""
    found_vrf(context.device, vrf)
    context.device.service(Resolver).forget(None if name == "*" else name, vrf)
