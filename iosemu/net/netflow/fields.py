"""The fields of Flexible NetFlow's records: what they are called, shown as, and exported as (RFC 7012)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address


class Form(Enum):
    """How a value is shown."""

    ADDRESS = 1
    NUMBER = 2
    HEXADECIMAL = 3
    INTERFACE = 4
    DIRECTION = 5
    TIME = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `name` is what is typed after `match` or `collect`."""

    name: str
    element: int
    octets: int
    title: str
    column: str
    """The title in a table."""
    form: Form = Form.NUMBER
    key: bool = True
    """It can be matched."""

    @property
    def width(self) -> int:
        """Of its column."""
        return max(len(self.column), 15 if self.form is Form.ADDRESS else 10)


ALL = (
    Field("ipv4 source address", 8, 4, "IPV4 SOURCE ADDRESS", "IPV4 SRC ADDR", Form.ADDRESS),
    Field("ipv4 destination address", 12, 4, "IPV4 DESTINATION ADDRESS", "IPV4 DST ADDR", Form.ADDRESS),
    Field("ipv4 tos", 5, 1, "IP TOS", "IP TOS", Form.HEXADECIMAL),
    Field("ipv4 protocol", 4, 1, "IP PROTOCOL", "IP PROT"),
    Field("transport source-port", 7, 2, "TRNS SOURCE PORT", "TRNS SRC PORT"),
    Field("transport destination-port", 11, 2, "TRNS DESTINATION PORT", "TRNS DST PORT"),
    Field("interface input", 10, 4, "INTERFACE INPUT", "INTF INPUT", Form.INTERFACE),
    Field("interface output", 14, 4, "INTERFACE OUTPUT", "INTF OUTPUT", Form.INTERFACE),
    Field("flow direction", 61, 1, "FLOW DIRECTION", "FLOW DIRN", Form.DIRECTION),
    Field(
        "routing next-hop address ipv4",
        15,
        4,
        "ipv4 next hop address",
        "ip next hop",
        Form.ADDRESS,
        key=False,
    ),
    Field("transport tcp flags", 6, 1, "tcp flags", "tcp flags", Form.HEXADECIMAL, key=False),
    Field("counter bytes", 1, 4, "counter bytes", "bytes", key=False),
    Field("counter packets", 2, 4, "counter packets", "pkts", key=False),
    Field("counter bytes long", 1, 8, "counter bytes long", "bytes long", key=False),
    Field("counter packets long", 2, 8, "counter packets long", "pkts long", key=False),
    Field("timestamp sys-uptime first", 22, 4, "timestamp first", "time first", Form.TIME, key=False),
    Field("timestamp sys-uptime last", 21, 4, "timestamp last", "time last", Form.TIME, key=False),
)
FIELDS = {each.name: each for each in ALL}
Value = IPv4Address | int | str
"""An address, a number (milliseconds of uptime for times), or the name of an interface."""


def exported(field: Field, value: Value, index: Mapping[str, int]) -> bytes:
    """A value as it is sent; interfaces are numbers of SNMP there."""
    if isinstance(value, IPv4Address):
        return value.packed
    number = index.get(value, 0) if isinstance(value, str) else value
    return (number & ((1 << 8 * field.octets) - 1)).to_bytes(field.octets, "big")
