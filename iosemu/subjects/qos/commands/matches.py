"""`match …` of plain class-maps, what is about marks and ways."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.mqc.commands import add
from iosemu.subjects.qos.config.values import Values
from iosemu.subjects.qos.criteria import (
    Cos,
    Dscp,
    InputInterface,
    PacketLength,
    Precedence,
    QosGroup,
    RtpMedia,
    RtpPorts,
)

MOST = 4
"""Values of `match cos`."""


def dscp(context: Context, listed: Values, not_: bool = False, ip: bool = False) -> None:
    """`match [ip] dscp A B …`."""
    add(context, Dscp(tuple(dict.fromkeys(listed.values)), ip, negated=not_))


def precedence(context: Context, listed: Values, not_: bool = False, ip: bool = False) -> None:
    """`match [ip] precedence A B …`."""
    add(context, Precedence(tuple(dict.fromkeys(listed.values)), ip, negated=not_))


def cos(context: Context, values: tuple[int, ...], not_: bool = False) -> None:
    """`match cos A B …`."""
    if len(values) > MOST:
        raise CommandError(f"% Too many values, at most {MOST}")
    add(context, Cos(tuple(dict.fromkeys(values)), negated=not_))


def input_interface(context: Context, interface: str, not_: bool = False) -> None:
    """`match input-interface X`."""
    add(context, InputInterface(interface, negated=not_))


def qos_group(context: Context, value: int, not_: bool = False) -> None:
    """`match qos-group N`."""
    add(context, QosGroup(value, negated=not_))


def packet_length(
    context: Context, least: int | None = None, most: int | None = None, not_: bool = False
) -> None:
    """`match packet length min N max N`."""
    if least is not None and most is not None and least > most:
        raise CommandError("% Minimum packet length is above the maximum")
    add(context, PacketLength(least, most, negated=not_))


def rtp_media(context: Context, media: str, not_: bool = False) -> None:
    """`match protocol rtp audio | video`."""
    add(context, RtpMedia(media, negated=not_))


def rtp_ports(context: Context, first: int, more: int, not_: bool = False) -> None:
    """`match ip rtp FIRST RANGE`."""
    add(context, RtpPorts(first, more, negated=not_))
