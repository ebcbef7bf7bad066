"""What is typed in class-maps and policy-maps of Catalysts (command reference of the Catalyst 3560)."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.net.marking import Trust
from iosemu.subjects.mls_qos.actions import Policing, Trusting
from iosemu.subjects.mls_qos.config import Limit, QosConfig
from iosemu.subjects.mls_qos.policy import HardwareGroup, InputPorts, applied
from iosemu.subjects.mqc.commands import add
from iosemu.subjects.mqc.config import Action, MqcConfig, PolicyClass, PolicyMap
from iosemu.subjects.qos.commands import matches
from iosemu.subjects.qos.config import Nested, SetDscp, SetPrecedence
from iosemu.subjects.qos.config.values import Values

MOST_PORTS = 6
"""Those of `match input-interface`."""


def match_access_group(context: Context, number: int) -> None:
    """`[no] match access-group N`."""
    add(context, HardwareGroup(str(number)))


def match_access_group_name(context: Context, name: str) -> None:
    """`[no] match access-group name NAME`."""
    add(context, HardwareGroup(name, True))


def match_input_interface(context: Context, ports: tuple[str, ...]) -> None:
    """`[no] match input-interface X Y …`: up to six ports."""
    if len(ports) > MOST_PORTS or any(port not in context.device.switch_ports for port in ports):
        raise InvalidArgument("ports")
    add(context, InputPorts(ports))


def service_policy(context: Context, name: str = "") -> None:
    """`[no] service-policy NAME`: what polices by port, in a class of a VLAN's policy."""
    if not context.off:
        policies, policy = context.device.config.of(MqcConfig), context.edited(PolicyClass).policy
        inner = policies.policy_map(name)
        if inner is None:
            raise CommandError(f"policy map {name} not configured")
        is_inner = any(policy.name in _inner(each) for each in policies.policy_maps.values())
        if inner is policy or _inner(inner) or is_inner:
            raise CommandError("QoS: policy-maps are nested in two levels at most")
    _put(context, Nested(name))


def _inner(policy: PolicyMap) -> list[str]:
    """The policy-maps in the classes of one."""
    return [nested.name for each in policy.classes.values() if (nested := each.find(Nested)) is not None]


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
    before = dict(found.actions)
    found.put(action)
    problem = applied(context.device, found.policy)
    if problem:
        found.actions = before
        raise CommandError(problem)


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
