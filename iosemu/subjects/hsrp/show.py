"""`show standby`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name, sort_key
from iosemu.firsthop.hsrp import Peer, State
from iosemu.handling.context import Context
from iosemu.packets.hsrp import DEFAULT_TEXT
from iosemu.subjects.hsrp.config import DELAY_MINIMUM, DELAY_RELOAD, HsrpPort
from iosemu.subjects.hsrp.proof import text_of
from iosemu.subjects.hsrp.service import Hsrp, Running
from iosemu.subjects.routing.tracking import tracked


def _groups(
    device: Device, interface: str = "", group: int | None = None, every: bool = False
) -> list[Running]:
    """The groups in the order of IOS; those that are disabled only when all are asked for."""
    found = device.service(Hsrp).groups
    return [
        found[key]
        for key in sorted(found, key=lambda each: (sort_key(each[0]), each[1]))
        if (not interface or key[0] == interface)
        and (group is None or key[1] == group)
        and (every or found[key].settings.enabled)
    ]


def show_standby(
    context: Context, interface: str = "", group: int | None = None, what: str = ""
) -> Iterator[str]:
    """`show standby [INTERFACE [GROUP]] [all]`."""
    for each in _groups(context.device, interface, group, what == "all"):
        yield from _group(context.device, each)


def _group(device: Device, running: Running) -> Iterator[str]:
    settings, engine, now = running.settings, running.engine, device.now
    version = running.interface.config.of(HsrpPort).version
    yield f"{running.interface.name} - Group {settings.number}" + (" (version 2)" if version == 2 else "")
    waits = engine.state is State.INIT and running.trouble
    yield f"  State is {engine.state.value}" + (f" ({running.trouble})" if waits else "")
    if engine.changes:
        plural = "" if engine.changes == 1 else "s"
        yield f"    {engine.changes} state change{plural}, last state change {span(now - engine.since)}"
    for number, taken in sorted(settings.objects.items()):
        if taken is None:
            yield f"    Track object {number} {_state(device, number)}"
    learned = " (learned)" if settings.address is None and engine.address is not None else ""
    yield f"  Virtual IP address is {engine.address or 'unknown'}{learned}"
    yield from (f"    Secondary virtual IP address {address}" for address in settings.secondaries)
    yield f"  Active virtual MAC address is {_active_station(device, running)}"
    local = device.service(Hsrp).station(running)
    how = "configured" if settings.mac is not None else f"v{version} default"
    how = "bia" if settings.mac is None and running.interface.config.of(HsrpPort).use_bia else how
    yield f"    Local virtual MAC address is {local} ({how})"
    yield f"  Hello time {_seconds(engine.hello)}, hold time {_seconds(engine.hold)}"
    if engine.hello_due is not None:
        yield f"    Next hello sent in {max(engine.hello_due - now, 0):.3f} secs"
    yield from _authentication(running)
    yield from _preemption(device, running)
    yield from _router("Active", engine.active, engine.state is State.ACTIVE, now)
    if engine.active is not None and version == 2:
        yield f"    MAC address is {engine.active.station}"
    yield from _router("Standby", engine.standby, engine.state is State.STANDBY, now)
    default = settings.priority == 100
    how = "default" if default else "configured"
    yield f"  Priority {engine.settings.priority} ({how} {settings.priority})"
    for name, decrement in settings.interfaces.items():
        found = device.interfaces.get(name)
        state = "Up" if found is not None and found.protocol_up else "Down"
        yield f"    Track interface {name} state {state} decrement {decrement}"
    for number, taken in sorted(settings.objects.items()):
        if taken is not None:
            known = tracked(device, number) is not None
            yield f"    Track object {number} {_state(device, number)}" + (
                f" decrement {taken}" if known else ""
            )
    yield f'  Group name is "{running.name}" ({"cfgd" if settings.name else "default"})'
    if settings.follow:
        yield f'    Following "{settings.follow}"'
    yield from _followers(device, running)


def _followers(device: Device, running: Running) -> Iterator[str]:
    followers = device.service(Hsrp).followers(running)
    if followers:
        yield "    Followed by groups:"
    for each in followers:
        refresh, engine = each.interface.config.of(HsrpPort).refresh, each.engine
        left = f" (next {max(engine.hello_due - device.now, 0):.3f})" if engine.hello_due is not None else ""
        station = device.service(Hsrp).station(each)
        yield (
            f"      {short_name(each.interface.name)} Grp {each.settings.number} {engine.state.value} "
            f"{engine.address or 'unknown'} {station} refresh {refresh} secs{left}"
        )


def _state(device: Device, number: int) -> str:
    state = tracked(device, number)
    return "(unknown)" if state is None else "state Up" if state else "state Down"


def _seconds(value: float) -> str:
    return f"{value:.0f} sec" if value == int(value) else f"{value * 1000:.0f} msec"


def _active_station(device: Device, running: Running) -> str:
    engine = running.engine
    if engine.state is not State.ACTIVE and engine.active is None:
        return "unknown"
    return str(device.service(Hsrp).station(running))


def _authentication(running: Running) -> Iterator[str]:
    settings, text = running.settings, text_of(running.settings)
    if settings.key is not None:
        timeout = f", timeout {settings.key_timeout} secs" if settings.key_timeout else ""
        yield f"  Authentication MD5, key-string{timeout}"
    elif settings.key_chain:
        yield f'  Authentication MD5, key-chain "{settings.key_chain}"'
    elif text is not None and text != DEFAULT_TEXT:
        yield f'  Authentication text, string "{settings.text}"'


def _preemption(device: Device, running: Running) -> Iterator[str]:
    settings, due = running.settings, running.engine.preempt_due
    if not settings.preempt:
        yield "  Preemption disabled"
        return
    delays = (
        ("min", settings.delay_minimum),
        ("reload", settings.delay_reload),
        ("sync", settings.delay_sync),
    )
    words = ", ".join(f"{word} {count} secs" for word, count in delays if count)
    yield "  Preemption enabled" + (f", delay {words}" if words else "")
    if due is not None and due > device.now:
        yield f"    Preemption delayed, {due - device.now:.0f} secs remaining"


def _router(which: str, peer: Peer | None, local: bool, now: float) -> Iterator[str]:
    if local:
        yield f"  {which} router is local"
    elif peer is None:
        yield f"  {which} router is unknown"
    else:
        left = f"expires in {max(peer.due - now, 0):.3f} sec"
        yield f"  {which} router is {peer.address}, priority {peer.priority} ({left})"


def _who(peer: Peer | None, local: bool) -> str:
    return "local" if local else "unknown" if peer is None else str(peer.address)


def show_brief(context: Context, interface: str = "", group: int | None = None) -> Iterator[str]:
    """`show standby [INTERFACE [GROUP]] brief`."""
    yield f"{'':21}P indicates configured to preempt."
    yield f"{'':21}|"
    yield "Interface   Grp  Pri P State   Active          Standby         Virtual IP"
    for each in _groups(context.device, interface):
        engine, settings = each.engine, each.settings
        if group not in (None, settings.number):
            continue
        active = _who(engine.active, engine.state is State.ACTIVE)
        standby = _who(engine.standby, engine.state is State.STANDBY)
        yield (
            f"{short_name(each.interface.name):<11} {settings.number:<4} {engine.settings.priority:<3} "
            f"{'P' if settings.preempt else ' '} {engine.state.value:<7} {active:<15} {standby:<15} "
            f"{engine.address or 'unknown'}"
        )


def show_delay(context: Context, interface: str = "") -> Iterator[str]:
    """`show standby delay [INTERFACE]`."""
    yield "Interface          Minimum Reload "
    for name in sorted(context.device.interfaces, key=sort_key):
        port = context.device.interfaces[name].config.held(HsrpPort)
        if port is None or (interface and name != interface):
            continue
        if port.delay_minimum is None and port.delay_reload is None:
            continue
        minimum = DELAY_MINIMUM if port.delay_minimum is None else port.delay_minimum
        reload = DELAY_RELOAD if port.delay_reload is None else port.delay_reload
        yield f"{name:<18} {minimum:<7} {reload:<6}"


def show_neighbors(context: Context, interface: str = "") -> Iterator[str]:
    """`show standby neighbors [INTERFACE]`: the other routers, and what they are in which groups."""
    found: dict[tuple[str, str], dict[str, list[int]]] = {}
    for each in _groups(context.device, interface):
        for word, peer in (("Active", each.engine.active), ("Standby", each.engine.standby)):
            if peer is not None:
                roles = found.setdefault((each.interface.name, str(peer.address)), {})
                roles.setdefault(word, []).append(each.settings.number)
    names = sorted({name for name, _address in found}, key=sort_key)
    for name in names:
        rows = {address: roles for (where, address), roles in found.items() if where == name}
        yield f"HSRP neighbors on {name}"
        for address, roles in rows.items():
            yield f"  {address}"
            for word in ("Active", "Standby"):
                numbers = ", ".join(map(str, roles.get(word, ())))
                yield f"    {word} groups: {numbers}" if numbers else f"    No {word.lower()} groups"


def show_redirect(context: Context, interface: str = "") -> Iterator[str]:
    """`show standby redirect [INTERFACE]` (Cisco's command reference)."""
    device = context.device
    service, now = device.service(Hsrp), device.now
    ports = {
        name: service.ports[name]
        for name in sorted(service.ports, key=sort_key)
        if not interface or name == interface
    }
    yield "Interface               Redirects Unknown      Adv   Holddown"
    for name in ports:
        config = device.interfaces[name].config.of(HsrpPort)
        advertisement, holddown = config.redirect_times
        unknown = "enabled" if config.redirect_unknown else "disabled"
        state = "enabled" if config.redirects else "disabled"
        yield f"{name:<24}{state:<10}{unknown:<9}{advertisement:>6}{holddown:>11}"
    yield ""
    yield "Active                  Hits      Interface               Group Virtual IP      Virtual MAC"
    for each in _groups(device, interface):
        engine = each.engine
        local = engine.state is State.ACTIVE
        if not local and engine.active is None:
            continue
        who = "local" if local or engine.active is None else str(engine.active.address)
        hits = 0 if local or engine.active is None else ports[each.interface.name].hits[engine.active.address]
        yield (
            f"{who:<24}{hits:<10}{each.interface.name:<24}{each.settings.number:<6}{engine.address!s:<16}"
            f"{service.station(each)}"
        )
    yield ""
    yield "Passive                 Hits      Interface               Expires in"
    for name, port in ports.items():
        for router, until in sorted(port.passive.items()):
            if until > now:
                yield f"{router!s:<24}{port.hits[router]:<10}{name:<24}{until - now:.3f}"
