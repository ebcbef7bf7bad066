"""PPPoE, and what its sessions carry."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.ppp import payload_of_ppp
from iosemu.packets.pppoe import PppoeCode, PppoePacket, PppoeTag

_CODES = {each.value: each.name for each in PppoeCode} | {0: "session data"}
_TAGS = {0x0101: "Service-Name", 0x0102: "AC-Name", 0x0103: "Host-Uniq", 0x0104: "AC-Cookie"}


def pppoe(b: DissectionBuilder, data: bytes, at: int) -> None:
    """Read a packet of either stage."""
    packet = PppoePacket.parse(data)
    b.layer("PPPoE", at, at + 6)
    b.hexadecimal("Version and Type", at, 1)
    b.number("Code", at + 1, 1, _CODES)
    b.number("Session ID", at + 2, 2)
    b.number("Length", at + 4, 2)
    b.say("PPPoE", _CODES.get(packet.code, f"code {packet.code}"))
    if packet.code == PppoeCode.DATA:
        payload_of_ppp(b, at + 6)
        return
    for kind, value in packet.tags().items():
        text = value.decode("latin-1") if kind in (PppoeTag.AC_NAME, PppoeTag.SERVICE_NAME) else value.hex()
        b.field(_TAGS.get(kind, f"Tag {kind:#06x}"), text, at + 6, len(packet.payload))
