"""Names of subtrees, as `snmp-server view` and its shows have them."""

from __future__ import annotations

from iosemu.packets.snmp import Oid

NAMES: dict[str, Oid] = {
    "iso": (1,),
    "internet": (1, 3, 6, 1),
    "mgmt": (1, 3, 6, 1, 2),
    "mib-2": (1, 3, 6, 1, 2, 1),
    "system": (1, 3, 6, 1, 2, 1, 1),
    "interfaces": (1, 3, 6, 1, 2, 1, 2),
    "ifTable": (1, 3, 6, 1, 2, 1, 2, 2),
    "ifEntry": (1, 3, 6, 1, 2, 1, 2, 2, 1),
    "at": (1, 3, 6, 1, 2, 1, 3),
    "ip": (1, 3, 6, 1, 2, 1, 4),
    "ipAddrTable": (1, 3, 6, 1, 2, 1, 4, 20),
    "icmp": (1, 3, 6, 1, 2, 1, 5),
    "tcp": (1, 3, 6, 1, 2, 1, 6),
    "udp": (1, 3, 6, 1, 2, 1, 7),
    "snmp": (1, 3, 6, 1, 2, 1, 11),
    "ospf": (1, 3, 6, 1, 2, 1, 14),
    "bgp": (1, 3, 6, 1, 2, 1, 15),
    "dot1dBridge": (1, 3, 6, 1, 2, 1, 17),
    "ifMIB": (1, 3, 6, 1, 2, 1, 31),
    "entityMIB": (1, 3, 6, 1, 2, 1, 47),
    "private": (1, 3, 6, 1, 4),
    "enterprises": (1, 3, 6, 1, 4, 1),
    "cisco": (1, 3, 6, 1, 4, 1, 9),
    "lsystem": (1, 3, 6, 1, 4, 1, 9, 2, 1),
    "ciscoMgmt": (1, 3, 6, 1, 4, 1, 9, 9),
    "snmpV2": (1, 3, 6, 1, 6),
    "snmpModules": (1, 3, 6, 1, 6, 3),
    "snmpUsmMIB": (1, 3, 6, 1, 6, 3, 15),
    "snmpVacmMIB": (1, 3, 6, 1, 6, 3, 16),
    "snmpCommunityMIB": (1, 3, 6, 1, 6, 3, 18),
}
_BY_LENGTH = sorted(
    (each for each in NAMES.items() if each[1][:5] != (1, 3, 6, 1, 6)), key=lambda each: -len(each[1])
)
"""Those below snmpV2 can be typed, and are shown as `internet.6.3.15`."""
_LOWER = {name.lower(): family for name, family in NAMES.items()}


def family_of(text: str) -> tuple[int | None, ...] | None:
    """The numbers of `internet.6.3.15` or `1.3.6.1.2.1.2.2.1.*.2`; None: there is no such subtree."""
    head, *rest = text.lstrip(".").split(".")
    family: list[int | None] = []
    if head.lower() in _LOWER:
        family.extend(_LOWER[head.lower()])
    else:
        rest = [head, *rest]
    for part in rest:
        if part == "*":
            family.append(None)
        elif part.isascii() and part.isdigit() and int(part) < 2**32:
            family.append(int(part))
        else:
            return None
    return tuple(family) if family and len(family) <= 128 and family[0] in (0, 1, 2, None) else None


def name_of(family: tuple[int | None, ...]) -> str:
    """`internet.6.3.15`: the longest name, and the rest in numbers."""
    found = next((each for each in _BY_LENGTH if family[: len(each[1])] == each[1]), ("", ()))
    name, rest = found[0], family[len(found[1]) :]
    numbers = ["*" if each is None else str(each) for each in rest]
    return ".".join([name, *numbers] if name else numbers)
