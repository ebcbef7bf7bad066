"""PPP frames and what negotiates in them."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.packets.dissect import control
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.network import dissect_ipv4
from iosemu.packets.lqr import LENGTH, LinkQualityReport
from iosemu.packets.multilink import HEADER, Fragment
from iosemu.packets.ppp import (
    AuthCode,
    ChapValue,
    Code,
    ControlPacket,
    IpcpOption,
    LcpOption,
    PapRequest,
    PppFrame,
    PppProtocol,
    parse_options,
)

_NAMES = {each.value: each.name for each in PppProtocol} | {PppProtocol.IPV4.value: "IPv4"}
_CODES = {
    Code.CONFREQ: "Configure-Request",
    Code.CONFACK: "Configure-Ack",
    Code.CONFNAK: "Configure-Nak",
    Code.CONFREJ: "Configure-Reject",
    Code.TERMREQ: "Terminate-Request",
    Code.TERMACK: "Terminate-Ack",
    Code.CODEREJ: "Code-Reject",
    Code.PROTREJ: "Protocol-Reject",
    Code.ECHOREQ: "Echo-Request",
    Code.ECHOREP: "Echo-Reply",
    Code.DISCREQ: "Discard-Request",
}
_CHAP = {1: "Challenge", 2: "Response", 3: "Success", 4: "Failure"}
_PAP = {1: "Authenticate-Request", 2: "Authenticate-Ack", 3: "Authenticate-Nak"}
_LCP_OPTIONS = {
    1: "Maximum-Receive-Unit",
    3: "Authentication-Protocol",
    4: "Quality-Protocol",
    5: "Magic-Number",
    7: "PFC",
    8: "ACFC",
    17: "Multilink-MRRU",
    19: "Multilink-Endpoint-Discriminator",
}
_COUNTERS = (
    "LastOutLQRs",
    "LastOutPackets",
    "LastOutOctets",
    "PeerInLQRs",
    "PeerInPackets",
    "PeerInDiscards",
    "PeerInErrors",
    "PeerInOctets",
    "PeerOutLQRs",
    "PeerOutPackets",
    "PeerOutOctets",
)
_IPCP_OPTIONS = {3: "IP-Address", 129: "Primary-DNS-Address", 131: "Secondary-DNS-Address"}
_METHODS = {b"\xc2\x23\x05": "CHAP with MD5", b"\xc0\x23": "PAP"}


def dissect_ppp(b: DissectionBuilder) -> None:
    """Read a frame with address and control."""
    PppFrame.parse(b.frame)
    b.layer("PPP", 0, 4)
    b.hexadecimal("Address", 0, 1)
    b.hexadecimal("Control", 1, 1)
    b.number("Protocol", 2, 2, _NAMES)
    payload_of_ppp(b, 2)


def payload_of_ppp(b: DissectionBuilder, at: int) -> None:
    """Read on at the Protocol field."""
    frame = PppFrame.bare(b.frame[at:])
    b.say("PPP", f"protocol {frame.protocol:#06x}")
    begin = at + 2
    match frame.protocol:
        case PppProtocol.IPV4:
            dissect_ipv4(b, frame.payload, begin)
        case PppProtocol.CDP:
            control.cdp(b, frame.payload, begin)
        case PppProtocol.MULTILINK:
            _multilink(b, frame.payload, begin)
        case PppProtocol.LQR:
            _report(b, frame.payload, begin)
        case PppProtocol.CHAP | PppProtocol.PAP:
            _authentication(b, frame.protocol, frame.payload, begin)
        case number if number in _NAMES:
            _negotiation(b, number, frame.payload, begin)


def _multilink(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A fragment; one that is a whole packet is read on."""
    fragment = Fragment.parse(data)
    b.layer("PPP Multilink", at, at + HEADER)
    b.field("First fragment", "Yes" if fragment.begin else "No", at, 1)
    b.field("Last fragment", "Yes" if fragment.end else "No", at, 1)
    b.number("Sequence number", at + 1, 3)
    b.say("PPP MP", f"Fragment {fragment.sequence}, {len(fragment.data)} octets")
    if fragment.begin and fragment.end:
        payload_of_ppp(b, at + HEADER)


def _report(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A link quality report."""
    report = LinkQualityReport.parse(data)
    b.layer("PPP Link Quality Report", at, at + LENGTH)
    b.hexadecimal("Magic-Number", at, 4)
    for number, name in enumerate(_COUNTERS, 1):
        b.number(name, at + 4 * number, 4)
    b.say("PPP LQR", f"Link Quality Report, {report.sent.packets} packets sent")


def _head(b: DissectionBuilder, name: str, codes: dict[int, str], data: bytes, at: int) -> ControlPacket:
    packet = ControlPacket.parse(data)
    b.layer(name, at, at + packet.length)
    b.number("Code", at, 1, codes)
    b.number("Identifier", at + 1, 1)
    b.number("Length", at + 2, 2)
    b.say(name, codes.get(packet.code, f"code {packet.code}"))
    return packet


def _negotiation(b: DissectionBuilder, protocol: int, data: bytes, at: int) -> None:
    packet = _head(b, _NAMES[protocol], {code.value: text for code, text in _CODES.items()}, data, at)
    if packet.code in (Code.ECHOREQ, Code.ECHOREP) and len(packet.data) >= 4:
        b.hexadecimal("Magic-Number", at + 4, 4)
    if packet.code > Code.CONFREJ:
        return
    names = (
        _LCP_OPTIONS if protocol == PppProtocol.LCP else _IPCP_OPTIONS if protocol == PppProtocol.IPCP else {}
    )
    here = at + 4
    for option in parse_options(packet.data):
        length = 2 + len(option.value)
        text = option.value.hex() or "yes"
        if protocol == PppProtocol.IPCP and option.kind in list(IpcpOption) and len(option.value) == 4:
            text = str(IPv4Address(option.value))
        elif protocol == PppProtocol.LCP and option.kind == LcpOption.AUTHENTICATION:
            text = _METHODS.get(option.value, text)
        elif protocol == PppProtocol.LCP and option.kind == LcpOption.MRU:
            text = str(int.from_bytes(option.value))
        b.field(names.get(option.kind, f"Option {option.kind}"), text, here, length)
        here += length


def _authentication(b: DissectionBuilder, protocol: int, data: bytes, at: int) -> None:
    if protocol == PppProtocol.CHAP:
        packet = _head(b, "CHAP", _CHAP, data, at)
        if packet.code in (AuthCode.CHALLENGE, AuthCode.RESPONSE):
            value = ChapValue.parse(packet.data)
            size = len(value.value)
            b.hexadecimal("Value", at + 5, size)
            b.field("Name", value.name, at + 5 + size, len(value.name))
            b.say("CHAP", f"{_CHAP[packet.code]} from {value.name}")
        elif packet.data:
            b.field("Message", packet.data.decode("latin-1"), at + 4, len(packet.data))
        return
    packet = _head(b, "PAP", _PAP, data, at)
    if packet.code == AuthCode.AUTH_REQ:
        request = PapRequest.parse(packet.data)
        b.field("Peer-ID", request.name, at + 5, len(request.name))
        b.field("Password", request.password, at + 6 + len(request.name), len(request.password))
        b.say("PAP", f"{_PAP[packet.code]} from {request.name}")
