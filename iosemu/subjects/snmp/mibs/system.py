"""SNMPv2-MIB (RFC 3418): the system group, and what the agent counts."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.software import version_lines
from iosemu.box.system import SystemConfig
from iosemu.net.snmp.agent import SnmpCounters, text_of
from iosemu.net.snmp.mib import Node, Scalar, WriteError
from iosemu.packets.snmp import ErrorStatus, Oid, Value, counter, integer, octets, oid, ticks
from iosemu.subjects.snmp.config import SnmpConfig

SYSTEM = (1, 3, 6, 1, 2, 1, 1)
SNMP = (1, 3, 6, 1, 2, 1, 11)
UPTIME = (*SYSTEM, 3, 0)
CISCO_PRODUCTS = (1, 3, 6, 1, 4, 1, 9, 1)
_COUNTED = {
    1: "received",
    2: "sent",
    3: "bad_versions",
    4: "bad_communities",
    5: "bad_uses",
    6: "parse_errors",
    13: "requested",
    14: "altered",
    15: "gets",
    16: "get_nexts",
    17: "sets",
    20: "too_big",
    21: "no_such_names",
    22: "bad_values",
    24: "general_errors",
    28: "responses",
    29: "traps",
}


def product(device: Device) -> Oid:
    """sysObjectID (CISCO-PRODUCTS-MIB)."""
    return (*CISCO_PRODUCTS, int(device.model.facts.get("product", 1)))


def full_name(device: Device) -> str:
    """sysName: with the domain where there is one."""
    domain = device.config.of(SystemConfig).domain_name
    return f"{device.hostname}.{domain}" if domain else device.hostname


def system_nodes(device: Device, counters: SnmpCounters) -> list[Node]:
    """The objects of the two groups."""
    config = device.config

    def keep(field: str) -> Callable[[Value], Callable[[], None]]:
        def check(value: Value) -> Callable[[], None]:
            text = text_of(value)
            return lambda: setattr(config.of(SnmpConfig), field, text)

        return check

    def rename(value: Value) -> Callable[[], None]:
        text = text_of(value, 63)
        if not text or " " in text:
            raise WriteError(ErrorStatus.WRONG_VALUE)

        def write() -> None:
            config.of(SystemConfig).hostname = text
            device.configured("system")

        return write

    def count(name: str) -> Callable[[], Value]:
        return lambda: counter(int(getattr(counters, name)))

    layers = 6 if device.is_switch else 78
    return [
        Scalar((*SYSTEM, 1), lambda: octets("\r\n".join(version_lines(device)))),
        Scalar((*SYSTEM, 2), lambda: oid(product(device))),
        Scalar((*SYSTEM, 3), lambda: ticks(device.now - device.booted_at)),
        Scalar((*SYSTEM, 4), lambda: octets(config.of(SnmpConfig).contact), keep("contact")),
        Scalar((*SYSTEM, 5), lambda: octets(full_name(device)), rename),
        Scalar((*SYSTEM, 6), lambda: octets(config.of(SnmpConfig).location), keep("location")),
        Scalar((*SYSTEM, 7), lambda: integer(layers)),
        Scalar((*SYSTEM, 8), lambda: ticks(0)),
        *(Scalar((*SNMP, number), count(name)) for number, name in _COUNTED.items()),
        Scalar(
            (*SNMP, 30), lambda: integer(1 if "snmp authentication" in config.of(SnmpConfig).traps else 2)
        ),
        Scalar((*SNMP, 31), lambda: counter(counters.dropped)),
        Scalar((*SNMP, 32), lambda: counter(0)),
    ]
