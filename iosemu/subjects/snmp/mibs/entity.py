"""ENTITY-MIB (RFC 6933, the objects of version 2): what `show inventory` lists, and the ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.snmp import Oid, integer, octets, oid, ticks
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes
from iosemu.subjects.snmp.mibs.system import product
from iosemu.subjects.version.show.version import module_serial, serial_number

PHYSICAL = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
MAPPING = (1, 3, 6, 1, 2, 1, 47, 1, 3, 2, 1)
CHASSIS, MODULE, PORT = 3, 9, 10
"""PhysicalClass."""


@dataclass(frozen=True)
class Part:
    """One row of entPhysicalTable."""

    name: str
    description: str
    class_: int
    container: int
    position: int
    model: str = ""
    revision: str = ""
    serial: str = ""
    vendor: Oid = (0, 0)
    port: str = ""


def parts(device: Device) -> dict[int, Part]:
    """By entPhysicalIndex: the chassis, what is in it, and its ports."""
    facts, serial = device.model.facts, serial_number(device)
    found: dict[int, Part] = {}
    vid = str(facts.get("vid", facts.get("version_id", "")))
    listed = facts.get("inventory")
    if listed:
        for place, each in enumerate(listed):
            chassis = bool(each.get("chassis"))
            found[len(found) + 1] = Part(
                each["name"],
                each["description"].format(serial=serial),
                CHASSIS if chassis else MODULE,
                0 if chassis else 1,
                -1 if chassis else place,
                each["pid"],
                each["vid"],
                serial if chassis else "",
                product(device) if chassis else (0, 0),
            )
        for index, (slot, module) in enumerate(sorted(device.model.modules.items())):
            found[len(found) + 1] = Part(
                f"{module.title} on Slot {slot}", module.title, MODULE, 1, index + 1, module.pid, module.vid,
                module_serial(device, index),
            )  # fmt: skip
    else:
        pid = str(facts["platform"])
        found[1001 if device.is_switch else 1] = Part(
            "1", pid, CHASSIS, 0, -1, pid, vid, serial, product(device)
        )
    chassis_index = next(iter(found))
    for place, name in enumerate(device.ports):
        found[max(found) + 1] = Part(name, name, PORT, chassis_index, place, port=name)
    return found


def entity_nodes(device: Device, indexes: InterfaceIndexes) -> list[Node]:
    """The objects of the MIB."""

    def rows() -> Iterator[tuple[Oid, Part]]:
        for index, part in parts(device).items():
            yield (index,), part

    def ports() -> Iterator[tuple[Oid, Part]]:
        for index, part in parts(device).items():
            if part.port:
                yield (index, 0), part

    return [
        Table(
            PHYSICAL,
            rows,
            {
                2: lambda each: octets(each.description),
                3: lambda each: oid(each.vendor),
                4: lambda each: integer(each.container),
                5: lambda each: integer(each.class_),
                6: lambda each: integer(each.position),
                7: lambda each: octets(each.name),
                8: lambda each: octets(each.revision),
                9: lambda _each: octets(""),
                10: lambda each: octets(
                    str(device.model.facts.get("version", "")) if each.class_ == CHASSIS else ""
                ),
                11: lambda each: octets(each.serial),
                12: lambda each: octets("Cisco" if each.class_ == CHASSIS else ""),
                13: lambda each: octets(each.model),
                14: lambda _each: octets(""),
                15: lambda _each: octets(""),
                16: lambda each: integer(1 if each.class_ == MODULE else 2),
            },
        ),
        Table(
            MAPPING, ports, {2: lambda each: oid((1, 3, 6, 1, 2, 1, 2, 2, 1, 1, indexes.number(each.port)))}
        ),
        Scalar((1, 3, 6, 1, 2, 1, 47, 1, 4, 1), lambda: ticks(0)),
    ]
