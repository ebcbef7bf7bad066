"""Traps of other subjects: what happened to routing, HSRP and ports as a notification of their MIBs."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.facts import (
    BgpState,
    EigrpNeighborDown,
    EigrpStuckInActive,
    Fact,
    HsrpState,
    OspfInterfaceState,
    OspfNeighborState,
    PortViolation,
    Storm,
)
from iosemu.box.interface_types import short_name
from iosemu.packets.snmp import Oid, VarBind, address, integer, octets
from iosemu.subjects.snmp.mibs.hsrp import HSRP, STATES
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

BGP = (1, 3, 6, 1, 2, 1, 15)
"""BGP4-MIB (RFC 1657)."""
STORM = (1, 3, 6, 1, 4, 1, 9, 9, 362)
"""CISCO-PORT-STORM-CONTROL-MIB."""
PORT_SECURITY = (1, 3, 6, 1, 4, 1, 9, 9, 315)
"""CISCO-PORT-SECURITY-MIB."""
OSPF = (1, 3, 6, 1, 2, 1, 14)
"""OSPF-MIB and OSPF-TRAP-MIB (RFC 1850)."""
EIGRP = (1, 3, 6, 1, 4, 1, 9, 9, 449)
"""CISCO-EIGRP-MIB."""
IF_NAME = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
IF_INDEX = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
_HSRP_STATES = tuple(state.value for state in STATES)
_IDLE, _ESTABLISHED = 1, 6
_IPV4, _TRUE = 1, 1
"""InetAddressType (RFC 4001), TruthValue (RFC 2579)."""


@dataclass(frozen=True)
class Notification:
    """A trap: the words of `snmp-server enable traps` that it needs, its name, and what it tells."""

    kind: str
    name: Oid
    bindings: tuple[VarBind, ...]


def _ospf_interface(about: OspfInterfaceState, indexes: InterfaceIndexes) -> Notification:
    router = VarBind((*OSPF, 1, 1, 0), address(about.router_id))
    if about.link is not None:
        area, far = about.link
        row = (*IPv4Address(area).packed, *far.packed)
        named = (
            VarBind((*OSPF, 9, 1, 1, *row), address(IPv4Address(area))),
            VarBind((*OSPF, 9, 1, 2, *row), address(far)),
            VarBind((*OSPF, 9, 1, 7, *row), integer(about.state)),
        )
        return Notification("ospf state-change", (*OSPF, 16, 2, 1), (router, *named))
    own = about.address or IPv4Address(0)
    number = 0 if about.address is not None else indexes.number(about.interface)
    row = (*own.packed, number)
    named = (
        VarBind((*OSPF, 7, 1, 1, *row), address(own)),
        VarBind((*OSPF, 7, 1, 2, *row), integer(number)),
        VarBind((*OSPF, 7, 1, 12, *row), integer(about.state)),
    )
    return Notification("ospf state-change", (*OSPF, 16, 2, 16), (router, *named))


def _ospf_neighbor(about: OspfNeighborState) -> Notification:
    router = VarBind((*OSPF, 1, 1, 0), address(about.router_id))
    if about.link is not None:
        area, far = about.link
        row = (*IPv4Address(area).packed, *far.packed)
        named = (
            VarBind((*OSPF, 11, 1, 1, *row), address(IPv4Address(area))),
            VarBind((*OSPF, 11, 1, 2, *row), address(far)),
            VarBind((*OSPF, 11, 1, 5, *row), integer(about.state)),
        )
        return Notification("ospf state-change", (*OSPF, 16, 2, 3), (router, *named))
    row = (*about.address.packed, 0)
    bindings = (
        router,
        VarBind((*OSPF, 10, 1, 1, *row), address(about.address)),
        VarBind((*OSPF, 10, 1, 2, *row), integer(0)),
        VarBind((*OSPF, 10, 1, 3, *row), address(about.neighbor)),
        VarBind((*OSPF, 10, 1, 6, *row), integer(about.state)),
    )
    return Notification("ospf state-change", (*OSPF, 16, 2, 2), bindings)


def _eigrp(about: EigrpNeighborDown | EigrpStuckInActive) -> Notification:
    row: tuple[int, ...]
    if isinstance(about, EigrpNeighborDown):
        row = (0, about.system, 0)
        bindings = (
            VarBind((*EIGRP, 1, 4, 1, 1, 3, *row), octets(about.peer.packed)),
            VarBind((*EIGRP, 1, 4, 1, 1, 2, *row), integer(_IPV4)),
        )
        return Notification("eigrp", (*EIGRP, 0, 3), bindings)
    where = about.network.network_address.packed
    row = (0, about.system, _IPV4, len(where), *where, about.network.prefixlen)
    bindings = (
        VarBind((*EIGRP, 1, 3, 1, 1, 2, *row), octets(where)),
        VarBind((*EIGRP, 1, 3, 1, 1, 6, *row), integer(_TRUE)),
    )
    return Notification("eigrp", (*EIGRP, 0, 2), bindings)


def notification(about: Fact | None, indexes: InterfaceIndexes) -> Notification | None:
    """What is told about what happened; None: nothing."""
    match about:
        case HsrpState(state=state) if state in _HSRP_STATES:
            row = (indexes.number(about.interface), about.group)
            value = integer(_HSRP_STATES.index(state) + 1)
            return Notification("hsrp", (*HSRP, 2, 0, 1), (VarBind((*HSRP, 1, 2, 1, 1, 15, *row), value),))
        case BgpState():
            peer = tuple(about.peer.packed)
            bindings = (
                VarBind((*BGP, 3, 1, 14, *peer), octets(bytes(2))),
                VarBind((*BGP, 3, 1, 2, *peer), integer(_ESTABLISHED if about.established else _IDLE)),
            )
            return Notification("bgp", (*BGP, 7, 1 if about.established else 2), bindings)
        case Storm():
            number = indexes.number(about.port)
            told = (VarBind((*IF_INDEX, number), integer(number)),)
            return Notification("storm-control", (*STORM, 0, 2), told)
        case PortViolation():
            number = indexes.number(about.port)
            return Notification(
                "port-security",
                (*PORT_SECURITY, 0, 0, 1),
                (
                    VarBind((*IF_INDEX, number), integer(number)),
                    VarBind((*IF_NAME, number), octets(short_name(about.port))),
                    VarBind((*PORT_SECURITY, 1, 2, 1, 1, 10, number), octets(about.source)),
                ),
            )
        case OspfInterfaceState():
            return _ospf_interface(about, indexes)
        case OspfNeighborState():
            return _ospf_neighbor(about)
        case EigrpNeighborDown() | EigrpStuckInActive():
            return _eigrp(about)
    return None
