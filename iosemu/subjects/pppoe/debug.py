"""`debug pppoe events|packets`: how sessions are found and opened, in IOS's words."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.packets.addresses import MacAddress
from iosemu.packets.pppoe import PppoeCode, PppoePacket, PppoeTag

EVENTS = DebugFlag("PPPoE protocol events", "PPPoE")
PACKETS = DebugFlag("PPPoE control packets", "PPPoE")
FLAGS = (EVENTS, PACKETS)
_LEVEL = 7
_NAMES = {each.value: each.name for each in PppoeCode}
_ROW = 16
"""Octets in a row of a dump."""


def event(device: Device, text: str) -> None:
    """Something that happened to a session."""
    if device.debugging.wants(EVENTS):
        device.log("", _LEVEL, "", text)


def passed(device: Device, port: Interface, frame: bytes, packet: PppoePacket, *, out: bool) -> None:
    """A packet of discovery: `R` is the far station, `L` the one here."""
    if device.debugging.wants(EVENTS):
        for text in _told(port, frame, packet, out=out):
            device.log("", _LEVEL, "", text)
    if device.debugging.wants(PACKETS):
        device.log(
            "",
            _LEVEL,
            "",
            f"pppoe_{'send' if out else 'receive'}_{_NAMES.get(packet.code, 'other').lower()}:",
        )
        device.log("", _LEVEL, "", f"contiguous pak, size {len(frame)}")
        for at in range(0, len(frame), _ROW):
            device.log("", _LEVEL, "", f"         {frame[at : at + _ROW].hex(' ').upper()}")


def _told(port: Interface, frame: bytes, packet: PppoePacket, *, out: bool) -> Iterator[str]:
    to, source = MacAddress(frame[:6]), MacAddress(frame[6:12])
    far, here = (to, source) if out else (source, to)
    name = _NAMES.get(packet.code, f"code 0x{packet.code:02X}")
    if out and name == "PADI":
        yield f"Sending PADI: Interface = {port.name}"
        return
    if out and name == "PADR":
        yield "OUT PADR from PPPoE Session"
        return
    gap = ", " if out and name == "PADO" else "  "
    yield f"PPPoE {packet.session}: {'O' if out else 'I'} {name}{gap}R:{far} L:{here} {short_name(port.name)}"
    if name in ("PADI", "PADO", "PADR", "PADS"):
        service = packet.tags().get(PppoeTag.SERVICE_NAME, b"").decode("latin-1")
        yield f" Service tag: {service or 'NULL Tag'}"
