"""`ip dhcp client …` under an interface, and `ip dhcp-client …`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.dhcp.config import (
    CLIENT_DISTANCE,
    ClientIdentifier,
    DhcpClientPort,
    DhcpConfig,
    LeaseTime,
)


def _port(context: Context) -> DhcpClientPort:
    config: InterfaceConfig = context.target
    return config.of(DhcpClientPort)


def identifier(context: Context, interface: str = "", text: str = "", digits: str = "") -> None:
    """`[no] ip dhcp client client-id INTERFACE | ascii TEXT | hex DIGITS`."""
    if context.off:
        _port(context).identifier = None
    elif interface:
        _port(context).identifier = ClientIdentifier("", interface)
    elif text:
        _port(context).identifier = ClientIdentifier("ascii", text)
    else:
        _hexadecimal(digits)
        _port(context).identifier = ClientIdentifier("hex", digits.lower())


def _hexadecimal(digits: str) -> None:
    try:
        bytes.fromhex(digits.replace(".", ""))
    except ValueError:
        raise InvalidArgument("digits") from None


def hostname(context: Context, name: str = "") -> None:
    """`[no] ip dhcp client hostname NAME`."""
    _port(context).hostname = "" if context.off else name


def class_id(context: Context, text: str = "", digits: str = "") -> None:
    """`[no] ip dhcp client class-id TEXT | hex DIGITS`."""
    if digits:
        _hexadecimal(digits)
    _port(context).class_id = "" if context.off else f"hex {digits.lower()}" if digits else text


def lease(context: Context, days: int = 0, hours: int = 0, minutes: int = 0) -> None:
    """`[no] ip dhcp client lease DAYS [HOURS [MINUTES]]`: the time that is asked for."""
    time = LeaseTime(days, hours, minutes)
    if not context.off and not time.seconds:
        raise CommandError("% A lease of no time at all is no lease.")
    _port(context).lease = None if context.off else time


def request(context: Context, name: str) -> None:
    """`[no] ip dhcp client request OPTION`: all are asked for unless they are taken away."""
    refused = _port(context).refused
    if context.negated and not context.defaulted:
        refused[name] = None
    else:
        refused.pop(name, None)


def broadcast_flag(context: Context, value: str = "") -> None:
    """`[no] ip dhcp client broadcast-flag set|clear`."""
    _port(context).broadcast = None if context.off else value == "set"


def distance(context: Context, value: int = CLIENT_DISTANCE) -> None:
    """`[no] ip dhcp client default-router distance N`."""
    _port(context).distance = None if context.off else value


def track(context: Context, number: int = 0) -> None:
    """`[no] ip dhcp client route track N`."""
    _port(context).track = None if context.off else number


def all_distance(context: Context, value: int = CLIENT_DISTANCE) -> None:
    """`[no] ip dhcp-client default-router distance N`."""
    context.device.config.of(DhcpConfig).client_distance = CLIENT_DISTANCE if context.off else value


def all_broadcast(context: Context) -> None:
    """`[no] ip dhcp-client broadcast-flag`."""
    context.device.config.of(DhcpConfig).client_broadcast = context.defaulted or not context.negated
