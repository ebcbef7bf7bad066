"""`ntp …` and `debug ntp …`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import reveal
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.handling.vrf import found_vrf
from iosemu.subjects.ntp.config import (
    EVENTS,
    MASTER_STRATUM,
    PACKETS,
    TIME_GROUP,
    Broadcast,
    NtpConfig,
    NtpPort,
    PeerLine,
)


def _config(context: Context) -> NtpConfig:
    found: NtpConfig = context.device.config.of(NtpConfig)
    return found


def peer(
    context: Context,
    word: str,
    address: IPv4Address,
    version: int | None = None,
    key: int | None = None,
    source: str = "",
    minpoll: int | None = None,
    maxpoll: int | None = None,
    prefer: bool = False,
    burst: bool = False,
    iburst: bool = False,
    vrf: str = "",
    rest: str = "",
) -> None:
    """`ntp server|peer [vrf V] A [version N] [key N] [source I] [minpoll N] [maxpoll N] [prefer] [burst] [iburst]`."""
    peers = _config(context).peers
    if context.off:
        peers.pop((vrf, address), None)
        return
    if address.is_multicast or address.is_unspecified or address.is_loopback:
        raise InvalidArgument("address")
    found_vrf(context.device, vrf)
    peers[vrf, address] = PeerLine(
        word, address, version, key, source, minpoll, maxpoll, prefer, burst, iburst, vrf
    )


def master(context: Context, stratum: int = MASTER_STRATUM) -> None:
    """`ntp master [STRATUM]`."""
    _config(context).master = None if context.off else stratum


def source(context: Context, interface: str = "") -> None:
    """`ntp source INTERFACE`."""
    _config(context).source = "" if context.off else interface


def key(context: Context, number: int, secret: str = "", encryption: int = 0, rest: str = "") -> None:
    """`ntp authentication-key N md5 SECRET [7]`."""
    keys = _config(context).keys
    if context.off:
        keys.pop(number, None)
        return
    if encryption == 7:
        try:
            secret = reveal(secret).decode()
        except (ValueError, IndexError) as error:
            raise CommandError("% Invalid encrypted password") from error
    keys[number] = secret


def trusted(context: Context, number: int) -> None:
    """`ntp trusted-key N`."""
    keys = _config(context).trusted
    if context.off:
        keys.pop(number, None)
    else:
        keys[number] = None


def access(context: Context, word: str, number: str = "") -> None:
    """`ntp access-group peer|serve|serve-only|query-only LIST`."""
    lists = _config(context).access
    if context.off:
        lists.pop(word, None)
    else:
        lists[word] = number


def _port(context: Context) -> NtpPort:
    found: NtpPort = context.edited(InterfaceConfig).of(NtpPort)
    return found


def broadcast(
    context: Context,
    destination: IPv4Address | None = None,
    key: int | None = None,
    version: int | None = None,
) -> None:
    """`ntp broadcast [destination A] [key N] [version N]`."""
    _port(context).broadcast = None if context.off else Broadcast(destination, key, None, version)


def multicast(
    context: Context,
    group: IPv4Address = TIME_GROUP,
    key: int | None = None,
    ttl: int | None = None,
    version: int | None = None,
) -> None:
    """`ntp multicast [A] [key N] [ttl N] [version N]`."""
    multicasts = _port(context).multicasts
    if not group.is_multicast:
        raise InvalidArgument("group")
    if context.off:
        multicasts.pop(group, None)
    else:
        multicasts[group] = Broadcast(group, key, ttl, version)


def multicast_client(context: Context, group: IPv4Address = TIME_GROUP) -> None:
    """`ntp multicast client [A]`."""
    groups = _port(context).groups
    if not group.is_multicast:
        raise InvalidArgument("group")
    if context.off:
        groups.pop(group, None)
    else:
        groups[group] = None


def debug(context: Context, what: str) -> str:
    """`[no] debug ntp packets|events`."""
    return context.device.debugging.set(PACKETS if what == "packets" else EVENTS, not context.silenced)
