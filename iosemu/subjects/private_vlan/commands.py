"""Private VLANs: their types and associations, ports in them, and the interface of a primary one."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import SwitchportMode
from iosemu.bridging.vlans import ISOLATED, PRIMARY, RESERVED, Vlan, VlanConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.subjects.private_vlan.config import PrivateMapping
from iosemu.subjects.switchport.commands import layer2_of

_TRANSPARENT = "%Private VLANs can only be configured when VTP is in transparent/off mode."


def _edited(context: Context) -> list[Vlan]:
    if context.device.config.of(VlanConfig).vtp_mode not in ("transparent", "off"):
        raise CommandError(_TRANSPARENT)
    target = context.target
    edited = target if isinstance(target, list) else [target]
    if any(vlan.number == 1 or vlan.number in RESERVED for vlan in edited):
        raise CommandError("%Default VLAN may not be configured as a private VLAN.")
    return edited


def kind(context: Context, kind: str) -> Output:
    """`[no] private-vlan primary|isolated|community` of a VLAN."""
    for vlan in _edited(context):
        if context.off and vlan.private != kind:
            continue
        if vlan.private == PRIMARY:
            vlan.associated = ()
        vlan.private = "" if context.off else kind
    return None


def association(context: Context, how: str = "", vlans: tuple[int, ...] = ()) -> Output:
    """`[no] private-vlan association [add|remove] LIST` of a primary VLAN."""
    edited = _edited(context)
    if len(edited) > 1:
        raise CommandError("%Command rejected: an association is of one primary VLAN.")
    vlan, config = edited[0], context.device.config.of(VlanConfig)
    if vlan.private != PRIMARY and not context.off:
        raise CommandError(f"%Command rejected: VLAN {vlan.number} is not a primary private VLAN.")
    after = _changed(vlan.associated, how, vlans, off=context.off)
    others = {
        second: each.number
        for each in config.vlans.values()
        if each is not vlan
        for second in each.associated
    }
    for number in sorted(after):
        if number in others:
            raise CommandError(
                f"%Command rejected: VLAN {number} is already associated with primary VLAN {others[number]}."
            )
        if number == 1 or number in RESERVED or number == vlan.number:
            raise CommandError(f"%Command rejected: invalid private vlan association with VLAN {number}.")
    isolated = [
        number for number in after if number in config.vlans and config.vlans[number].private == ISOLATED
    ]
    if len(isolated) > 1:
        raise CommandError("%Command rejected: only one isolated VLAN can be associated with a primary VLAN.")
    vlan.associated = tuple(sorted(after))
    return None


def _changed(before: Iterable[int], how: str, vlans: tuple[int, ...], *, off: bool) -> set[int]:
    """A list after `LIST`, `add LIST`, `remove LIST`, or `no …`."""
    if off:
        return set()
    if how.startswith("add"):
        return set(before) | set(vlans)
    return set(before) - set(vlans) if how.startswith("remove") else set(vlans)


def mode(context: Context, kind: str) -> Output:
    """`switchport mode private-vlan host|promiscuous`."""
    layer2_of(context).mode = SwitchportMode(f"private-vlan {kind}")
    return None


def host_association(context: Context, primary: int = 0, secondary: int = 0) -> Output:
    """`[no] switchport private-vlan host-association P S`."""
    port = layer2_of(context)
    if primary == secondary and not context.off:
        raise InvalidArgument("secondary")
    port.host_association = None if context.off else (primary, secondary)
    return None


def port_mapping(context: Context, primary: int = 0, how: str = "", vlans: tuple[int, ...] = ()) -> Output:
    """`[no] switchport private-vlan mapping P [add|remove] LIST`."""
    port = layer2_of(context)
    before = port.private_mapping[1] if port.private_mapping and port.private_mapping[0] == primary else ()
    after = _changed(before, how, vlans, off=context.off) - {primary}
    port.private_mapping = (primary, frozenset(after)) if after else None
    return None


def mapping(context: Context, how: str = "", vlans: tuple[int, ...] = ()) -> Output:
    """`[no] private-vlan mapping [add|remove] LIST` of a VLAN interface."""
    config = context.edited(InterfaceConfig)
    if config.kind != "Vlan":
        raise InvalidArgument("private-vlan")
    primary, held = int(config.name.removeprefix("Vlan")), config.of(PrivateMapping)
    before = held.vlans
    held.vlans = frozenset(_changed(before, how, vlans, off=context.off)) - {primary}
    for word, numbers in (("Created", held.vlans - before), ("Purged", before - held.vlans)):
        for number in sorted(numbers):
            text = f"{word} a private vlan mapping, Primary {primary}, Secondary {number}"
            context.device.log("PV", 6, "PV_MSG", text)
    return None
