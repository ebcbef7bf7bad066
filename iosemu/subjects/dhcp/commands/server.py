"""`service dhcp` and `ip dhcp …` about the server as a whole."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.dhcp.config import DatabaseAgent, DhcpConfig


def _config(context: Context) -> DhcpConfig:
    return context.device.config.of(DhcpConfig)


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


def database(
    context: Context, url: str, timeout: int = DatabaseAgent().timeout, delay: int = DatabaseAgent().delay
) -> None:
    """`[no] ip dhcp database URL [timeout N] [write-delay N]`: where bindings are kept."""
    known = _config(context).databases
    if context.off:
        known.pop(url, None)
        return
    if url.partition(":")[0].lower() not in ("tftp", "ftp", "http", "scp", "rcp"):
        raise CommandError("%Invalid DHCP database URL")
    known[url] = DatabaseAgent(timeout, delay)


def conflict_logging(context: Context) -> None:
    """`[no] ip dhcp conflict logging`."""
    _config(context).conflict_logging = context.defaulted or not context.negated


def bootp_ignore(context: Context) -> None:
    """`[no] ip dhcp bootp ignore`."""
    _config(context).bootp_ignore = not context.off
