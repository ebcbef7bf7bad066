"""`show ip ospf database`: the listing, and the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.routing.ospf.constants import LsaType
from iosemu.routing.ospf.views import DatabaseView, database, database_summary
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.show.common import heading, instances, own_id
from iosemu.subjects.ospf.show.lsa import lsa_lines

HEADINGS = {
    LsaType.ROUTER: "Router Link States",
    LsaType.NETWORK: "Net Link States",
    LsaType.SUMMARY: "Summary Net Link States",
    LsaType.ASBR_SUMMARY: "Summary ASB Link States",
    LsaType.NSSA_EXTERNAL: "Type-7 AS External Link States",
    LsaType.AS_EXTERNAL: "Type-5 AS External Link States",
    LsaType.OPAQUE_LINK: "Type-9 Link-Local Opaque Link States",
    LsaType.OPAQUE_AREA: "Type-10 Opaque Link Area Link States",
    LsaType.OPAQUE_AS: "Type-11 AS Opaque Link States",
}
"""In the order in which a listing has them."""
KINDS = {
    "router": LsaType.ROUTER,
    "network": LsaType.NETWORK,
    "summary": LsaType.SUMMARY,
    "asbr-summary": LsaType.ASBR_SUMMARY,
    "external": LsaType.AS_EXTERNAL,
    "nssa-external": LsaType.NSSA_EXTERNAL,
    "opaque-link": LsaType.OPAQUE_LINK,
    "opaque-area": LsaType.OPAQUE_AREA,
    "opaque-as": LsaType.OPAQUE_AS,
}
Wanted = Callable[[DatabaseView], bool]


def _sections(instance: Instance, now: float, wanted: Wanted) -> Iterator[tuple[str, list[DatabaseView]]]:
    """The LSAs under their headings: areas ascending, then the autonomous system."""
    groups: dict[tuple[int | None, LsaType], list[DatabaseView]] = {}
    for view in database(instance.engine, now):
        if wanted(view):
            groups.setdefault((view.area, LsaType(view.lsa.type)), []).append(view)
    areas: list[int | None] = [*sorted(instance.engine.areas), None]
    for area in areas:
        for kind, text in HEADINGS.items():
            found = groups.get((area, kind))
            if found:
                where = f" (Area {instance.config.spelled(area)})" if area is not None else ""
                yield f"\t\t{text}{where}", found


def _chooser(
    instance: Instance,
    kind: str | None,
    ls_id: IPv4Address | None,
    router: IPv4Address | None,
    self_originate: bool,
) -> Wanted:
    own = int(own_id(instance))
    number = KINDS[kind] if kind is not None else None
    advertiser = own if self_originate else int(router) if router is not None else None

    def wanted(view: DatabaseView) -> bool:
        return (
            number in (None, view.lsa.type)
            and (ls_id is None or view.lsa.ls_id == int(ls_id))
            and advertiser in (None, view.lsa.advertising_router)
        )

    return wanted


def show_database(
    context: Context,
    number: int | None = None,
    kind: str | None = None,
    ls_id: IPv4Address | None = None,
    router: IPv4Address | None = None,
    self_originate: bool = False,
    **_keywords: bool,
) -> Iterator[str]:
    """`show ip ospf [N] database [KIND [LS-ID]] [adv-router A | self-originate]`."""
    now = context.device.now
    for instance in instances(context.device, number):
        wanted = _chooser(instance, kind, ls_id, router, self_originate)
        yield from heading(instance)
        for title, found in _sections(instance, now, wanted):
            yield title
            yield ""
            if kind is not None:
                for view in found:
                    yield from lsa_lines(context.device, instance, view)
                    yield ""
                continue
            last = {
                LsaType.ROUTER: " Link count",
                LsaType.AS_EXTERNAL: " Tag",
                LsaType.NSSA_EXTERNAL: " Tag",
            }.get(LsaType(found[0].lsa.type), "")
            if found[0].lsa.type >= LsaType.OPAQUE_LINK:
                last = " Opaque ID"
            yield f"Link ID         ADV Router      Age         Seq#       Checksum{last}"
            yield from (_row(view) for view in found)
            yield ""


def _row(view: DatabaseView) -> str:
    lsa = view.lsa
    age = f"{view.age}{' (DNA)' if view.do_not_age else ''}"
    ls_id, router = IPv4Address(lsa.ls_id), IPv4Address(lsa.advertising_router)
    line = f"{ls_id!s:<15} {router!s:<15} {age:<11} 0x{view.sequence:08X} 0x{lsa.checksum:06X}"
    if lsa.type == LsaType.ROUTER:
        return f"{line} {len(lsa.router.links)}"
    if lsa.type in (LsaType.AS_EXTERNAL, LsaType.NSSA_EXTERNAL):
        return f"{line} {lsa.external.tag}"
    if lsa.type >= LsaType.OPAQUE_LINK:
        return f"{line} {lsa.ls_id & 0xFFFFFF}"
    return line


_AREA_ROWS = (
    ("Router", LsaType.ROUTER),
    ("Network", LsaType.NETWORK),
    ("Summary Net", LsaType.SUMMARY),
    ("Summary ASBR", LsaType.ASBR_SUMMARY),
    ("Type-7 Ext", LsaType.NSSA_EXTERNAL),
    ("Opaque Link", LsaType.OPAQUE_LINK),
    ("Opaque Area", LsaType.OPAQUE_AREA),
)
_PROCESS_ROWS = (*_AREA_ROWS, ("Type-5 Ext", LsaType.AS_EXTERNAL), ("Opaque AS", LsaType.OPAQUE_AS))


def _counted(label: str, count: int, old: int) -> str:
    return f"  {label:<14}{count:<9}{0:<9}{old:<8}"


def show_database_summary(context: Context, number: int | None = None) -> Iterator[str]:
    """`show ip ospf [N] database database-summary`."""
    now = context.device.now
    for instance in instances(context.device, number):
        engine = instance.engine
        yield from heading(instance)
        totals: dict[LsaType, list[int]] = {kind: [0, 0] for kind in LsaType}
        own = 0
        lsdbs = [(area, engine.areas[area].lsdb) for area in sorted(engine.areas)]
        for area, lsdb in lsdbs:
            summary = database_summary(lsdb, now)
            yield f"Area {instance.config.spelled(area)} database summary"
            yield "  LSA Type      Count    Delete   Maxage"
            for label, kind in _AREA_ROWS:
                yield _counted(label, summary.counts[kind], summary.maximum_age[kind])
                if kind is LsaType.NSSA_EXTERNAL:
                    imported = sum(entry.own for entry in lsdb.tables[kind].values())
                    yield f"    Prefixes redistributed in Type-7  {imported}"
            yield _counted("Subtotal", summary.total, sum(summary.maximum_age.values()))
            yield ""
        for lsdb in [*(each for _, each in lsdbs), engine.external_lsdb]:
            summary = database_summary(lsdb, now)
            own += sum(entry.own for entry in lsdb)
            for kind, pair in totals.items():
                pair[0] += summary.counts.get(kind, 0)
                pair[1] += summary.maximum_age.get(kind, 0)
        yield f"Process {instance.config.number} database summary"
        yield "  LSA Type      Count    Delete   Maxage"
        for label, kind in _PROCESS_ROWS:
            yield _counted(label, *totals[kind])
            if kind is LsaType.AS_EXTERNAL:
                imported = sum(entry.own for entry in engine.external_lsdb.tables[kind].values())
                yield f"      Prefixes redistributed in Type-5  {imported}"
        count = sum(pair[0] for pair in totals.values())
        yield _counted("Total", count, sum(pair[1] for pair in totals.values()))
        yield f"  {'Non-self':<14}{count - own:<9}"
        yield ""
