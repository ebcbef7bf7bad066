"""SPAN: `monitor session …` and `show monitor …`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.monitor import MonitorConfig, MonitorSession
from iosemu.bridging.vlans import VlanConfig, format_vlan_list, parse_vlan_list
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.subjects.interface.names import list_names


@dataclass(frozen=True)
class SpanStyle:
    """How an image prints a session."""

    stem: ClassVar[str] = "span"
    wide: int = 23
    """Columns before the colon of type, description, source ports and ingress."""
    narrow: int = 23
    """Columns before the colon of the other rows."""
    underline: int = 9
    description: bool = False
    ingress_indent: int = 10
    blank_lines: int = 2


_DIRECTIONS = (("both", "Both"), ("rx", "RX Only"), ("tx", "TX Only"))
_ENCAPSULATIONS = {"": "Native", "dot1q": "DOT1Q", "replicate": "Replicate"}


def _session(context: Context, number: int) -> MonitorSession:
    """The session to change; the model says how many there may be."""
    switch = context.device
    if number > switch.model.facts["monitor_sessions"]:
        raise InvalidArgument("number")
    sessions = switch.config.of(MonitorConfig).sessions
    if not context.off and number not in sessions:
        sources = sum(1 for session in sessions.values() if session.source_interfaces or session.source_vlans)
        if sources >= switch.model.facts["source_sessions"] and "source" in context.words:
            raise CommandError(
                f"% Platform can support a maximum of {switch.model.facts['source_sessions']} source sessions"
            )
        return MonitorSession(number)
    return sessions.get(number) or MonitorSession(number)


def _finish(context: Context, session: MonitorSession) -> None:
    switch = context.device
    if session.empty:
        switch.config.of(MonitorConfig).sessions.pop(session.number, None)
    else:
        switch.config.of(MonitorConfig).sessions[session.number] = session


def _check_ports(context: Context, interfaces: tuple[str, ...]) -> None:
    if any(not context.device.service(Bridge).is_switchport(name) for name in interfaces):
        raise InvalidArgument("interfaces")


def source_interface(
    context: Context, number: int, interfaces: tuple[str, ...], direction: str = "both"
) -> Output:
    """`[no] monitor session N source interface LIST [both|rx|tx]`."""
    switch = context.device
    _check_ports(context, interfaces)
    session = _session(context, number)
    if context.off:
        for name in interfaces:
            session.source_interfaces.pop(name, None)
        _finish(context, session)
        return None
    used = [name for name in interfaces if switch.service(Bridge).is_monitor_destination(name)]
    if used:
        raise CommandError(
            f"% Interface(s) {','.join(list_names(used))} already configured as monitor destinations"
            " in other monitor sessions"
        )
    if session.source_vlans:
        raise CommandError("% Cannot mix interfaces and VLANs as SPAN sources in one session")
    session.source_interfaces.update(dict.fromkeys(interfaces, direction))
    _finish(context, session)
    return None


def source_vlan(context: Context, number: int, vlans: tuple[int, ...], direction: str = "both") -> Output:
    """`[no] monitor session N source vlan LIST [both|rx|tx]`."""
    session = _session(context, number)
    if context.off:
        for vlan in vlans:
            session.source_vlans.pop(vlan, None)
    else:
        if session.source_interfaces:
            raise CommandError("% Cannot mix interfaces and VLANs as SPAN sources in one session")
        session.source_vlans.update(dict.fromkeys(sorted(vlans), direction))
    _finish(context, session)
    return None


def _remote_vlan(context: Context, vlan: int) -> int:
    known = context.device.config.of(VlanConfig).vlans.get(vlan)
    if known is None or not known.remote_span:
        raise CommandError(f"% VLAN {vlan} is not a remote SPAN VLAN")
    return vlan


def source_remote(context: Context, number: int, vlan_id: int = 0) -> Output:
    """`[no] monitor session N source remote vlan V`."""
    session = _session(context, number)
    session.source_remote_vlan = None if context.off else _remote_vlan(context, vlan_id)
    _finish(context, session)
    return None


def destination_interface(
    context: Context,
    number: int,
    interfaces: tuple[str, ...],
    tagging: str = "",
    ingress_kind: str = "",
    ingress_vlan: int | None = None,
) -> Output:
    """`[no] monitor session N destination interface LIST [encapsulation …] [ingress …]`."""
    switch = context.device
    _check_ports(context, interfaces)
    session = _session(context, number)
    if context.off:
        session.destination_interfaces = [
            name for name in session.destination_interfaces if name not in interfaces
        ]
        _finish(context, session)
        return None
    others = [other for other in switch.config.of(MonitorConfig).sessions.values() if other is not session]
    sources = [
        name for name in interfaces if any(name in other.source_interfaces for other in (*others, session))
    ]
    if sources:
        raise CommandError(
            f"% Interface(s) {','.join(list_names(sources))} already configured as monitor sources"
            " in other monitor sessions"
        )
    taken = [name for name in interfaces if any(name in other.destination_interfaces for other in others)]
    if taken:
        raise CommandError(
            f"% Interface(s) {','.join(list_names(taken))} already configured as monitor destinations"
            " in other monitor sessions"
        )
    if switch.model.facts["monitor_sessions"] <= 2:  # the 2950 has one destination port a session
        session.destination_interfaces = []
        if len(interfaces) > 1:
            raise CommandError("% Only one destination port is allowed in a SPAN session")
    session.destination_interfaces = list(dict.fromkeys((*session.destination_interfaces, *interfaces)))
    session.encapsulation = tagging
    session.ingress_vlan = ingress_vlan
    session.ingress_encapsulation = ingress_kind.split()[0] if ingress_kind else ""
    _finish(context, session)
    return None


def destination_remote(
    context: Context, number: int, vlan_id: int = 0, reflector: str | None = None
) -> Output:
    """`[no] monitor session N destination remote vlan V [reflector-port I]`."""
    session = _session(context, number)
    if context.off:
        session.destination_remote_vlan, session.reflector_port = None, None
    else:
        session.destination_remote_vlan, session.reflector_port = _remote_vlan(context, vlan_id), reflector
    _finish(context, session)
    return None


def filter_vlan(context: Context, number: int, vlans: tuple[int, ...]) -> Output:
    """`[no] monitor session N filter vlan LIST`: of trunk sources, only these VLANs."""
    session = _session(context, number)
    session.filter_vlans = (
        session.filter_vlans.difference(vlans) if context.off else session.filter_vlans.union(vlans)
    )
    _finish(context, session)
    return None


def remove(context: Context, number: int | None = None, which: str = "") -> Output:
    """`no monitor session N|all|local|remote`."""
    sessions = context.device.config.of(MonitorConfig).sessions
    for key, session in list(sessions.items()):
        local = session.kind == "Local Session"
        if (
            key == number
            or which == "all"
            or (which == "local" and local)
            or (which == "remote" and not local)
        ):
            del sessions[key]
    return None


def _describe(session: MonitorSession, style: SpanStyle, detail: bool) -> Iterator[str]:
    def wide(label: str, value: str = "", indent: int = 0) -> str:
        return f"{' ' * indent + label:<{style.wide}}: {value}".rstrip()

    def narrow(label: str, value: str, indent: int = 0) -> str:
        return f"{' ' * indent + label:<{style.narrow}}: {value}"

    def directions(chosen: dict[str, list[str]]) -> Iterator[str]:
        for key, label in _DIRECTIONS:
            if chosen[key] or detail:
                yield narrow(label, ",".join(chosen[key]) or "None", 4)

    yield f"Session {session.number}"
    yield "-" * style.underline
    yield wide("Type", session.kind)
    if style.description or detail:
        yield wide("Description", "-")
    if session.source_interfaces or detail:
        yield wide("Source Ports")
        names = session.source_interfaces.items()
        yield from directions(
            {key: list_names([n for n, way in names if way == key]) for key, _ in _DIRECTIONS}
        )
    if session.source_vlans or detail:
        yield wide("Source VLANs")
        vlans = session.source_vlans.items()
        yield from directions(
            {
                key: list(filter(None, [format_vlan_list(v for v, way in vlans if way == key)]))
                for key, _ in _DIRECTIONS
            }
        )
    if session.source_remote_vlan is not None or detail:
        yield narrow("Source RSPAN VLAN", str(session.source_remote_vlan or "None"))
    if session.destination_interfaces or detail:
        yield narrow("Destination Ports", ",".join(list_names(session.destination_interfaces)) or "None")
    if session.destination_interfaces:
        yield narrow("Encapsulation", _ENCAPSULATIONS[session.encapsulation], 4)
        vlan = session.ingress_vlan
        yield wide(
            "Ingress", "Disabled" if vlan is None else f"Enabled, default VLAN = {vlan}", style.ingress_indent
        )
        if vlan is not None:
            yield narrow(
                "Ingress encap", "DOT1Q" if session.ingress_encapsulation == "dot1q" else "Untagged", 4
            )
    if session.reflector_port is not None:
        yield narrow("Reflector Port", short_name(session.reflector_port))
    if session.filter_vlans or detail:
        yield narrow("Filter VLANs", format_vlan_list(session.filter_vlans) or "None")
    if session.destination_remote_vlan is not None or detail:
        yield narrow("Dest RSPAN VLAN", str(session.destination_remote_vlan or "None"))


def show(
    context: Context,
    number: int | None = None,
    which: str = "all",
    range_: str = "",
    detail: bool = False,
) -> Iterator[str]:
    """`show monitor [session N|all|local|remote|range LIST] [detail]`."""
    switch = context.device
    style = switch.image.style(SpanStyle)
    sessions = switch.config.of(MonitorConfig).sessions
    wanted = None
    if number is not None:
        wanted = {number}
    elif range_:
        wanted = set(parse_vlan_list(range_))
    shown = [
        session
        for key, session in sorted(sessions.items())
        if (wanted is None or key in wanted)
        and (which != "local" or session.kind == "Local Session")
        and (which != "remote" or session.kind != "Local Session")
    ]
    if not shown:
        if number is not None:
            yield f"No SPAN configuration is present in the system for session {number}."
        else:
            yield "No SPAN configuration is present in the system."
        return
    for session in shown:
        yield from _describe(session, style, detail)
        yield from [""] * style.blank_lines
