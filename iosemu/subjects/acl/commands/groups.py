"""`object-group network|service`, and what is typed in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import TypeVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.subjects.acl.config import AclsConfig, NetworkGroup, ServiceGroup, ServiceMember
from iosemu.subjects.acl.groups import Span, span_of
from iosemu.subjects.acl.text import service_words

GroupT = TypeVar("GroupT", NetworkGroup, ServiceGroup)


def _acls(context: Context) -> AclsConfig:
    acls: AclsConfig = context.device.config.of(AclsConfig)
    return acls


def network(context: Context, name: str) -> Output:
    """`object-group network NAME`."""
    acls = _acls(context)
    if context.off:
        if acls.uses("network", name):
            raise CommandError(f"% Object group {name} is in use, cannot be deleted")
        acls.networks.pop(name, None)
        return None
    if name in acls.services and acls.services[name].defined:
        raise CommandError(f"% Object group {name} is of another type")
    group = acls.networks.setdefault(name, NetworkGroup(name))
    group.defined = True
    return [Enter("config-network-group", group)]


def service(context: Context, name: str) -> Output:
    """`object-group service NAME`."""
    acls = _acls(context)
    if context.off:
        if acls.uses("service", name):
            raise CommandError(f"% Object group {name} is in use, cannot be deleted")
        acls.services.pop(name, None)
        return None
    if name in acls.networks and acls.networks[name].defined:
        raise CommandError(f"% Object group {name} is of another type")
    group = acls.services.setdefault(name, ServiceGroup(name))
    group.defined = True
    return [Enter("config-service-group", group)]


def _span(context: Context, span: Span) -> Output:
    lines = context.edited(NetworkGroup).lines
    if context.off:
        lines.pop(span.text, None)
    else:
        lines.setdefault(span.text, span)
    return None


def any_address(context: Context) -> Output:
    """`any`."""
    return _span(context, Span(0, 0xFFFFFFFF, "any"))


def host(context: Context, address: IPv4Address) -> Output:
    """`host A`."""
    return _span(context, Span(int(address), int(address), f"host {address}"))


def subnet(context: Context, address: IPv4Address, mask: IPv4Address) -> Output:
    """`A M`."""
    try:
        span = span_of(address, mask)
    except ValueError:
        raise InvalidArgument("mask") from None
    return _span(context, span)


def address_range(context: Context, first: IPv4Address, last: IPv4Address) -> Output:
    """`range A B`."""
    if last < first:
        raise InvalidArgument("last")
    return _span(context, Span(int(first), int(last), f"range {first} {last}"))


def description(context: Context, text: str = "") -> Output:
    """`description TEXT`."""
    group: NetworkGroup | ServiceGroup = context.target
    group.description = "" if context.off else text
    return None


def nested_network(context: Context, name: str) -> Output:
    """`group-object NAME` of a network group."""
    return _nest(context, context.edited(NetworkGroup), _acls(context).networks, name)


def nested_service(context: Context, name: str) -> Output:
    """`group-object NAME` of a service group."""
    return _nest(context, context.edited(ServiceGroup), _acls(context).services, name)


def _nest(context: Context, group: GroupT, known: Mapping[str, GroupT], name: str) -> Output:
    if context.off:
        group.groups.pop(name, None)
        return None
    inner = known.get(name)
    if inner is None or not inner.defined:
        raise CommandError(f"% Object group {name} does not exist")
    if inner.within(group.name):
        raise CommandError(f"% Object group {name} cannot be a part of itself")
    group.groups[name] = inner
    return None


def member(context: Context, member: ServiceMember) -> Output:
    """A line of a service group: `tcp eq www`, `icmp echo`, `tcp-udp range 1 9`, `esp`."""
    members = context.edited(ServiceGroup).members
    if context.off:
        if member in members:
            members.remove(member)
    elif member not in members:
        members.append(member)
    return None


def show_object_group(context: Context, name: str = "") -> Iterator[str]:
    """`show object-group [NAME]`."""
    acls, render = _acls(context), context.session.render
    for group in sorted(acls.networks.values(), key=lambda each: each.name):
        if group.defined and name in ("", group.name):
            yield f"Network object group {group.name}"
            yield from (f" Description {text}" for text in (group.description,) if text)
            yield from (f" {line}" for line in group.listing())
    for services in sorted(acls.services.values(), key=lambda each: each.name):
        if services.defined and name in ("", services.name):
            yield f"Service object group {services.name}"
            yield from (f" Description {text}" for text in (services.description,) if text)
            yield from (f" {line}" for line in service_words(render, services))
