"""CISCO-HSRP-MIB: the groups of all interfaces, cHsrpGrpTable."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.firsthop.hsrp import Peer, State
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.hsrp import DEFAULT_TEXT
from iosemu.packets.snmp import Oid, Value, address, gauge, integer, octets
from iosemu.subjects.hsrp.proof import text_of
from iosemu.subjects.hsrp.service import Hsrp, Running
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

HSRP = (1, 3, 6, 1, 4, 1, 9, 9, 106)
STATES = (State.INIT, State.LEARN, State.LISTEN, State.SPEAK, State.STANDBY, State.ACTIVE)
"""In the order of HsrpState, which counts from 1."""
_NOBODY = IPv4Address(0)
_TRUE, _FALSE, _ACTIVE_ROW = 1, 2, 1


def hsrp_nodes(device: Device, indexes: InterfaceIndexes) -> list[Node]:
    """The objects of the MIB; none where the box cannot have groups."""
    service = device.find(Hsrp)
    if service is None:
        return []

    def rows() -> Iterator[tuple[Oid, Running]]:
        for (name, group), running in service.groups.items():
            yield (indexes.number(name), group), running

    def own(running: Running) -> IPv4Address:
        return running.engine.own or _NOBODY

    def who(running: Running, peer: Peer | None, state: State) -> Value:
        if running.engine.state is state:
            return address(own(running))
        return address(peer.address if peer is not None else _NOBODY)

    def timer(seconds: float) -> Value:
        return gauge(round(seconds * 1000))

    return [
        Scalar((*HSRP, 1, 1, 1), lambda: gauge(0)),
        Table(
            (*HSRP, 1, 2, 1, 1),
            rows,
            {
                2: lambda each: octets(text_of(each.settings) or DEFAULT_TEXT),
                3: lambda each: gauge(each.engine.settings.priority),
                4: lambda each: integer(_TRUE if each.settings.preempt else _FALSE),
                5: lambda each: gauge(each.settings.delay_minimum),
                6: lambda each: integer(_TRUE if each.settings.timers is not None else _FALSE),
                7: lambda each: timer(each.engine.hello),
                8: lambda each: timer(each.engine.hold),
                9: lambda each: timer(each.engine.hello),
                10: lambda each: timer(each.engine.hold),
                11: lambda each: address(each.engine.address or _NOBODY),
                12: lambda each: integer(_TRUE if each.settings.address is not None else _FALSE),
                13: lambda each: who(each, each.engine.active, State.ACTIVE),
                14: lambda each: who(each, each.engine.standby, State.STANDBY),
                15: lambda each: integer(STATES.index(each.engine.state) + 1),
                16: lambda each: octets(bytes(service.station(each))),
                17: lambda _each: integer(_ACTIVE_ROW),
            },
        ),
    ]
