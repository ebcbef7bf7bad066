"""EAPOL (IEEE 802.1X) and the EAP in it."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.eap import EapCode, EapPacket, EapType
from iosemu.packets.eapol import HEADER, EapolPacket, EapolType

_KINDS = {
    EapolType.EAP: "EAP Packet",
    EapolType.START: "Start",
    EapolType.LOGOFF: "Logoff",
    EapolType.KEY: "Key",
    EapolType.ALERT: "Encapsulated ASF Alert",
}
_CODES = {each.value: each.name.title() for each in EapCode}
_METHODS = {
    EapType.IDENTITY: "Identity",
    EapType.NOTIFICATION: "Notification",
    EapType.NAK: "Legacy Nak",
    EapType.MD5_CHALLENGE: "MD5-Challenge",
    EapType.OTP: "One-Time Password",
    EapType.GTC: "Generic Token Card",
    EapType.TLS: "EAP-TLS",
    EapType.LEAP: "LEAP",
    EapType.TTLS: "EAP-TTLS",
    EapType.PEAP: "PEAP",
    EapType.MSCHAPV2: "EAP-MSCHAP-V2",
    EapType.FAST: "EAP-FAST",
}


def eapol(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A packet of EAP over LAN."""
    packet = EapolPacket.parse(data)
    b.layer("802.1X", at, at + HEADER + len(packet.body))
    b.number("Version", at, 1)
    b.number("Type", at + 1, 1, {each.value: text for each, text in _KINDS.items()})
    b.number("Length", at + 2, 2)
    known = packet.type in _KINDS
    b.say("EAPOL", _KINDS[EapolType(packet.type)] if known else f"Type {packet.type}")
    if packet.type == EapolType.EAP:
        eap(b, packet.body, at + HEADER)


def eap(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 3748."""
    packet = EapPacket.parse(data)
    b.layer("EAP", at, at + len(data))
    b.number("Code", at, 1, _CODES)
    b.number("Id", at + 1, 1)
    b.number("Length", at + 2, 2)
    said = _CODES.get(packet.code, f"Code {packet.code}")
    if packet.type != EapType.NONE:
        method = _METHODS[EapType(packet.type)] if packet.type in _METHODS else f"Type {packet.type}"
        b.number("Type", at + 4, 1, {each.value: text for each, text in _METHODS.items()})
        if packet.type == EapType.IDENTITY and packet.data:
            b.field("Identity", packet.data.decode("utf-8", "replace"), at + 5, len(packet.data))
        elif packet.data:
            b.field("Data", "0x" + packet.data.hex(), at + 5, len(packet.data))
        said += f", {method}"
    b.say("EAP", said)
