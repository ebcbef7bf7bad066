"""`show ip inspect …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.inspection.port_map import PORTS
from iosemu.net.inspection.session import Session
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.acl.config import AccessGroups
from iosemu.subjects.firewall.config.cbac import InspectConfig, Inspected, InspectSides
from iosemu.subjects.firewall.service.cbac import Crossing, Inspection
from iosemu.subjects.firewall.show import sessions
from iosemu.subjects.firewall.show.policies import limit, on_off


def show(context: Context, what: str) -> Iterator[str]:
    """`show ip inspect all|config|interfaces|statistics`."""
    if what in ("all", "config"):
        yield from _config(context.device)
    if what in ("all", "interfaces"):
        yield from _interfaces(context.device)
    if what == "all":
        yield from _sessions(context.device, False)
    if what == "statistics":
        yield from _statistics(context.device)


def show_name(context: Context, name: str) -> Iterator[str]:
    """`show ip inspect name RULE`."""
    settings = context.device.config.of(InspectConfig)
    if name not in settings.rules:
        raise CommandError(f"% Inspection rule {name} is not defined")
    yield f"Inspection name {name}"
    yield from _rule(context.device, name)


def show_sessions(context: Context, detail: bool = False) -> Iterator[str]:
    """`show ip inspect sessions [detail]`."""
    yield from _sessions(context.device, detail)


def _config(device: Device) -> Iterator[str]:
    each = device.config.of(InspectConfig)
    yield f"Session audit trail is {'enabled' if each.audit_trail else 'disabled'}"
    yield f"Session alert is {'disabled' if each.alert_off else 'enabled'}"
    low, high = limit(each.minute_low), limit(each.minute_high)
    yield f"one-minute (sampling period) thresholds are [{low} : {high}] connections"
    yield f"max-incomplete sessions thresholds are [{limit(each.incomplete_low)} : {limit(each.incomplete_high)}]"
    yield f"max-incomplete tcp connections per host is {limit(each.host)}. Block-time {each.block_time} minute."
    yield f"tcp synwait-time is {each.syn_wait} sec -- tcp finwait-time is {each.fin_wait} sec"
    yield f"tcp idle-time is {each.tcp_idle} sec -- udp idle-time is {each.udp_idle} sec"
    yield f"dns-timeout is {each.dns_timeout} sec"
    yield "Inspection Rule Configuration"
    for name in each.rules:
        yield f" Inspection name {name}"
        yield from _rule(device, name)


def _rule(device: Device, name: str) -> Iterator[str]:
    settings = device.config.of(InspectConfig)
    for each in settings.rules[name].values():
        own = settings.settings_of(each)
        router = " router-traffic" if each.router_traffic else ""
        alert, audit = on_off(own.alert), on_off(own.audit_trail)
        yield f"    {each.protocol}{router} alert is {alert} audit-trail is {audit} timeout {_timeout(settings, each)}"


def _timeout(settings: InspectConfig, each: Inspected) -> int:
    if each.timeout is not None:
        return each.timeout
    if each.protocol == "icmp":
        return settings.icmp_idle
    if each.protocol == "dns":
        return settings.dns_timeout
    over_tcp = each.protocol == "tcp" or any(
        number == Protocol.TCP for number, _ in PORTS.get(each.protocol, ())
    )
    return settings.tcp_idle if over_tcp else settings.udp_idle


def _interfaces(device: Device) -> Iterator[str]:
    yield "Interface Configuration"
    for config in device.config.interfaces.values():
        sides = config.held(InspectSides)
        if sides is None or not (sides.inbound or sides.outbound):
            continue
        yield f" Interface {config.name}"
        yield from _side(device, "Inbound", sides.inbound)
        yield from _side(device, "Outgoing", sides.outbound)
        groups = config.held(AccessGroups) or AccessGroups()
        yield f"  Inbound access list is {groups.inbound or 'not set'}"
        yield f"  Outgoing access list is {groups.outbound or 'not set'}"


def _side(device: Device, side: str, name: str) -> Iterator[str]:
    yield f"  {side} inspection rule is {name or 'not set'}"
    settings = device.config.of(InspectConfig)
    if name in settings.rules:
        yield from _rule(device, name)


def _sessions(device: Device, detail: bool) -> Iterator[str]:
    inspector = device.service(Inspection).keeper.inspector
    for heading, chosen in sessions.by_state(inspector):
        yield f"{heading} Sessions"
        for each in chosen:
            yield f" {sessions.line(each, plain=True)}"
            if detail:
                yield from (f"  {row}" for row in sessions.details(each, device.now))
                yield from _lists(device, each)


def _lists(device: Device, session: Session) -> Iterator[str]:
    """The lists that the answers pass unasked: inbound where the session went out, outbound where it came in."""
    crossing = session.origin
    if not isinstance(crossing, Crossing):
        return
    ends, (near, far) = session.ends, session.ports
    sid = f"{ends.destination}[{far}:{far}]=>{ends.source}[{near}:{near}]"
    for direction, interface in (("in", crossing.out), ("out", crossing.came_in)):
        config: InterfaceConfig | None = device.config.interfaces.get(interface)
        groups = config.held(AccessGroups) if config is not None else None
        name = getattr(groups, f"{direction}bound", None)
        if name is not None:
            passed = crossing.let.get(f"{interface} {direction}", 0)
            yield f"  {direction.capitalize():<3} SID {sid} on ACL {name}  ({passed} matches)"


def _statistics(device: Device) -> Iterator[str]:
    inspection: Inspection = device.service(Inspection)
    inspected = sessions.packets((inspection.group,))
    if inspected:
        yield "Packet inspection statistics [process switch:fast switch]"
        yield from (f"  {name} packets: [0:{number}]" for name, number in inspected.items())
    sides = (config.held(InspectSides) for config in device.config.interfaces.values())
    count = sum(each is not None and bool(each.inbound or each.outbound) for each in sides)
    yield f"Interfaces configured for inspection {count}"
    yield from sessions.counts((inspection.group,), device.now)
    statistics = inspection.group.statistics
    yield "TCP reassembly statistics"
    yield f"  received {statistics.out_of_order} packets out-of-order; dropped {statistics.dropped}"
