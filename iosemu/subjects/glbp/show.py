"""`show glbp`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.box.interface_types import short_name, sort_key
from iosemu.firsthop.glbp_forwarders import PRIMARY, Forwarder, Holder
from iosemu.firsthop.hsrp import Peer, State
from iosemu.handling.context import Context
from iosemu.subjects.glbp.service import Glbp, Running
from iosemu.subjects.routing.tracking import tracked


def _groups(device: Device, interface: str = "", group: int | None = None) -> list[Running]:
    found = device.service(Glbp).groups
    return [
        found[key]
        for key in sorted(found, key=lambda each: (sort_key(each[0]), each[1]))
        if (not interface or key[0] == interface) and (group is None or key[1] == group)
    ]


def show_glbp(context: Context, interface: str = "", group: int | None = None) -> Iterator[str]:
    """`show glbp [INTERFACE [GROUP]]`."""
    for each in _groups(context.device, interface, group):
        yield from _group(context.device, each)


def _group(device: Device, running: Running) -> Iterator[str]:
    settings, engine, now = running.settings, running.engine, device.now
    election, forwarders = engine.election, engine.forwarders
    yield f"{running.interface.name} - Group {settings.number}"
    waits = engine.state is State.INIT and running.trouble
    yield f"  State is {engine.state.value}" + (f" ({running.trouble})" if waits else "")
    if election.changes:
        yield f"    {_changes(election.changes)}, last state change {span(now - election.since)}"
    learned = " (learnt)" if settings.address is None and engine.address is not None else ""
    yield f"  Virtual IP address is {engine.address or 'unknown'}{learned}"
    yield f"  Hello time {_seconds(election.hello)}, hold time {_seconds(election.hold)}"
    if engine.hello_due is not None:
        yield f"    Next hello sent in {max(engine.hello_due - now, 0):.3f} secs"
    yield f"  Redirect time {settings.redirect} sec, forwarder timeout {settings.timeout} sec"
    if settings.key is not None:
        yield "  Authentication MD5, key-string"
    elif settings.key_chain:
        yield f'  Authentication MD5, key-chain "{settings.key_chain}"'
    elif settings.text:
        yield f'  Authentication text, string "{settings.text}"'
    yield "  Preemption " + (f"enabled, min delay {settings.delay} sec" if settings.preempt else "disabled")
    yield _router("Active", election.active, engine.state is State.ACTIVE, now)
    yield _router("Standby", election.standby, engine.state is State.STANDBY, now)
    yield f"  Priority {settings.priority} ({'default' if settings.priority == 100 else 'configured'})"
    yield from _weighting(device, running)
    yield f"  Load balancing: {settings.balancing.value}"
    if settings.name:
        yield f'  IP redundancy name is "{settings.name}"'
    yield "  Group members:"
    proved = " authenticated" if settings.key is not None or settings.key_chain or settings.text else ""
    rows = {str(owner): f"({each.address}){proved}" for owner, each in engine.members.items()}
    if election.own is not None and engine.state.runs:
        rows[str(engine.settings.station)] = f"({election.own}) local"
    yield from (f"    {station} {rows[station]}" for station in sorted(rows))
    count = len(forwarders.known)
    yield f"  There {'is' if count == 1 else 'are'} {count or 'no'} forwarder{'s' if count != 1 else ''}" + (
        f" ({len(forwarders.active())} active)" if count else ""
    )
    for _number, each in sorted(forwarders.known.items()):
        yield from _forwarder(running, each, now)


def _changes(count: int) -> str:
    return f"{count} state change{'' if count == 1 else 's'}"


def _seconds(value: float) -> str:
    return f"{value:.0f} sec" if value == int(value) else f"{value * 1000:.0f} msec"


def _router(which: str, peer: Peer | None, local: bool, now: float) -> str:
    if local:
        return f"  {which} is local"
    if peer is None:
        return f"  {which} is unknown"
    return (
        f"  {which} is {peer.address}, priority {peer.priority} (expires in {max(peer.due - now, 0):.3f} sec)"
    )


def _weighting(device: Device, running: Running) -> Iterator[str]:
    settings, engine = running.settings, running.engine
    now = engine.settings.weight
    how = f"{'default' if settings.weight == 100 else 'configured'} {settings.weight}"
    low = "" if engine.forwarders.weighty else ", low"
    yield (
        f"  Weighting {now}{low} ({how}), thresholds: lower {engine.settings.lower}, upper {engine.settings.upper}"
    )
    for number, decrement in sorted(settings.objects.items()):
        state = tracked(device, number)
        word = "(unknown)" if state is None else "state Up" if state else "state Down"
        yield f"    Track object {number} {word} decrement {decrement}"


def _forwarder(running: Running, each: Forwarder, now: float) -> Iterator[str]:
    settings, engine = running.settings, running.engine
    yield f"  Forwarder {each.number}"
    yield f"    State is {each.state.value}"
    if each.changes:
        yield f"      {_changes(each.changes)}, last state change {span(now - each.since)}"
    yield f"    MAC address is {each.station} ({'default' if each.own else 'learnt'})"
    yield f"    Owner ID is {each.owner or 'unknown'}"
    if each.redirect_due is None:
        yield "    Redirection enabled"
    elif each.redirect_due > now:
        left = each.redirect_due - now
        yield f"    Redirection enabled, {left:.3f} sec remaining (maximum {settings.redirect} sec)"
    else:
        yield "    Redirection disabled"
    if each.timeout_due is not None:
        yield f"    Time to live: {max(each.timeout_due - now, 0):.3f} sec (maximum {settings.timeout} sec)"
    delay = f"enabled, min delay {settings.forwarder_delay} sec" if settings.forwarder_preempt else "disabled"
    yield f"    Preemption {delay}"
    if each.state is State.ACTIVE:
        yield f"    Active is local, weighting {engine.settings.weight}"
    elif each.active is None:
        yield "    Active is unknown"
    else:
        holder = each.active
        how = "primary" if holder.priority & PRIMARY else "secondary"
        left = max(holder.due - now, 0)
        yield f"    Active is {holder.address} ({how}), weighting {holder.weight} (expires in {left:.3f} sec)"
    if engine.state is State.ACTIVE and each.selections:
        yield f"    Client selection count: {each.selections}"


def _who(other: Peer | Holder | None, local: bool) -> str:
    return "local" if local else "unknown" if other is None else str(other.address)


def show_brief(context: Context, interface: str = "") -> Iterator[str]:
    """`show glbp [INTERFACE] brief`."""
    yield "Interface   Grp  Fwd Pri State    Address         Active router   Standby router"
    for running in _groups(context.device, interface):
        engine, number = running.engine, running.settings.number
        election = engine.election
        active = _who(election.active, engine.state is State.ACTIVE)
        standby = _who(election.standby, engine.state is State.STANDBY)
        name = short_name(running.interface.name)
        yield (
            f"{name:<11} {number:<4} -   {running.settings.priority:<3} {engine.state.value:<8} "
            f"{engine.address or 'unknown'!s:<15} {active:<15} {standby}"
        )
        for _number, each in sorted(engine.forwarders.known.items()):
            holder = _who(each.active, each.state is State.ACTIVE)
            yield (
                f"{name:<11} {number:<4} {each.number:<3} -   {each.state.value:<8} {each.station!s:<15} "
                f"{holder:<15} -"
            )
