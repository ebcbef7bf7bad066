"""`show crypto ikev2 authorization policy`, `show crypto ikev2 client flexvpn` and `show ip local pool`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.subjects.crypto.commands import flexvpn as typed
from iosemu.subjects.crypto.config.flexvpn import DEFAULT, AuthorizationPolicy, FlexConfig, LocalPools
from iosemu.subjects.crypto.service.engine import CryptoEngine

MOST_LISTED = 256
"""Free addresses of a pool that are listed."""


def show_policy(context: Context, name: str | None = None) -> Iterator[str]:
    """`show crypto ikev2 authorization policy [NAME]`."""
    config = context.device.config.of(FlexConfig)
    for each in [name] if name is not None else [*config.policies, *({DEFAULT} - set(config.policies))]:
        found = config.policy(each)
        if found is not None:
            yield from _policy(found)


def _policy(found: AuthorizationPolicy) -> Iterator[str]:
    yield f" IKEv2 Authorization Policy : {found.name}"
    if found.pool is not None:
        yield f"  pool : {found.pool}"
    if found.netmask is not None:
        yield f"  netmask : {found.netmask}"
    if found.dns:
        yield f"  dns : {' '.join(str(each) for each in found.dns)}"
    if found.domain is not None:
        yield f"  def-domain : {found.domain}"
    yield from (f"  {line}" for line in typed.route_lines(found) if line.startswith("route set"))
    if found.accepts:
        yield f"  route accept any tag : {found.tag} distance : {found.distance}"
    yield ""


def show_pool(context: Context, name: str | None = None) -> Iterator[str]:
    """`show ip local pool [NAME]`; of one pool the addresses, too."""
    pools = context.device.config.of(LocalPools).pools
    addresses = context.device.service(CryptoEngine).pools
    if name is not None and name not in pools:
        yield f"%No such pool: {name}"
        return
    yield f" {'Pool':<24} {'Begin':<15} {'End':<15} {'Free':>4}  {'In use':>6}   Blocked"
    for each in pools if name is None else [name]:
        used = addresses.in_use(each)
        for number, (first, last) in enumerate(pools[each]):
            taken = sum(first <= address <= last for address in used)
            free = int(last) - int(first) + 1 - taken
            yield f" {each if not number else '':<24} {first!s:<15} {last!s:<15} {free:>4}  {taken:>6}   {0:>7}"
    if name is None:
        return
    used = addresses.in_use(name)
    yield "Available addresses:"
    listed = 0
    for first, last in pools[name]:
        for value in range(int(first), int(last) + 1):
            if IPv4Address(value) not in used and listed < MOST_LISTED:
                listed += 1
                yield f"   {IPv4Address(value)}"
    yield "Inuse addresses:"
    for address, holder in sorted(used.items()):
        yield f"   {address!s:<18}{holder.interface or '':<20} {holder.identity}"
