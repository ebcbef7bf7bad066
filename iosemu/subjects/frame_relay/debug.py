"""`debug frame-relay lmi|packet|events`: what passes on a line, in IOS's words."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.debugging import DebugFlag
from iosemu.box.device import Device
from iosemu.packets.ethernet import EtherType
from iosemu.packets.frame_relay import (
    FULL,
    IETF_IPV4,
    FrameRelayFrame,
    InverseArp,
    InverseArpOperation,
    LmiMessage,
    LmiMessageType,
    LmiType,
    address_bits,
    unwrap,
)

LMI = DebugFlag("Frame Relay LMI", "Frame Relay")
PACKET = DebugFlag("Frame Relay packet", "Frame Relay")
EVENTS = DebugFlag("Frame Relay events", "Frame Relay")
FLAGS = (LMI, PACKET, EVENTS)
_LEVEL = 7
BUFFER = 0x3D53954
"""Where a buffer begins: real ones have the address of some memory."""
_ROW = 16
"""Octets in a row of a dump."""
_LINKS = {EtherType.IPV4: "(IP)", 0x2000: "(CDP)"}
_ELEMENTS = {LmiType.CISCO: 0, LmiType.ANSI: 0, LmiType.Q933A: 0x50}


def _say(device: Device, text: str) -> None:
    device.log("", _LEVEL, "", text)


def _dump(frame: bytes) -> Iterator[str]:
    yield f"datagramstart = 0x{BUFFER:X}, datagramsize = {len(frame)}"
    yield f"FR encap = 0x{frame[:4].hex().upper()}"
    for at in range(4, len(frame), _ROW):
        yield frame[at : at + _ROW].hex(" ").upper() + " "
    yield ""


def lmi_sent(device: Device, name: str, message: LmiMessage, *, network: bool, up: bool) -> None:
    """An enquiry or a status left."""
    if not device.debugging.wants(LMI):
        return
    word = "StEnq" if message.message == LmiMessageType.STATUS_ENQUIRY else "Status"
    state = f"{'DCE' if network else 'DTE'} {'up' if up else 'down'}"
    _say(device, f"{name}(out): {word}, myseq {message.sequence}, yourseen {message.seen}, {state}")
    for row in _dump(message.to_frame().to_bytes()):
        _say(device, row)


def lmi_received(device: Device, name: str, message: LmiMessage) -> None:
    """One came in."""
    if not device.debugging.wants(LMI):
        return
    size = len(message.to_frame().to_bytes())
    word = "StEnq" if message.message == LmiMessageType.STATUS_ENQUIRY else "Status"
    base = _ELEMENTS[message.kind]
    _say(device, f"{name}(in): {word}, myseq {message.seen}, pak size {size}")
    _say(device, f"RT IE {base + 1:X}, length 1, type {message.report}")
    _say(device, f"KA IE {base + 3:X}, length 2, yourseq {message.sequence}, myseq {message.seen}")
    if message.report != FULL:
        return
    cisco = message.kind is LmiType.CISCO
    for each in message.circuits:
        status = each.new << 3 | each.active << 1
        bandwidth = " , bw 0" if cisco else ""
        length = 6 if cisco else 3
        _say(
            device,
            f"PVC IE 0x{base + 7:X} , length 0x{length:X} , dlci {each.dlci}, status 0x{status:X}{bandwidth}",
        )


def packet(device: Device, name: str, frame: FrameRelayFrame, octets: int, *, out: bool) -> None:
    """What left by a circuit, or came by it."""
    if not device.debugging.wants(PACKET):
        return
    kind = unwrap(frame.payload)[0]
    way, link = ("o", _LINKS.get(kind, "")) if out else ("i", "")
    what = "NLPID 0x3CC" if frame.payload[:2] == IETF_IPV4 else f"pkt type 0x{kind:X}"
    circuit = f"dlci {frame.dlci}(0x{address_bits(frame.dlci) | 1:X})"
    _say(device, f"{name}({way}): {circuit}, {what}{link}, datagramsize {octets}")


def no_map(device: Device, name: str) -> None:
    """Nobody knows the circuit of a next hop."""
    if device.debugging.wants(PACKET):
        _say(device, f"{name}:Encaps failed--no map entry link 7(IP)")


def arp(device: Device, name: str, frame: FrameRelayFrame, message: InverseArp) -> None:
    """Inverse ARP came in."""
    if not device.debugging.wants(EVENTS):
        return
    _say(device, f"{name}: FR ARP input")
    for row in _dump(frame.to_bytes()):
        _say(device, row)
    if message.operation == InverseArpOperation.REPLY:
        _say(device, f"{name}(i): reply rcvd {message.sender} {frame.dlci}")
