"""`debug standby`: what the engines and the wire say, in IOS's words (outputs/debug_standby)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.firsthop.hsrp import Changed, State
from iosemu.packets.hsrp import HsrpAdvertisement, HsrpMessage, Opcode
from iosemu.subjects.hsrp.config import EVENTS, PACKETS

_DEBUG = 7
TERSE = " (Coup, Resign)"
"""What `debug standby terse` says of packets: hellos and advertisements are left out."""


def line(device: Device, text: str) -> None:
    """Something about an interface."""
    if device.debugging.wants(EVENTS):
        device.log("", _DEBUG, "", f"HSRP: {text}")


def group(device: Device, interface: str, number: int, text: str) -> None:
    """Something about a group."""
    line(device, f"{short_name(interface)} Grp {number} {text}")


def changed(device: Device, interface: str, number: int, name: str, event: Changed) -> None:
    """What happened to a group, and where that led."""
    if not device.debugging.wants(EVENTS):
        return
    before, after = event.before.value, event.after.value
    if event.why:
        group(device, interface, number, f"{before}: {event.why}")
    if event.before is event.after:
        return
    if event.after in (State.ACTIVE, State.STANDBY):
        group(device, interface, number, f"{after} router is local")
    group(device, interface, number, f"{before} -> {after}")
    if event.before is State.DISABLED:
        redundancy(device, interface, number, name, event)


def redundancy(device: Device, interface: str, number: int, name: str, event: Changed) -> None:
    """What those are told who are bound to the group."""
    group(device, interface, number, f'Redundancy "{name}" state {event.before.value} -> {event.after.value}')


def message(device: Device, interface: str, told: HsrpMessage, source: IPv4Address, way: str) -> None:
    """A message that came or goes."""
    if not device.debugging.wants(PACKETS):
        return
    if told.opcode is Opcode.HELLO and device.debugging.limits(PACKETS) == TERSE:
        return
    text = (
        f"HSRP: {short_name(interface)} Grp {told.group} {told.opcode.name.capitalize():6} {way} {source} "
        f"{told.state.name.capitalize():7} pri {told.priority} vIP {told.address}"
    )
    device.log("", _DEBUG, "", text)


def advertisement(device: Device, interface: str, told: HsrpAdvertisement, way: str) -> None:
    """An advertisement that came or goes."""
    if not device.debugging.wants(PACKETS) or device.debugging.limits(PACKETS) == TERSE:
        return
    state = "Active" if told.active else "Passive"
    text = f"Redirect adv {way}, {state}, active {told.active} passive {told.passive}"
    device.log("", _DEBUG, "", f"HSRP: {short_name(interface)} {text}")
