"""`[no] debug crypto isakmp | ipsec | engine` and its end, `debug crypto condition`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.prefixes import masked
from iosemu.subjects.crypto.debug.condition import SUBJECTS, Conditions
from iosemu.subjects.crypto.debug.flags import ERRORS, EZVPN, FLAGS, IKEV2_DETAILS
from iosemu.subjects.crypto.service.engine import CryptoEngine

MOST = 500
"""Filters of one kind."""
FilterT = TypeVar("FilterT")


def debug(context: Context, subject: str) -> str:
    """`[no] debug crypto SUBJECT`: events become messages of severity 7."""
    return context.device.debugging.set(FLAGS[subject], not context.silenced)


def debug_error(context: Context, subject: str) -> str:
    """`[no] debug crypto isakmp | ipsec error`: only what goes wrong."""
    return context.device.debugging.set(ERRORS[subject], not context.silenced)


def debug_ezvpn(context: Context) -> str:
    """`[no] debug crypto ipsec client ezvpn`: states and events of clients."""
    return context.device.debugging.set(EZVPN, not context.silenced)


def debug_ikev2(context: Context, detail: str) -> str:
    """`[no] debug crypto ikev2 error | packet | internal`."""
    return context.device.debugging.set(IKEV2_DETAILS[detail], not context.silenced)


def _conditions(context: Context) -> Conditions:
    return context.device.service(CryptoEngine).debug.conditions


def _set(context: Context, filters: dict[FilterT, None], value: FilterT) -> None:
    if context.silenced:
        filters.pop(value, None)
    elif value not in filters and len(filters) >= MOST:
        raise CommandError(f"% Cannot set more than {MOST} conditions of one kind")
    else:
        filters[value] = None


def peer(context: Context, address: IPv4Address) -> None:
    """`[no] debug crypto condition peer ipv4 A.B.C.D`."""
    _set(context, _conditions(context).peers, IPv4Network(address))


def subnet(context: Context, address: IPv4Address, netmask: IPv4Address) -> None:
    """`[no] debug crypto condition peer subnet A.B.C.D MASK`."""
    network = masked(address, netmask)
    if network is None:
        raise CommandError("% Invalid mask")
    _set(context, _conditions(context).subnets, network)


def local(context: Context, address: IPv4Address) -> None:
    """`[no] debug crypto condition local ipv4 A.B.C.D`."""
    _set(context, _conditions(context).locals, address)


def connection(context: Context, number: int, engine: int) -> None:
    """`[no] debug crypto condition connid N engine-id M`."""
    _set(context, _conditions(context).connections, (number, engine))


def spi(context: Context, number: int) -> None:
    """`[no] debug crypto condition spi N`."""
    _set(context, _conditions(context).spis, number)


def unmatched(context: Context, kind: str = "") -> None:
    """`[no] debug crypto condition unmatched [SUBJECT]`: what belongs to no connection is told, too."""
    subjects = {kind} if kind else set(SUBJECTS)
    flags = _conditions(context).unmatched
    if context.silenced:
        flags -= subjects
    else:
        flags |= subjects


def reset(context: Context) -> None:
    """`debug crypto condition reset`."""
    _conditions(context).reset()
