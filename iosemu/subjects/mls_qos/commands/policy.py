"""What is typed in class-maps and policy-maps of Catalysts (command reference of the Catalyst 3560)."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.marking import Trust
from iosemu.subjects.mls_qos.actions import Policing, Trusting
from iosemu.subjects.mls_qos.config import Limit, QosConfig
from iosemu.subjects.mls_qos.policy import HardwareGroup
from iosemu.subjects.mqc.commands import add
from iosemu.subjects.mqc.config import Action, PolicyClass
from iosemu.subjects.qos.commands import matches
from iosemu.subjects.qos.config import SetDscp, SetPrecedence
from iosemu.subjects.qos.config.values import Values


def match_access_group(context: Context, number: int) -> None:
    """`[no] match access-group N`."""
    add(context, HardwareGroup(str(number)))


def match_access_group_name(context: Context, name: str) -> None:
    """`[no] match access-group name NAME`."""
    add(context, HardwareGroup(name, True))


def match_dscp(context: Context, listed: Values, ip: bool = False) -> None:
    """`[no] match [ip] dscp A B …`."""
    matches.dscp(context, listed, ip=ip)


def match_precedence(context: Context, listed: Values, ip: bool = False) -> None:
    """`[no] match [ip] precedence A B …`."""
    matches.precedence(context, listed, ip=ip)


def _put(context: Context, action: Action, *excluded: type[Action]) -> None:
    found = context.edited(PolicyClass)
    if context.off:
        found.drop(type(action))
        return
    if any(found.find(other) is not None for other in excluded):
        raise CommandError("set and trust cannot be configured in the same class")
    found.put(action)


def trust(context: Context, kind: str = "dscp") -> None:
    """`[no] trust [cos | dscp | ip-precedence]`: DSCP where nothing is said."""
    _put(context, Trusting(Trust(kind or "dscp")), SetDscp, SetPrecedence)


def set_dscp(context: Context, value: int = 0, ip: bool = False) -> None:
    """`[no] set [ip] dscp VALUE`: it takes the place of a precedence that was set."""
    _put(context, SetDscp(value, ip), Trusting)
    if not context.off:
        context.edited(PolicyClass).drop(SetPrecedence)


def set_precedence(context: Context, value: int = 0, ip: bool = False) -> None:
    """`[no] set [ip] precedence VALUE`: it takes the place of a DSCP that was set."""
    _put(context, SetPrecedence(value, ip), Trusting)
    if not context.off:
        context.edited(PolicyClass).drop(SetDscp)


def police(context: Context, limit: Limit | None = None) -> None:
    """`[no] police RATE BURST [exceed-action drop | policed-dscp-transmit]`."""
    _put(context, Policing(limit))


def police_aggregate(context: Context, name: str = "") -> None:
    """`[no] police aggregate NAME`."""
    if not context.off and name not in context.device.config.of(QosConfig).aggregates:
        raise CommandError(f"QoS: aggregate policer {name} does not exist")
    _put(context, Policing(aggregate=name))
