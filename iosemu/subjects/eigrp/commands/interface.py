"""`ip … eigrp N` under an interface, and the lines of `af-interface`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.net.prefixes import masked
from iosemu.routing.eigrp import AuthenticationMode
from iosemu.subjects.eigrp.config import EigrpPort, InterfaceSettings


def _settings(context: Context, number: int | None) -> InterfaceSettings:
    """Those of an autonomous system under `interface X`, or of `af-interface`."""
    if number is None:
        return context.edited(InterfaceSettings)
    return context.edited(InterfaceConfig).of(EigrpPort).of(number)


def hello_interval(context: Context, number: int | None = None, seconds: int = 0) -> None:
    """`[no] ip hello-interval eigrp N SECONDS`."""
    _settings(context, number).hello = None if context.off else seconds


def hold_time(context: Context, number: int | None = None, seconds: int = 0) -> None:
    """`[no] ip hold-time eigrp N SECONDS`."""
    _settings(context, number).hold = None if context.off else seconds


def bandwidth_percent(context: Context, number: int | None = None, percent: int = 0) -> None:
    """`[no] ip bandwidth-percent eigrp N PERCENT`."""
    _settings(context, number).bandwidth_percent = None if context.off else percent


def split_horizon(context: Context, number: int | None = None) -> None:
    """`[no] ip split-horizon eigrp N`."""
    _settings(context, number).split_horizon = context.defaulted or not context.negated


def next_hop_self(context: Context, number: int | None = None) -> None:
    """`[no] ip next-hop-self eigrp N`."""
    _settings(context, number).next_hop_self = context.defaulted or not context.negated


def passive(context: Context) -> None:
    """`[no] passive-interface` of `af-interface`."""
    own = context.edited(InterfaceSettings)
    own.passive = None if context.defaulted else not context.negated


def shutdown(context: Context) -> None:
    """`[no] shutdown` of `af-interface`."""
    context.edited(InterfaceSettings).shutdown = not context.off


def authentication_md5(context: Context, number: int | None = None) -> None:
    """`[no] ip authentication mode eigrp N md5`."""
    own = _settings(context, number)
    own.mode, own.password = None if context.off else AuthenticationMode.MD5, None


def authentication_sha(context: Context, encoding: str = "0", password: str = "") -> None:
    """`[no] authentication mode hmac-sha-256 [0 | 7] PASSWORD`."""
    own = context.edited(InterfaceSettings)
    if context.off:
        own.mode = own.password = None
        return
    if encoding == "7" and not well_formed(7, password):
        raise CommandError("Invalid encrypted password")
    own.mode, own.password = AuthenticationMode.SHA, Password(int(encoding), password)


def key_chain(context: Context, number: int | None = None, name: str = "") -> None:
    """`[no] ip authentication key-chain eigrp N NAME`."""
    _settings(context, number).key_chain = "" if context.off else name


def summary_address(
    context: Context,
    number: int | None = None,
    address: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    prefix: IPv4Interface | None = None,
    distance: int | None = None,
    leak: str = "",
) -> None:
    """`[no] ip summary-address eigrp N A.B.C.D MASK [DISTANCE] [leak-map NAME]`."""
    own = _settings(context, number)
    summary: IPv4Network | None
    if prefix is not None:
        summary = prefix.network
    else:
        assert address is not None
        assert mask is not None
        summary = masked(address, mask)
    if summary is None:
        raise InvalidArgument("mask")
    own.leak_maps.pop(summary, None)
    if context.off:
        own.summaries.pop(summary, None)
        return
    own.summaries[summary] = distance
    if leak:
        own.leak_maps[summary] = leak
