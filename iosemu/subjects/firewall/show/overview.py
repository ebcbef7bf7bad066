"""`show policy-firewall …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.subjects.firewall.config.maps import KIND, ParameterMap, ParameterMaps, decision_of
from iosemu.subjects.firewall.config.zones import ZonePair
from iosemu.subjects.firewall.service.zones import ZoneFirewall
from iosemu.subjects.firewall.show import sessions
from iosemu.subjects.firewall.show.policies import chosen_pairs, limit, on_off
from iosemu.subjects.firewall.show.zones import members
from iosemu.subjects.mqc.config import CLASS_DEFAULT, MqcConfig, PolicyMap


def show_sessions(context: Context, pair: str = "") -> Iterator[str]:
    """`show policy-firewall sessions [zone-pair NAME]`."""
    device = context.device
    firewall: ZoneFirewall = device.service(ZoneFirewall)
    groups = {name for each in chosen_pairs(device, pair) for name in _classes(device, each)}
    wanted = [each for name in groups for each in firewall.sessions(*name)]
    wanted.sort(key=lambda session: session.created)
    yield from sessions.lists(wanted, device.now, "  ", counted=False)


def _classes(device: Device, pair: ZonePair) -> list[tuple[str, str]]:
    policy = device.config.of(MqcConfig).policy_map(pair.policy, KIND)
    return [(pair.name, name) for name in policy.classes] if policy is not None else []


def show_statistics(context: Context, zone_pair: bool = False, pair: str = "") -> Iterator[str]:
    """`show policy-firewall stats [zone-pair [NAME]]`: of the box, or of each zone pair."""
    device = context.device
    classes = device.service(ZoneFirewall).classes
    if not zone_pair and not pair:
        yield "Global Stats:"
        groups = [state.group for state in classes.values()]
        yield from (f"    {row}" for row in sessions.counts(groups, device.now))
        return
    for each in chosen_pairs(device, pair):
        yield f"Zone-pair: {each.name}"
        groups = [state.group for (name, _), state in classes.items() if name == each.name]
        for name, number in sessions.packets(groups).items():
            yield f"    {name} packets: [0:{number}]"
        yield from (f"    {row}" for row in sessions.counts(groups, device.now))


def show_config(context: Context, pair: str = "") -> Iterator[str]:
    """`show policy-firewall config [zone-pair NAME]`."""
    device = context.device
    used: dict[str, ParameterMap] = {}
    for each in chosen_pairs(device, pair):
        yield f"Zone-pair              : {each.name}"
        yield f"Source Zone            : {each.source}"
        yield from _members(device, each.source)
        yield f"Destination Zone       : {each.destination}"
        yield from _members(device, each.destination)
        policy = device.config.of(MqcConfig).policy_map(each.policy, KIND)
        if policy is None:
            yield "Service-policy inspect : not configured"
            continue
        yield f"Service-policy inspect : {policy.name}"
        yield from _policy(device, policy, used)
    if used:
        yield "---------------------------"
        yield "Parameter-map Configuration:"
        for parameters in used.values():
            yield from _parameters(parameters)


def _members(device: Device, zone: str) -> Iterator[str]:
    inside = members(device, zone)
    if inside:
        yield "  Member Interfaces:"
        yield from (f"    {name}" for name in inside)


def _policy(device: Device, policy: PolicyMap, used: dict[str, ParameterMap]) -> Iterator[str]:
    maps = device.config.of(ParameterMaps)
    for each in policy.classes.values():
        found = device.config.of(MqcConfig).class_map(each.name, KIND)
        how = "match-any" if each.name == CLASS_DEFAULT or found is None else found.how
        yield f"  Class-map : {each.name} ({how})"
        lines = ["any"] if found is None else [criterion.words() for criterion in found.criteria]
        yield from (f"   Match {text}" for text in lines)
        decision = decision_of(each)
        yield f"  Action : {decision.verb}{' log' if decision.log else ''}"
        parameters = maps.find(decision.parameters)
        used.setdefault(parameters.name, parameters)
        yield f"   Parameter-map : {parameters.name}"


def _parameters(each: ParameterMap) -> Iterator[str]:
    yield f"  Parameter-map type inspect: {each.name}"
    yield "  --------------------------"
    yield f"   alert messages                 : {on_off(each.alert)}"
    yield f"   audit trailing                 : {on_off(each.audit_trail)}"
    yield f"   logging dropped-packets        : {on_off(each.log_dropped)}"
    yield f"   icmp session idle-time         : {each.icmp_idle} sec"
    yield f"   dns session idle-time          : {each.dns_timeout} sec"
    yield f"   tcp session idle-time          : {each.tcp_idle} sec"
    yield f"   tcp session FIN wait-time      : {each.fin_wait} sec"
    yield f"   tcp session SYN wait-time      : {each.syn_wait} sec"
    yield f"   tcp max-half-open connections/host  : {limit(each.host)} block-time: {each.block_time} min"
    yield f"   udp session idle-time          : {each.udp_idle} sec"
    yield f"   sessions, connections/min threshold (low) : {limit(each.minute_low)}"
    yield f"   sessions, connections/min threshold (high): {limit(each.minute_high)}"
    yield f"   sessions, max-incomplete threshold (low)  : {limit(each.incomplete_low)}"
    yield f"   sessions, max-incomplete threshold (high) : {limit(each.incomplete_high)}"
    yield f"   sessions, maximum no. of inspect sessions : {limit(each.sessions)}"
