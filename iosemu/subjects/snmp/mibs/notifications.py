"""Traps of other subjects: what a system message says of HSRP, BGP and storms as a notification of their MIBs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.box.interface_types import short_name
from iosemu.box.syslog import Message
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


def notification(message: Message, indexes: InterfaceIndexes) -> Notification | None:
    """What is told about a message; None: nothing."""
    made = _MAKERS.get((message.facility, message.mnemonic))
    return made(message.text, indexes) if made is not None else None


def _hsrp(text: str, indexes: InterfaceIndexes) -> Notification | None:
    found = re.fullmatch(r"(\S+) Grp (\d+) state \w+ -> (\w+)", text)
    if found is None or found[3] not in _HSRP_STATES:
        return None
    state = integer(_HSRP_STATES.index(found[3]) + 1)
    row = (indexes.number(found[1]), int(found[2]))
    return Notification("hsrp", (*HSRP, 2, 0, 1), (VarBind((*HSRP, 1, 2, 1, 1, 15, *row), state),))


def _bgp(text: str, _indexes: InterfaceIndexes) -> Notification | None:
    found = re.match(r"neighbor ([\d.]+) .*\b(Up|Down)\b", text)
    if found is None:
        return None
    up, peer = found[2] == "Up", tuple(IPv4Address(found[1]).packed)
    state = integer(_ESTABLISHED if up else _IDLE)
    bindings = (
        VarBind((*BGP, 3, 1, 14, *peer), octets(bytes(2))),
        VarBind((*BGP, 3, 1, 2, *peer), state),
    )
    return Notification("bgp", (*BGP, 7, 1 if up else 2), bindings)


def _storm(text: str, indexes: InterfaceIndexes) -> Notification | None:
    found = re.search(r"detected on (\S+)\. Sending", text)
    if found is None:
        return None
    for number, interface in indexes.ordered():
        if short_name(interface.name) == found[1]:
            return Notification(
                "storm-control", (*STORM, 0, 2), (VarBind((*IF_INDEX, number), integer(number)),)
            )
    return None


_MAKERS: dict[tuple[str, str], Callable[[str, InterfaceIndexes], Notification | None]] = {
    ("HSRP", "STATECHANGE"): _hsrp,
    ("BGP", "ADJCHANGE"): _bgp,
    ("STORM_CONTROL", "TRAP"): _storm,
}
