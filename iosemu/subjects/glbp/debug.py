"""`debug glbp`: what the engines and the wire say."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.firsthop.hsrp import Changed
from iosemu.packets.glbp import GlbpMessage
from iosemu.subjects.glbp.config import EVENTS, PACKETS

_DEBUG = 7


def changed(device: Device, interface: str, number: int, event: Changed) -> None:
    """What happened to a group, and where that led."""
    if not device.debugging.wants(EVENTS):
        return
    where = f"GLBP: {short_name(interface)} {number}"
    if event.why:
        device.log("", _DEBUG, "", f"{where} {event.before.value}: {event.why.replace('HSRP', 'GLBP')}")
    if event.before is not event.after:
        device.log("", _DEBUG, "", f"{where} {event.before.value} -> {event.after.value}")


def message(device: Device, interface: str, told: GlbpMessage, source: IPv4Address, way: str) -> None:
    """A message that came or goes."""
    if not device.debugging.wants(PACKETS):
        return
    text = f"GLBP: {short_name(interface)} Grp {told.group} {told.operation.name.capitalize()} {way} {source}"
    if told.gateway is not None:
        each = told.gateway
        text += f" VG {each.state.name.capitalize():7} pri {each.priority} vIP {each.address}"
        text += f" hello {each.hello}, hold {each.hold}"
    for one in told.forwarders:
        text += f" VF {one.number} {one.state.name.capitalize():7} pri {one.priority} vMAC {one.station}"
    device.log("", _DEBUG, "", text)
