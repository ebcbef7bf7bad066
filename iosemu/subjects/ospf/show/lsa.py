"""One LSA in full."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.routing.ospf.constants import LinkType, LsaType, Option, PathType, RouterFlag
from iosemu.routing.ospf.lsa import ROUTER_VERTEX, Lsa, RouterLink
from iosemu.routing.ospf.views import DatabaseView
from iosemu.subjects.ospf.service.instance import Instance
from iosemu.subjects.ospf.show.common import style

_TYPES = {
    LsaType.ROUTER: "Router Links",
    LsaType.NETWORK: "Network Links",
    LsaType.SUMMARY: "Summary Links(Network)",
    LsaType.ASBR_SUMMARY: "Summary Links(AS Boundary Router)",
    LsaType.AS_EXTERNAL: "AS External Link",
    LsaType.NSSA_EXTERNAL: "AS External Link",
    LsaType.OPAQUE_LINK: "Opaque Link-Local Link",
    LsaType.OPAQUE_AREA: "Opaque Area Link",
    LsaType.OPAQUE_AS: "Opaque AS Link",
}
_ID_NOTES = {
    LsaType.NETWORK: " (address of Designated Router)",
    LsaType.SUMMARY: " (summary Network Number)",
    LsaType.ASBR_SUMMARY: " (AS Boundary Router address)",
    LsaType.AS_EXTERNAL: " (External Network Number )",
    LsaType.NSSA_EXTERNAL: " (External Network Number )",
}
_LINKS = {
    LinkType.POINT_TO_POINT: (
        "another Router (point-to-point)", "Neighboring Router ID", "Router Interface address",
    ),
    LinkType.TRANSIT: ("a Transit Network", "Designated Router address", "Router Interface address"),
    LinkType.STUB: ("a Stub Network", "Network/subnet number", "Network Mask"),
    LinkType.VIRTUAL: ("a Virtual Link", "Neighboring Router ID", "Router Interface address"),
}  # fmt: skip

_PATHS = {
    LsaType.SUMMARY: (PathType.INTER,),
    LsaType.AS_EXTERNAL: (PathType.E1, PathType.E2),
    LsaType.NSSA_EXTERNAL: (PathType.N1, PathType.N2),
}


def lsa_lines(device: Device, instance: Instance, view: DatabaseView) -> Iterator[str]:
    """The lines of one LSA."""
    lsa, late = view.lsa, style(device).topology
    kind = LsaType(lsa.type)
    if _routes_by(instance, view):
        yield "  Routing Bit Set on this LSA" + (" in topology Base with MTID 0" if late else "")
    yield f"  LS age: {view.age}{' (DoNotAge)' if view.do_not_age else ''}"
    yield f"  Options: ({_options(lsa)})"
    yield f"  LS Type: {_TYPES[kind]}"
    yield f"  Link State ID: {IPv4Address(lsa.ls_id)}{_ID_NOTES.get(kind, '')}"
    if kind >= LsaType.OPAQUE_LINK:
        yield f"  Opaque Type: {lsa.ls_id >> 24}"
        yield f"  Opaque ID: {lsa.ls_id & 0xFFFFFF}"
    yield f"  Advertising Router: {IPv4Address(lsa.advertising_router)}"
    yield f"  LS Seq Number: {view.sequence:08X}"
    yield f"  Checksum: 0x{lsa.checksum:X}"
    yield f"  Length: {len(lsa.to_bytes(0))}"
    if kind is LsaType.ROUTER:
        yield from _router(lsa, late)
    elif kind is LsaType.NETWORK:
        yield f"  Network Mask: /{lsa.network.mask.bit_count()}"
        yield from (f"\tAttached Router: {IPv4Address(router)}" for router in lsa.network.routers)
    elif kind in (LsaType.SUMMARY, LsaType.ASBR_SUMMARY):
        yield f"  Network Mask: /{lsa.summary.mask.bit_count()}"
        topology = "MTID: 0 \t" if late else "TOS: 0  "
        yield f"\t{topology}Metric: {lsa.summary.metric} "
    elif kind in (LsaType.AS_EXTERNAL, LsaType.NSSA_EXTERNAL):
        yield from _external(lsa, late)


def _options(lsa: Lsa) -> str:
    words = ["No TOS-capability"]
    if lsa.type == LsaType.NSSA_EXTERNAL:
        words.append("Type 7/5 translation" if lsa.propagates else "No Type 7/5 translation")
    words.append("DC" if lsa.options & Option.DC.value else "No DC")
    if lsa.type in (LsaType.SUMMARY, LsaType.ASBR_SUMMARY, LsaType.AS_EXTERNAL):
        words.append("Upward")
    return ", ".join(words)


def _router(lsa: Lsa, late: bool) -> Iterator[str]:
    body = lsa.router
    if body.flags & RouterFlag.B.value:
        yield "  Area Border Router"
    if body.flags & RouterFlag.E.value:
        yield "  AS Boundary Router"
    if body.flags & RouterFlag.V.value:
        yield "  Virtual Link Endpoint"
    yield f"  Number of Links: {len(body.links)}"
    yield ""
    for link in body.links:
        yield from _link(link, late)
        yield ""


def _link(link: RouterLink, late: bool) -> Iterator[str]:
    what, link_id, link_data = _LINKS[LinkType(link.type)]
    yield f"    Link connected to: {what}"
    yield f"     (Link ID) {link_id}: {IPv4Address(link.link_id)}"
    yield f"     (Link Data) {link_data}: {IPv4Address(link.link_data)}"
    yield f"      Number of {'MTID' if late else 'TOS'} metrics: {len(link.tos)}"
    yield f"       TOS 0 Metrics: {link.metric}"


def _external(lsa: Lsa, late: bool) -> Iterator[str]:
    body = lsa.external
    yield f"  Network Mask: /{body.mask.bit_count()}"
    kind = (
        "2 (Larger than any link state path)"
        if body.type2
        else "1 (Comparable directly to link state metric)"
    )
    yield f"\tMetric Type: {kind}"
    yield f"\t{'MTID' if late else 'TOS'}: 0 "
    yield f"\tMetric: {body.metric} "
    yield f"\tForward Address: {IPv4Address(body.forwarding_address)}"
    yield f"\tExternal Route Tag: {body.tag}"


def _routes_by(instance: Instance, view: DatabaseView) -> bool:
    """Whether the router's paths lead by this LSA."""
    engine, lsa = instance.engine, view.lsa
    if view.own:
        return False
    area = engine.areas.get(view.area) if view.area is not None else None
    if lsa.type in (LsaType.ROUTER, LsaType.NETWORK):
        vertex = lsa.ls_id | ROUTER_VERTEX if lsa.type == LsaType.ROUTER else lsa.ls_id
        return area is not None and area.tree is not None and vertex in area.tree.distance
    if lsa.type == LsaType.ASBR_SUMMARY:
        return engine.routing.best_router(lsa.ls_id) is not None
    if lsa.prefix is None:
        return False
    route = engine.routing.installed.get(lsa.prefix)
    if route is None or route.source != IPv4Address(lsa.advertising_router):
        return False
    return route.type in _PATHS[LsaType(lsa.type)] and view.area in (None, route.area)
