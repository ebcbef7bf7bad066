"""Traps of other subjects: what happened to HSRP, BGP and storms as a notification of their MIBs."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.facts import BgpState, Fact, HsrpState, Storm
from iosemu.packets.snmp import Oid, VarBind, integer, octets
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

HSRP = (1, 3, 6, 1, 4, 1, 9, 9, 106)
"""CISCO-HSRP-MIB."""
BGP = (1, 3, 6, 1, 2, 1, 15)
"""BGP4-MIB (RFC 1657)."""
STORM = (1, 3, 6, 1, 4, 1, 9, 9, 362)
"""CISCO-PORT-STORM-CONTROL-MIB."""
IF_INDEX = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
_HSRP_STATES = ("Init", "Learn", "Listen", "Speak", "Standby", "Active")
_IDLE, _ESTABLISHED = 1, 6


@dataclass(frozen=True)
class Notification:
    """A trap: the words of `snmp-server enable traps` that it needs, its name, and what it tells."""

    kind: str
    name: Oid
    bindings: tuple[VarBind, ...]


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
    return None
