"""IF-MIB (RFC 2863): ifTable and ifXTable."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium, short_name
from iosemu.net.snmp.agent import text_of
from iosemu.net.snmp.mib import Node, Scalar, Table, WriteError
from iosemu.packets.snmp import (
    ErrorStatus,
    Kind,
    Oid,
    Value,
    counter,
    counter64,
    gauge,
    integer,
    octets,
    oid,
    ticks,
)
from iosemu.subjects.snmp.config import SnmpPort
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

IF_TABLE = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_TABLE = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_TYPES = {
    "Serial": 22,
    "Loopback": 24,
    "Null": 1,
    "Vlan": 53,
    "Port-channel": 53,
    "Tunnel": 131,
}
"""IANAifType-MIB; what is not named is an Ethernet (6), a subinterface a l2vlan (135)."""
UP, DOWN, TESTING = 1, 2, 3


def interface_type(interface: Interface) -> int:
    """ifType."""
    if "." in interface.name:
        return 135
    return _TYPES.get(interface.kind, 6)


def oper_status(interface: Interface) -> int:
    """ifOperStatus."""
    return UP if interface.protocol_up else DOWN


def interface_nodes(device: Device, indexes: InterfaceIndexes) -> list[Node]:
    """All objects of the MIB."""

    def rows() -> Iterator[tuple[Oid, Interface]]:
        for number, interface in indexes.ordered():
            yield (number,), interface

    def count(field: str, make: Callable[[int], Value]) -> Callable[[Interface], Value]:
        return lambda each: make(int(getattr(each.counters, field)))

    def octets_of(field: str, packets: str, make: Callable[[int], Value]) -> Callable[[Interface], Value]:
        """With the check sequence of each frame, as the MIB wants it."""

        def read(each: Interface) -> Value:
            framing = 4 if each.type.medium is Medium.ETHERNET else 0
            return make(int(getattr(each.counters, field)) + framing * int(getattr(each.counters, packets)))

        return read

    def unicast(direction: str, make: Callable[[int], Value]) -> Callable[[Interface], Value]:
        def read(each: Interface) -> Value:
            counters = each.counters
            groups = int(getattr(counters, f"{direction}_broadcasts")) + int(
                getattr(counters, f"{direction}_multicasts")
            )
            return make(max(0, int(getattr(counters, f"{direction}_packets")) - groups))

        return read

    def groups(direction: str) -> Callable[[Interface], Value]:
        return lambda each: counter(
            int(getattr(each.counters, f"{direction}_broadcasts"))
            + int(getattr(each.counters, f"{direction}_multicasts"))
        )

    def mac(each: Interface) -> Value:
        return octets(bytes(each.mac) if each.type.medium is Medium.ETHERNET else b"")

    def shut(each: Interface, value: Value) -> Callable[[], None]:
        if value.kind is not Kind.INTEGER:
            raise WriteError(ErrorStatus.WRONG_TYPE)
        if value.content not in (UP, DOWN):
            raise WriteError(ErrorStatus.WRONG_VALUE)

        def write() -> None:
            each.config.shutdown = value.content == DOWN
            device.interface_configured(each.name)

        return write

    def alias(each: Interface, value: Value) -> Callable[[], None]:
        text = text_of(value, 64)

        def write() -> None:
            each.config.description = text

        return write

    table = Table(
        IF_TABLE,
        rows,
        {
            1: lambda each: integer(indexes.number(each.name)),
            2: lambda each: octets(each.name),
            3: lambda each: integer(interface_type(each)),
            4: lambda each: integer(each.config.mtu),
            5: lambda each: gauge(each.bandwidth * 1000),
            6: mac,
            7: lambda each: integer(UP if each.admin_up else DOWN),
            8: lambda each: integer(oper_status(each)),
            9: lambda each: ticks(max(0.0, each.changed_at - device.booted_at)),
            10: octets_of("in_octets", "in_packets", counter),
            11: unicast("in", counter),
            12: groups("in"),
            13: count("in_drops", counter),
            14: count("in_errors", counter),
            15: count("in_unknown_protocol", counter),
            16: octets_of("out_octets", "out_packets", counter),
            17: unicast("out", counter),
            18: groups("out"),
            19: count("out_drops", counter),
            20: count("out_errors", counter),
            21: lambda _each: gauge(0),
            22: lambda _each: oid((0, 0)),
        },
        {7: shut},
    )
    extended = Table(
        IF_X_TABLE,
        rows,
        {
            1: lambda each: octets(short_name(each.name)),
            2: count("in_multicasts", counter),
            3: count("in_broadcasts", counter),
            4: count("out_multicasts", counter),
            5: count("out_broadcasts", counter),
            6: octets_of("in_octets", "in_packets", counter64),
            7: unicast("in", counter64),
            8: count("in_multicasts", counter64),
            9: count("in_broadcasts", counter64),
            10: octets_of("out_octets", "out_packets", counter64),
            11: unicast("out", counter64),
            12: count("out_multicasts", counter64),
            13: count("out_broadcasts", counter64),
            14: lambda each: integer(1 if each.config.of(SnmpPort).link_traps else 2),
            15: lambda each: gauge(each.bandwidth // 1000),
            16: lambda each: integer(2),
            17: lambda each: integer(1 if each.is_physical else 2),
            18: lambda each: octets(each.config.description),
            19: lambda each: ticks(max(0.0, (each.counters.cleared or 0.0) - device.booted_at)),
        },
        {18: alias},
    )
    return [
        Scalar((1, 3, 6, 1, 2, 1, 2, 1), lambda: integer(len(device.interfaces))),
        table,
        extended,
    ]
