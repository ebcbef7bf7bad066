"""`redistribute …` and `distribute-list …` under `router ospf`."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.subjects.ospf.config.process import Filter, OspfProcess, Redistribute


def _origin(protocol: str, number: int | None) -> str:
    return protocol if number is None else f"{protocol} {number}"


def redistribute(
    context: Context,
    protocol: str,
    number: int | None = None,
    metric: int | None = None,
    metric_type: int | None = None,
    tag_value: int | None = None,
    route_map: str | None = None,
    external_1: str | None = None,
    external_2: str | None = None,
    nssa_1: str | None = None,
    nssa_2: str | None = None,
    subnets: bool = False,
    **keywords: bool,
) -> Output:
    """`[no] redistribute PROTOCOL [N] …`: what is typed again is added to what was typed before."""
    process = context.edited(OspfProcess)
    origin = _origin(protocol, number)
    if origin == f"ospf {process.number}":
        raise CommandError(f"% OSPF: Cannot redistribute process {process.number} into itself")
    if context.off:
        process.redistribute.pop(origin, None)
        return None
    known = process.redistribute.get(origin, Redistribute())
    made = process.redistribute[origin] = Redistribute(
        metric if metric is not None else known.metric,
        metric_type if metric_type is not None else known.metric_type,
        known.subnets or subnets,
        tag_value if tag_value is not None else known.tag,
        route_map if route_map is not None else known.route_map,
        known.match
        | _matches(keywords, {"external": (external_1, external_2), "nssa-external": (nssa_1, nssa_2)}),
    )
    return None if made.subnets else "% Only classful networks will be redistributed"


def _matches(keywords: dict[str, bool], typed: dict[str, tuple[str | None, str | None]]) -> frozenset[str]:
    """The kinds of routes that are named; `external` without a type is both."""
    found = {"internal"} if keywords.get("internal") else set()
    for word, types in typed.items():
        named = {f"{word} {each}" for each in types if each is not None}
        if keywords.get(word.replace("-", "_")):
            named = named or {f"{word} 1", f"{word} 2"}
        found |= named
    return frozenset(found)


def _filter(acl: str | None, prefix: str | None, route_map: str | None, where: str) -> Filter:
    kind = "list" if acl is not None else "prefix" if prefix is not None else "route-map"
    return Filter(kind, acl or prefix or route_map or "", where)


def distribute_list_in(
    context: Context,
    acl: str | None = None,
    prefix: str | None = None,
    route_map: str | None = None,
    interface: str | None = None,
) -> Output:
    """`[no] distribute-list LIST in [X]`."""
    made = _filter(acl, prefix, route_map, interface or "")
    _put(context, context.edited(OspfProcess).filters_in, made)
    return None


def distribute_list_out(
    context: Context,
    acl: str | None = None,
    prefix: str | None = None,
    protocol: str | None = None,
    number: int | None = None,
) -> Output:
    """`[no] distribute-list LIST out [PROTOCOL]`."""
    where = _origin(protocol, number) if protocol is not None else ""
    _put(context, context.edited(OspfProcess).filters_out, _filter(acl, prefix, None, where))
    return None


def _put(context: Context, filters: dict[tuple[str, str], Filter], made: Filter) -> None:
    """One filter of a kind a place: the newer takes the place of the older."""
    key = (made.kind if made.kind == "route-map" else "list", made.where)
    if not context.off:
        filters[key] = made
    elif filters.get(key) == made:
        del filters[key]
