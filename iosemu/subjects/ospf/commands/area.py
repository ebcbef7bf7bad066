"""`area A …` under `router ospf`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.handling.passwords import make_password
from iosemu.routing.ospf import AreaKind
from iosemu.subjects.ospf.commands.process import network_of
from iosemu.subjects.ospf.config.area import AreaId, Nssa, OspfArea, OspfKeys, Range, VirtualLink
from iosemu.subjects.ospf.config.process import OspfProcess

BACKBONE = 0


def _refuse_backbone(area: AreaId) -> None:
    if area.number == BACKBONE:
        raise CommandError("% OSPF: Backbone can not be configured as stub area")


def _edited(context: Context, area: AreaId) -> OspfArea:
    return context.edited(OspfProcess).area(area)


def authentication(context: Context, area: AreaId, message_digest: bool = False) -> Output:
    """`[no] area A authentication [message-digest]`."""
    kind = "message-digest" if message_digest else "simple"
    _edited(context, area).authentication = None if context.off else kind
    context.edited(OspfProcess).tidy(area)
    return None


def stub(context: Context, area: AreaId, no_summary: bool = False) -> Output:
    """`[no] area A stub [no-summary]`."""
    _refuse_backbone(area)
    found = _edited(context, area)
    if context.off:
        if no_summary:
            found.no_summary = False
        elif found.kind is AreaKind.STUB:
            found.kind, found.no_summary = AreaKind.NORMAL, False
        context.edited(OspfProcess).tidy(area)
        return None
    if found.kind is AreaKind.NSSA:
        raise CommandError("% OSPF: Area is configured as NSSA area already")
    if found.virtual_links:
        raise CommandError("% OSPF: Area cannot be a stub as it contains a virtual link")
    found.kind, found.no_summary = AreaKind.STUB, found.no_summary or no_summary
    return None


def nssa(
    context: Context,
    area: AreaId,
    metric: int | None = None,
    metric_type: int | None = None,
    no_redistribution: bool = False,
    no_summary: bool = False,
    default_information_originate: bool = False,
    always: bool = False,
    suppress_fa: bool = False,
    **_keywords: bool,
) -> Output:
    """`[no] area A nssa …`; with keywords `no` takes those away only."""
    if area.number == BACKBONE:
        raise CommandError("% OSPF: Backbone can not be configured as NSSA area")
    found = _edited(context, area)
    flags = {
        "no_redistribution": no_redistribution,
        "no_summary": no_summary,
        "default": default_information_originate or metric is not None or metric_type is not None,
        "translate_always": always,
        "suppress_forwarding": suppress_fa,
    }
    named = {name: not context.off for name, given in flags.items() if given}
    if context.off:
        if named:
            found.nssa = replace(found.nssa, **named)
            if "default" in named:
                found.nssa = replace(found.nssa, metric=None, metric_type=None)
        elif found.kind is AreaKind.NSSA:
            found.kind, found.nssa = AreaKind.NORMAL, Nssa()
        context.edited(OspfProcess).tidy(area)
        return None
    if found.kind is AreaKind.STUB:
        raise CommandError("% OSPF: Area is configured as stub area already")
    if found.virtual_links:
        raise CommandError("% OSPF: Area cannot be a NSSA as it contains a virtual link")
    found.kind = AreaKind.NSSA
    found.nssa = replace(found.nssa, **named)
    if metric is not None:
        found.nssa = replace(found.nssa, metric=metric)
    if metric_type is not None:
        found.nssa = replace(found.nssa, metric_type=metric_type if metric_type == 1 else None)
    return None


def default_cost(context: Context, area: AreaId, cost: int = 1) -> Output:
    """`[no] area A default-cost N`."""
    _edited(context, area).default_cost = 1 if context.off else cost
    context.edited(OspfProcess).tidy(area)
    return None


def range_(
    context: Context,
    area: AreaId,
    prefix: IPv4Address,
    mask: IPv4Address,
    cost: int | None = None,
    not_advertise: bool = False,
    **_keywords: bool,
) -> Output:
    """`[no] area A range P M [advertise | not-advertise] [cost N]`."""
    ranges = _edited(context, area).ranges
    network = network_of(prefix, mask)
    if context.off:
        ranges.pop(network, None)
        context.edited(OspfProcess).tidy(area)
    else:
        ranges[network] = Range(not not_advertise, cost)
    return None


def filter_list(context: Context, area: AreaId, name: str = "", direction: str = "in") -> Output:
    """`[no] area A filter-list prefix NAME in | out`: one list a direction."""
    found = _edited(context, area)
    setattr(found, f"filter_{direction}", None if context.off else name)
    context.edited(OspfProcess).tidy(area)
    return None


def virtual_link(
    context: Context,
    area: AreaId,
    router: IPv4Address,
    kind: str | None = None,
    hello: int | None = None,
    dead: int | None = None,
    retransmit: int | None = None,
    delay: int | None = None,
    encoding: str | None = None,
    password: str | None = None,
    key_id: int | None = None,
    key_encoding: str | None = None,
    key: str | None = None,
    authentication: bool = False,
    **keywords: bool,
) -> Output:
    """`[no] area A virtual-link ROUTER …`: lines for one router add up; `no` with keywords takes those away."""
    found = _edited(context, area)
    numbers = {"hello": hello, "dead": dead, "retransmit": retransmit, "transmit_delay": delay}
    given = {name: value for name, value in numbers.items() if value is not None}
    authentication = authentication or kind is not None
    if context.off:
        known = found.virtual_links.get(router)
        if known is None:
            pass
        elif given or authentication or password is not None or key_id is not None:
            fresh = VirtualLink()
            known = replace(known, **{name: getattr(fresh, name) for name in given})
            found.virtual_links[router] = replace(
                known, keys=_without(known.keys, authentication, password, key_id)
            )
        else:
            del found.virtual_links[router]
        context.edited(OspfProcess).tidy(area)
        return None
    if area.number == BACKBONE:
        raise CommandError("% OSPF: Area 0 cannot be used as a transit area")
    if found.kind is not AreaKind.NORMAL:
        raise CommandError("% OSPF: Stub or NSSA areas cannot be used as transit areas")
    known = found.virtual_links.get(router, VirtualLink())
    keys = known.keys
    if authentication:
        keys = replace(keys, type=kind or "simple")
    if password is not None:
        keys = replace(keys, password=make_password(context, "password", encoding or "", password))
    if key_id is not None and key is not None:
        keys = keys.with_key(key_id, make_password(context, "password", key_encoding or "", key))
    found.virtual_links[router] = replace(known, keys=keys, **given)
    return None


def _without(keys: OspfKeys, authentication: bool, password: str | None, key_id: int | None) -> OspfKeys:
    if authentication:
        keys = replace(keys, type=None)
    if password is not None:
        keys = replace(keys, password=None)
    return keys.with_key(key_id, None) if key_id is not None else keys
