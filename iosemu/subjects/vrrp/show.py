"""`show vrrp`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name, sort_key
from iosemu.firsthop.vrrp import State
from iosemu.handling.context import Context
from iosemu.subjects.routing.tracking import tracked
from iosemu.subjects.vrrp.service import Running, Vrrp

UNKNOWN = IPv4Address(0)


def _groups(
    device: Device, interface: str = "", group: int | None = None, every: bool = False
) -> list[Running]:
    found = device.service(Vrrp).groups
    return [
        found[key]
        for key in sorted(found, key=lambda each: (sort_key(each[0]), each[1]))
        if (not interface or key[0] == interface)
        and (group is None or key[1] == group)
        and (every or found[key].settings.address is not None)
    ]


def show_vrrp(
    context: Context, interface: str = "", group: int | None = None, what: str = ""
) -> Iterator[str]:
    """`show vrrp [all | interface X [GROUP]]`."""
    for each in _groups(context.device, interface, group, what == "all"):
        yield from _group(context.device, each)
        yield ""


def _group(device: Device, running: Running) -> Iterator[str]:
    settings, engine = running.settings, running.engine
    yield f"{running.interface.name} - Group {settings.number}"
    if settings.description:
        yield settings.description
    yield f"  State is {engine.state.value}"
    yield f"  Virtual IP address is {settings.address or 'no address'}"
    yield from (f"    Secondary Virtual IP address is {address}" for address in settings.secondaries)
    yield f"  Virtual MAC address is {running.station}"
    yield f"  Advertisement interval is {engine.settings.interval:.3f} sec"
    delay = f", delay min {settings.delay} secs" if settings.delay else ""
    yield f"  Preemption {f'enabled{delay}' if settings.preempt else 'disabled'}"
    now = engine.settings.priority
    owner = device.service(Vrrp).owner(running.interface, settings)
    yield f"  Priority is {now}" + (
        f"  (cfgd {settings.priority})" if now != settings.priority and not owner else ""
    )
    for number, decrement in sorted(settings.objects.items()):
        state = tracked(device, number)
        word = "Undefined" if state is None else "Up" if state else "Down"
        yield f"    Track object {number} state {word} decrement {decrement}"
    if settings.key is not None:
        timeout = f", timeout {settings.key_timeout} secs" if settings.key_timeout else ""
        yield f"  Authentication MD5, key-string{timeout}"
    elif settings.key_chain:
        yield f'  Authentication MD5, key-chain "{settings.key_chain}"'
    elif settings.text:
        yield f'  Authentication text "{settings.text}"'
    yield from _master(device, running)


def _master(device: Device, running: Running) -> Iterator[str]:
    engine = running.engine
    learned = " (learned)" if running.settings.learn and engine.master is not None else ""
    if engine.state is State.MASTER:
        yield f"  Master Router is {engine.own} (local), priority is {engine.settings.priority}"
        yield f"  Master Advertisement interval is {engine.interval:.3f} sec"
        yield f"  Master Down interval is {engine.master_down:.3f} sec"
    elif engine.state is State.BACKUP and engine.master is not None:
        left = max((engine.due or device.now) - device.now, 0)
        yield f"  Master Router is {engine.master.address}, priority is {engine.master.priority}"
        yield f"  Master Advertisement interval is {engine.master.interval:.3f} sec{learned}"
        yield f"  Master Down interval is {engine.master_down:.3f} sec (expires in {left:.3f} sec)"
    else:
        yield "  Master Router is unknown, priority is unknown"
        yield "  Master Advertisement interval is unknown"
        yield "  Master Down interval is unknown"


def show_brief(context: Context, interface: str = "", what: str = "") -> Iterator[str]:
    """`show vrrp brief [all]`, `show vrrp interface X brief`."""
    yield "Interface          Grp Pri Time  Own Pre State   Master addr     Group addr"
    for each in _groups(context.device, interface, None, what == "all"):
        engine, settings = each.engine, each.settings
        master = (
            engine.own if engine.state is State.MASTER else engine.master.address if engine.master else None
        )
        owner = "Y" if context.device.service(Vrrp).owner(each.interface, settings) else " "
        preempt = "Y" if settings.preempt else " "
        yield (
            f"{short_name(each.interface.name):<18} {settings.number:<3} {engine.settings.priority:<3} "
            f"{engine.master_down * 1000:<5.0f}  {owner}   {preempt}  {engine.state.value:<7} "
            f"{master or UNKNOWN!s:<15} {settings.address or UNKNOWN!s:<15}"
        )
