"""`show policy-map type inspect …`, `show parameter-map type inspect`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.firewall.config.maps import KIND, ParameterMap, ParameterMaps, PoliceRate, decision_of
from iosemu.subjects.firewall.config.zones import ZonePair, ZonesConfig
from iosemu.subjects.firewall.service.zones import ClassState, ZoneFirewall
from iosemu.subjects.firewall.show import sessions
from iosemu.subjects.mqc import show as mqc
from iosemu.subjects.mqc.config import CLASS_DEFAULT, MqcConfig, PolicyClass


@dataclass(frozen=True)
class FirewallStyle:
    """How an image prints the policies of zone pairs."""

    stem: ClassVar[str] = "firewall"

    announces: bool = True
    """`policy exists on zp NAME` stands above each."""


def chosen_pairs(device: Device, name: str) -> list[ZonePair]:
    """The named zone pair, or all.

    Raises CommandError where there is none of that name.
    """
    pairs = device.config.of(ZonesConfig).pairs
    if name and name not in pairs:
        raise CommandError(f"% Zone-pair {name} does not exist")
    return [each for each in pairs.values() if name in ("", each.name)]


def show_zone_pair_policies(context: Context, pair: str = "", sessions: bool = False) -> Iterator[str]:
    """`show policy-map type inspect zone-pair [NAME] [sessions]`."""
    device = context.device
    announces = device.image.style(FirewallStyle).announces
    for each in chosen_pairs(device, pair):
        policy = device.config.of(MqcConfig).policy_map(each.policy, KIND)
        if policy is None:
            continue
        if announces:
            yield ""
            yield f"policy exists on zp {each.name}"
            yield f" Zone-pair: {each.name}"
            yield ""
        else:
            yield f"Zone-pair: {each.name} "
        yield f"  Service-policy inspect : {policy.name}"
        for policy_class in policy.classes.values():
            yield ""
            yield from _class(device, each, policy_class, sessions)


def _class(device: Device, pair: ZonePair, policy_class: PolicyClass, listing: bool) -> Iterator[str]:
    firewall: ZoneFirewall = device.service(ZoneFirewall)
    state, decision = firewall.state(pair.name, policy_class), decision_of(policy_class)
    yield from _matches(device, policy_class, state, listing)
    if decision.verb != "inspect":
        yield f"      {decision.verb.capitalize()}"
        yield f"        {state.packets} packets, {state.octets} bytes"
        return
    yield "      Inspect"
    if listing:
        rows = list(sessions.lists(firewall.sessions(pair.name, policy_class.name), device.now, " " * 8))
        if rows:
            yield ""
            yield from rows
    else:
        yield from _statistics(device, state)
    police = policy_class.find(PoliceRate)
    if police is not None:
        yield "      Police"
        yield f"        rate {police.rate} bps,{police.burst} limit"
        conformed, exceeded = state.conformed, state.exceeded
        yield f"        conformed {conformed[0]} packets, {conformed[1]} bytes; actions: transmit"
        yield f"        exceeded {exceeded[0]} packets, {exceeded[1]} bytes; actions: drop"


def _matches(device: Device, policy_class: PolicyClass, state: ClassState, listing: bool) -> Iterator[str]:
    if policy_class.name == CLASS_DEFAULT:
        yield f"    Class-map: {CLASS_DEFAULT} (match-any)"
        yield "      Match: any"
        return
    found = device.config.of(MqcConfig).class_map(policy_class.name, KIND)
    if found is None:
        return
    yield f"    Class-map: {found.name} ({found.how})"
    for criterion in found.criteria:
        yield f"      Match: {criterion.words()}"
        if found.match_any and not listing:
            packets, octets = state.matched.get(criterion, (0, 0))
            yield f"        {packets} packets, {octets} bytes"


def _statistics(device: Device, state: ClassState) -> Iterator[str]:
    inspected = sessions.packets((state.group,))
    if inspected:
        yield "        Packet inspection statistics [process switch:fast switch]"
        yield from (f"        {name} packets: [0:{number}]" for name, number in inspected.items())
        yield ""
    yield from (f"        {row}" for row in sessions.counts((state.group,), device.now))
    statistics = state.group.statistics
    if statistics.out_of_order or statistics.dropped:
        yield "        TCP reassembly statistics"
        yield f"        received {statistics.out_of_order} packets out-of-order; dropped {statistics.dropped}"


def show_class_map(context: Context, name: str = "") -> Iterator[str]:
    """`show class-map type inspect [NAME]`."""
    return mqc.show_class_map(context, name, KIND)


def show_policy_map(context: Context, name: str = "", class_name: str = "") -> Iterator[str]:
    """`show policy-map type inspect [NAME [class CLASS]]`."""
    config = context.device.config.of(MqcConfig)
    if name and config.policy_map(name, KIND) is None:
        raise CommandError(f"% policy map {name} not configured")
    for policy in config.policy_maps.values():
        if policy.kind != KIND or name not in ("", policy.name):
            continue
        yield f"  Policy Map type inspect {policy.name}"
        if policy.description:
            yield f"    Description: {policy.description}"
        for each in policy.classes.values():
            if class_name not in ("", each.name):
                continue
            decision = decision_of(each)
            yield f"    Class {each.name}"
            words = " ".join(word for word in (decision.parameters, "log" if decision.log else "") if word)
            yield f"      {decision.verb.capitalize()} {words}".rstrip()
            police = each.find(PoliceRate)
            if police is not None:
                yield f"      Police rate {police.rate} burst {police.burst}"


def show_parameter_map(context: Context, name: str = "") -> Iterator[str]:
    """`show parameter-map type inspect [NAME | default]`."""
    maps = context.device.config.of(ParameterMaps).maps
    if name == "default":
        yield from _parameters(ParameterMap("default"))
        return
    if name and name not in maps:
        raise CommandError(f"% Parameter-map {name} does not exist")
    for each in maps.values():
        if name in ("", each.name):
            yield from _parameters(each)


def limit(value: int | None) -> str:
    """A limit as it is shown."""
    return "unlimited" if value is None else str(value)


def on_off(value: bool) -> str:
    """`on` or `off`."""
    return "on" if value else "off"


def _parameters(each: ParameterMap) -> Iterator[str]:
    yield f" parameter-map type inspect {each.name}"
    yield f"  audit-trail {on_off(each.audit_trail)}"
    yield f"  alert {on_off(each.alert)}"
    yield f"  max-incomplete low  {limit(each.incomplete_low)}"
    yield f"  max-incomplete high {limit(each.incomplete_high)}"
    yield f"  one-minute low  {limit(each.minute_low)}"
    yield f"  one-minute high {limit(each.minute_high)}"
    yield f"  udp idle-time {each.udp_idle}"
    yield f"  icmp idle-time {each.icmp_idle}"
    yield f"  dns-timeout {each.dns_timeout}"
    yield f"  tcp idle-time {each.tcp_idle}"
    yield f"  tcp finwait-time {each.fin_wait}"
    yield f"  tcp synwait-time {each.syn_wait}"
    yield f"  tcp max-incomplete host {limit(each.host)} block-time {each.block_time}"
    yield f"  sessions maximum {2147483647 if each.sessions is None else each.sessions}"
