"""`zone security`, `zone-pair security`, `zone-member security`, and the clears of what they let begin."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Output
from iosemu.subjects.firewall.config.cbac import InspectSides
from iosemu.subjects.firewall.config.maps import KIND
from iosemu.subjects.firewall.config.zones import SELF, Zone, ZoneMember, ZonePair, ZonesConfig
from iosemu.subjects.firewall.service.zones import ZoneFirewall
from iosemu.subjects.mqc.config import MqcConfig


def _config(context: Context) -> ZonesConfig:
    config: ZonesConfig = context.device.config.of(ZonesConfig)
    return config


def zone(context: Context, name: str) -> Output:
    """`[no] zone security NAME`; one that pairs or interfaces name stays."""
    config = _config(context)
    if name == SELF:
        raise CommandError("% Zone self is a system defined zone")
    if context.off:
        if any(name in (each.source, each.destination) for each in config.pairs.values()):
            raise CommandError(f"% Zone {name} is used in a zone-pair, remove that first")
        for interface in context.device.config.interfaces.values():
            member = interface.held(ZoneMember)
            if member is not None and member.zone == name:
                raise CommandError(f"% Zone {name} has member interfaces, remove them first")
        config.zones.pop(name, None)
        return None
    return [Enter("config-sec-zone", config.zones.setdefault(name, Zone(name)))]


def zone_description(context: Context, text: str = "") -> None:
    """`[no] description LINE` of a zone."""
    context.edited(Zone).description = "" if context.off else text


def zone_pair(context: Context, name: str, source: str = "", destination: str = "") -> Output:
    """`[no] zone-pair security NAME [source A destination B]`."""
    config = _config(context)
    if context.off:
        config.pairs.pop(name, None)
        return None
    known = config.pairs.get(name)
    if not source:
        if known is None:
            raise CommandError("% Source and destination zones must be given for a new zone-pair")
        return [Enter("config-sec-zone-pair", known)]
    for each in (source, destination):
        if each != SELF and each not in config.zones:
            raise CommandError(f"% Zone {each} does not exist")
    if known is not None and (known.source, known.destination) != (source, destination):
        raise CommandError(f"% Zone-pair {name} has other zones, remove it first")
    if source == destination == SELF:
        raise CommandError("% Source and destination cannot both be the self zone")
    other = config.pair(source, destination)
    if known is None and other is not None:
        raise CommandError(f"% Zone-pair {other.name} already exists between {source} and {destination}")
    return [Enter("config-sec-zone-pair", config.pairs.setdefault(name, ZonePair(name, source, destination)))]


def pair_description(context: Context, text: str = "") -> None:
    """`[no] description LINE` of a zone pair."""
    context.edited(ZonePair).description = "" if context.off else text


def service_policy(context: Context, name: str) -> None:
    """`[no] service-policy type inspect NAME`; one at a time."""
    pair = context.edited(ZonePair)
    if context.off:
        if pair.policy == name:
            pair.policy = ""
        return
    if context.device.config.of(MqcConfig).policy_map(name, KIND) is None:
        raise CommandError(f"% policy map {name} not configured")
    if pair.policy not in ("", name):
        raise CommandError(
            f"% Policy-map {pair.policy} is already attached to this zone-pair, remove it first"
        )
    pair.policy = name


def zone_member(context: Context, name: str = "") -> None:
    """`[no] zone-member security NAME`."""
    member = context.edited(InterfaceConfig).of(ZoneMember)
    if context.off:
        member.zone = ""
        return
    if name not in _config(context).zones:
        raise CommandError(f"% Zone {name} does not exist")
    sides = context.edited(InterfaceConfig).held(InspectSides)
    if sides is not None and (sides.inbound or sides.outbound):
        raise CommandError("% Interface has ip inspect configured: it cannot be a member of a zone")
    if member.zone not in ("", name):
        raise CommandError(f"% Interface is a member of zone {member.zone}, remove it first")
    member.zone = name


def clear_sessions(context: Context, name: str = "") -> None:
    """`clear zone-pair [NAME] inspect sessions`."""
    if name and name not in _config(context).pairs:
        raise CommandError(f"% Zone-pair {name} does not exist")
    firewall: ZoneFirewall = context.device.service(ZoneFirewall)
    groups = {id(state.group) for (pair, _), state in firewall.classes.items() if name in ("", pair)}
    firewall.keeper.inspector.clear(lambda session: id(session.group) in groups)
    firewall.keeper.settle()


def clear_counters(context: Context, name: str = "") -> None:
    """`clear zone-pair [NAME] counter`: sessions stay."""
    if name and name not in _config(context).pairs:
        raise CommandError(f"% Zone-pair {name} does not exist")
    for (pair, _), state in context.device.service(ZoneFirewall).classes.items():
        if name in ("", pair):
            state.clear(context.device.now)
