"""The ports that a configuration names, for boxes that are to be made as it wants them."""

from __future__ import annotations

import re

from iosemu.box.interface_types import TYPES, sort_key

_INTERFACE = re.compile(
    r"interface\s+([A-Za-z-]+)\s*(\d+(?:/\d+)*)(?:[.:][\d.:]+)?(?:\s+\S+)?\s*", re.IGNORECASE
)
_LAYER_2 = re.compile(r"^\s*(?:(?:no )?switchport|spanning-tree|vtp|interface Vlan ?\d+)\b", re.MULTILINE)
_LAYER_3 = re.compile(
    r"^\s*(?:no switchport|ip routing|router \S+|switchport trunk encap\S*)(?:\s|$)", re.MULTILINE
)
_ROUTER = re.compile(
    r"^(?:line aux 0|ip nat (?:inside|outside|pool)|ip inspect|crypto (?:isakmp|ipsec|map|dynamic-map|ikev2)"
    r"|interface (?:Serial|Dialer|BVI|ATM|Cellular|BRI|Async|Virtual-Template))\b",
    re.MULTILINE,
)
"""Fixed Catalysts have nothing of these."""
_CATALYST = re.compile(r"^(?:spanning-tree (?:mode|extend)|vlan internal|switch \d|mls )", re.MULTILINE)
"""Modules in routers have nothing of these."""
_VLAN = re.compile(r"^interface Vlan ?\d+", re.MULTILINE)
_OF_A_ROUTER = re.compile(
    r"^ (?:duplex|speed|ip address \d|encapsulation|pppoe|bridge-group)\b", re.MULTILINE
)
"""Lines of a port that is wired to the router: IOS writes how it negotiates, which it does for no switch port."""
_OF_A_SWITCH = re.compile(r"^ (?:switchport|spanning-tree)\b", re.MULTILINE)
_ELSEWHERE = re.compile(r"^interface \S+\d/\d+/\d|^interface TenG", re.MULTILINE)
"""Ports of larger switches."""
_FAST_SLOT = re.compile(r"^interface FastEthernet\d/\d", re.MULTILINE)
_GIGABIT = re.compile(r"^interface GigabitEthernet", re.MULTILINE)
_VERSION = re.compile(r"^version (\d+)\.(\d+)", re.MULTILINE)


def ports_of(text: str) -> tuple[str, ...]:
    """Canonical names of the ports behind the `interface` lines of a configuration, in IOS's order."""
    found = set()
    for line in text.splitlines():
        match = _INTERFACE.fullmatch(line)
        if match is None:
            continue
        typed = match[1].lower()
        kinds = [each for each in TYPES.values() if each.name.lower().startswith(typed)]
        exact = [each for each in kinds if each.name.lower() == typed]
        kind = exact or kinds
        if len(kind) == 1 and not kind[0].logical:
            found.add(f"{kind[0].name}{match[2]}")
    return tuple(sorted(found, key=sort_key))


def switch_ports_of(text: str) -> tuple[str, ...]:
    """Which of the ports that a router's configuration names are switch ports, as on a module or on an 881.

    Those with lines of a switch port, and, where there are VLAN interfaces, Ethernet ports that have no line of a
    routed one.
    """
    vlans = _VLAN.search(text) is not None
    found: list[str] = []
    parents: set[str] = set()
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        head, _, body = block.partition("\n")
        match = _INTERFACE.fullmatch(head)
        if match is None:
            continue
        if "." in head:
            parents.update(ports_of(head))
        elif _OF_A_SWITCH.search(body) or (vlans and not _OF_A_ROUTER.search(body)):
            found += [port for port in ports_of(head) if "Ethernet" in port]
    return tuple(port for port in found if port not in parents)


def model_for(text: str) -> str:
    """The model that a configuration is probably for.

    A router when it does not switch, or does what no Catalyst can; else a switch that routes when it has routed
    ports or a routing process, and one with 24 ports when it has not.
    """
    if not _LAYER_2.search(text) or (_ROUTER.search(text) and not _CATALYST.search(text)):
        slotted = _FAST_SLOT.search(text) and not _GIGABIT.search(text)
        return "c2811" if slotted else "c2911"
    return "catalyst-3560-24ps" if _LAYER_3.search(text) or _ELSEWHERE.search(text) else "catalyst-2960-24tt"


def image_for(text: str) -> str | None:
    """The image that prints as the release which a configuration names; None: it names none that is known."""
    named = _VERSION.search(text)
    if named is None:
        return None
    release = (int(named[1]), int(named[2]))
    return "12.4" if release < (15, 0) else "15.1"
