"""`crypto isakmp client configuration …`: groups of Easy VPN clients."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.delimited import delimited
from iosemu.handling.effects import CommandError, Enter, Steps
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.remote_access import MOST_BACKUPS, ClientGroup


def group(context: Context, name: str) -> list[Enter] | None:
    """`[no] crypto isakmp client configuration group NAME`: enters the group, made when new."""
    groups = context.device.config.of(IsakmpConfig).groups
    if context.off:
        groups.pop(name, None)
        return None
    return [Enter("config-isakmp-group", groups.setdefault(name, ClientGroup(name)))]


def address_pool(context: Context, pool: str | None = None) -> None:
    """`[no] crypto isakmp client configuration address-pool local POOL`."""
    context.device.config.of(IsakmpConfig).address_pool = None if context.off else pool


def key(context: Context, secret: str | None = None, encoding: str | None = None) -> None:
    """`[no] key [0|6] SECRET`."""
    target = context.edited(ClientGroup)
    target.key = None if context.off else secret
    target.encoding = int(encoding) if encoding and not context.off else None


def key_lines(found: ClientGroup) -> Iterator[str]:
    """`key …`."""
    if found.key is not None:
        yield f"key {found.key}" if found.encoding is None else f"key {found.encoding} {found.key}"


def _servers(context: Context, first: IPv4Address | None, second: IPv4Address | None) -> list[IPv4Address]:
    return [] if context.off else [each for each in (first, second) if each is not None]


def dns(context: Context, first: IPv4Address | None = None, second: IPv4Address | None = None) -> None:
    """`[no] dns A [B]`."""
    context.edited(ClientGroup).dns = _servers(context, first, second)


def dns_lines(found: ClientGroup) -> Iterator[str]:
    """`dns …`."""
    if found.dns:
        yield f"dns {' '.join(map(str, found.dns))}"


def wins(context: Context, first: IPv4Address | None = None, second: IPv4Address | None = None) -> None:
    """`[no] wins A [B]`."""
    context.edited(ClientGroup).wins = _servers(context, first, second)


def wins_lines(found: ClientGroup) -> Iterator[str]:
    """`wins …`."""
    if found.wins:
        yield f"wins {' '.join(map(str, found.wins))}"


def backup(context: Context, gateway: IPv4Address | str) -> None:
    """`[no] backup-gateway (A | HOST)`: at most ten."""
    target = context.edited(ClientGroup)
    kept = [each for each in target.backups if each != gateway]
    if not context.off:
        if len(kept) >= MOST_BACKUPS:
            raise CommandError(f"% A maximum of {MOST_BACKUPS} backup gateways may be configured")
        kept.append(gateway)
    target.backups = kept


def backup_lines(found: ClientGroup) -> Iterator[str]:
    """`backup-gateway …`."""
    for each in found.backups:
        yield f"backup-gateway {each}"


def split_dns(context: Context, domain: str) -> None:
    """`[no] split-dns DOMAIN`."""
    target = context.edited(ClientGroup)
    target.split_dns = [each for each in target.split_dns if each != domain]
    if not context.off:
        target.split_dns.append(domain)


def split_dns_lines(found: ClientGroup) -> Iterator[str]:
    """`split-dns …`."""
    for each in found.split_dns:
        yield f"split-dns {each}"


def access_restrict(context: Context, port: str) -> None:
    """`[no] access-restrict INTERFACE`."""
    target = context.edited(ClientGroup)
    target.access_restrict = [each for each in target.access_restrict if each != port]
    if not context.off:
        target.access_restrict.append(port)


def access_restrict_lines(found: ClientGroup) -> Iterator[str]:
    """`access-restrict …`."""
    for each in found.access_restrict:
        yield f"access-restrict {each}"


def banner(context: Context, text: str = "") -> Steps:
    """`[no] banner # … #`."""
    target = context.edited(ClientGroup)
    target.banner = "" if context.off else (yield from delimited(text))


def banner_lines(found: ClientGroup) -> Iterator[str]:
    """`banner …` with its text."""
    if found.banner:
        yield from f"banner ^C{found.banner}^C".split("\n")
