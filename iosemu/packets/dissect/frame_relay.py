"""Frames of Frame Relay."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.serial import by_ethertype
from iosemu.packets.frame_relay import (
    ARP,
    FULL,
    HEADER,
    FrameRelayFrame,
    InverseArp,
    LmiMessage,
    LmiMessageType,
    LmiType,
    unwrap,
)

_MESSAGES = {LmiMessageType.STATUS_ENQUIRY.value: "Status Enquiry", LmiMessageType.STATUS.value: "Status"}


def dissect_frame_relay(b: DissectionBuilder) -> None:
    """Read a frame from its first octet."""
    frame = FrameRelayFrame.parse(b.frame)
    b.layer("Frame Relay", 0, HEADER)
    b.field("DLCI", frame.dlci, 0, 2)
    for name, value in (("FECN", frame.fecn), ("BECN", frame.becn), ("DE", frame.discard_eligible)):
        b.field(name, int(value), 1, 1)
    b.say("FR", f"DLCI {frame.dlci}")
    if frame.dlci in (LmiType.CISCO.dlci, LmiType.ANSI.dlci):
        _lmi(b, frame)
        return
    ethertype, packet = unwrap(frame.payload)
    at = len(b.frame) - len(packet)
    if ethertype == ARP:
        arp = InverseArp.parse(packet)
        b.layer("Inverse ARP", at, len(b.frame))
        b.number("Operation", at + 6, 2, {8: "request", 9: "reply"})
        b.hexadecimal("Sender Hardware Address", at + 8, 2)
        b.field("Sender Protocol Address", arp.sender, at + 10, 4)
        b.field("Target Protocol Address", arp.target, at + 16, 4)
        word = "Who is at the other end" if arp.operation == 8 else "This end is"
        b.say("InARP", f"DLCI {frame.dlci}: {word}{'? Tell' if arp.operation == 8 else ''} {arp.sender}")
    else:
        by_ethertype(b, ethertype, packet, at)


def _lmi(b: DissectionBuilder, frame: FrameRelayFrame) -> None:
    message = LmiMessage.parse(frame)
    b.layer("LMI", HEADER, len(b.frame))
    b.field("Type", message.kind.value, HEADER + 1, 1)
    b.field("Message", _MESSAGES.get(message.message, message.message), HEADER + 3, 1)
    b.field("Report", "full status" if message.report == FULL else "link integrity", HEADER + 4, 3)
    b.field("Sequence", f"sent {message.sequence}, received {message.seen}", HEADER + 7, 4)
    for each in message.circuits:
        state = f"{'active' if each.active else 'inactive'}{', new' * each.new}"
        b.field(f"DLCI {each.dlci}", state, HEADER, len(frame.payload))
    word = _MESSAGES.get(message.message, str(message.message))
    b.say("LMI", f"{message.kind.value} {word}, {'full' if message.report == FULL else 'integrity'}")
