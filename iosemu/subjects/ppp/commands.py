"""`ppp …`, `peer …` and `debug ppp`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.passwords import Password, well_formed
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.net.ppp.automaton import Limits
from iosemu.subjects.ppp.config import AUTHENTICATION, NEGOTIATION, PppSettings

KINDS = ("Serial", "Dialer", "Virtual-Template", "Multilink")
"""Interfaces that can have PPP."""


def _settings(context: Context, argument: str) -> PppSettings:
    config: InterfaceConfig = context.target
    if config.kind not in KINDS or config.parent is not None:
        raise InvalidArgument(argument)
    return config.of(PppSettings)


def _password(context: Context, encoding: str, value: str) -> Password:
    if encoding == "7" and not well_formed(7, value):
        raise CommandError(f"Invalid encrypted password: {value}")
    password = Password(int(encoding or "0"), value)
    if context.device.config.of(SystemConfig).password_encryption:
        return password.masked(context.device.rng)
    return password


def authentication(
    context: Context, first: str = "", second: str = "", callin: bool = False, name: str = ""
) -> None:
    """`ppp authentication chap|pap [chap|pap] [callin] [LIST]`."""
    settings = _settings(context, "first")
    if context.off:
        settings.authentication, settings.callin, settings.list_name = (), False, ""
    else:
        chosen = dict.fromkeys(each for each in (first, second) if each)
        settings.authentication, settings.callin = tuple(chosen), callin
        settings.list_name = "" if name == "default" else name


def timeout(context: Context, what: str, seconds: int = 0) -> None:
    """`ppp timeout retry|authentication N`."""
    _limit(_settings(context, "what"), what, seconds, context.off)


def most(context: Context, what: str, count: int = 0) -> None:
    """`ppp max-configure|max-terminate|max-failure N`."""
    _limit(_settings(context, "what"), what.removeprefix("max-"), count, context.off)


def _limit(settings: PppSettings, what: str, value: int, off: bool) -> None:
    if off or value == getattr(Limits(), what):
        settings.limits.pop(what, None)
    else:
        settings.limits[what] = value


def quality(context: Context, percent: int = 0) -> None:
    """`ppp quality N`."""
    _settings(context, "percent").quality = 0 if context.off else percent


def chap_hostname(context: Context, name: str = "") -> None:
    """`ppp chap hostname NAME`."""
    _settings(context, "name").chap_hostname = "" if context.off else name


def chap_password(context: Context, encoding: str = "", value: str = "") -> None:
    """`ppp chap password [0|7] PASSWORD`."""
    settings = _settings(context, "value")
    settings.chap_password = None if context.off else _password(context, encoding, value)


def chap_refuse(context: Context) -> None:
    """`ppp chap refuse`."""
    _settings(context, "refuse").chap_refuse = not context.off


def pap_refuse(context: Context) -> None:
    """`ppp pap refuse`."""
    _settings(context, "refuse").pap_refuse = not context.off


def pap_sent(context: Context, name: str = "", encoding: str = "", value: str = "") -> None:
    """`ppp pap sent-username NAME password [0|7] PASSWORD`."""
    settings = _settings(context, "name")
    settings.pap_name = "" if context.off else name
    settings.pap_password = None if context.off else _password(context, encoding, value)


def peer_address(context: Context, address: IPv4Address | None = None) -> None:
    """`peer default ip address A`."""
    _settings(context, "address").peer_address = None if context.off else address


def neighbor_route(context: Context) -> None:
    """`[no] peer neighbor-route`."""
    _settings(context, "neighbor_route").neighbor_route = not context.negated


def multilink(context: Context) -> None:
    """`[no] ppp multilink`: without it a link joins no bundle."""
    settings = _settings(context, "multilink")
    settings.multilink = not context.off
    if context.off:
        settings.group = None


def multilink_group(context: Context, number: int | None = None) -> None:
    """`ppp multilink group N`: the Multilink interface that a line is to join."""
    settings = _settings(context, "number")
    settings.group = None if context.off else number
    settings.multilink = settings.multilink or not context.off


def multilink_endpoint(context: Context, name: str = "") -> None:
    """`ppp multilink endpoint string NAME`."""
    _settings(context, "name").endpoint = "" if context.off else name


def fragment_disable(context: Context) -> None:
    """`ppp multilink fragment disable`: packets go whole, each over the next link."""
    _settings(context, "disable").fragment = context.off


def fragment_delay(context: Context, milliseconds: int | None = None) -> None:
    """`ppp multilink fragment delay MS`."""
    _settings(context, "milliseconds").fragment_delay = None if context.off else milliseconds


def debug_negotiation(context: Context) -> str:
    """`debug ppp negotiation`."""
    return context.device.debugging.set(NEGOTIATION, not context.silenced)


def debug_authentication(context: Context) -> str:
    """`debug ppp authentication`."""
    return context.device.debugging.set(AUTHENTICATION, not context.silenced)
