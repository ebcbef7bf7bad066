"""`debug ppp negotiation|authentication`: what happens on a link, in IOS's words (outputs/debug_ppp)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.net.ppp.automaton import State
from iosemu.net.ppp.happenings import Entered, Happening, IpUp, Noted, Passed, Turned
from iosemu.net.ppp.lcp import CHAP_MD5, PAP
from iosemu.net.ppp.link import endpoint_text
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ppp import (
    AuthCode,
    ChapValue,
    Code,
    ControlPacket,
    IpcpOption,
    LcpOption,
    Option,
    PapRequest,
    PppProtocol,
    pap_message,
    parse_options,
)

STATES = {
    State.INITIAL: "Initial",
    State.STARTING: "Starting",
    State.CLOSED: "Closed",
    State.STOPPED: "Listen",
    State.CLOSING: "TERMsent",
    State.STOPPING: "TERMsent",
    State.REQ_SENT: "REQsent",
    State.ACK_RCVD: "ACKrcvd",
    State.ACK_SENT: "ACKsent",
    State.OPENED: "Open",
}
"""The states of an automaton, as shows and messages call them."""
_NOT_BEGUN = (State.INITIAL, State.STARTING)
"""Debugging calls them closed."""
_CHAP = {1: "CHALLENGE", 2: "RESPONSE", 3: "SUCCESS", 4: "FAILURE"}
_PAP = {1: "AUTH-REQ", 2: "AUTH-ACK", 3: "AUTH-NAK"}
_IPCP_OPTIONS: dict[int, str] = {
    IpcpOption.ADDRESS: "Address",
    IpcpOption.PRIMARY_DNS: "PrimaryDNS",
    IpcpOption.SECONDARY_DNS: "SecondaryDNS",
}
_CONFIGURE = (Code.CONFREQ, Code.CONFACK, Code.CONFNAK, Code.CONFREJ)
_NAMES = {each.value: each.name for each in PppProtocol}


def name_of(protocol: int) -> str:
    """`LCP`, `IPCP` …"""
    return _NAMES.get(protocol, f"{protocol:#06x}")


def is_authentication(happening: Happening) -> bool:
    """Whether `debug ppp authentication` tells it, too."""
    if isinstance(happening, Noted):
        return happening.authentication
    return isinstance(happening, Passed) and happening.protocol in (PppProtocol.CHAP, PppProtocol.PAP)


def lines(happening: Happening) -> Iterator[str]:
    """What is printed, without the interface."""
    match happening:
        case Passed(PppProtocol.CHAP, packet, sent):
            yield f"CHAP: {_way(sent)} {_chap(packet)}"
        case Passed(PppProtocol.PAP, packet, sent):
            yield f"PAP: {_way(sent)} {_pap(packet)}"
        case Passed(protocol, packet, sent, state) if packet.code not in (Code.ECHOREQ, Code.ECHOREP):
            word = Code(packet.code).name if packet.code in list(Code) else f"code {packet.code}"
            where = "Closed" if state in _NOT_BEGUN else STATES[state] if state is not None else ""
            name = name_of(protocol)
            yield f"{name}: {_way(sent)} {word} [{where}] id {packet.identifier} len {packet.length}"
            if packet.code in _CONFIGURE:
                yield from (f"{name}:    {_option(protocol, each)}" for each in _options(packet))
        case Turned(protocol, _event, _before, State.OPENED):
            yield f"{name_of(protocol)}: State is Open"
        case Turned(protocol, _event, _before, State.CLOSED):
            yield f"{name_of(protocol)}: State is Closed"
        case Entered(phase, by):
            yield f"PPP: Phase is {phase.value}{f', {by}' if by else ''}"
        case Noted(text):
            yield text
        case IpUp(_own, peer) if peer is not None:
            yield f"IPCP: Install route to {peer}"


def _way(sent: bool) -> str:
    return "O" if sent else "I"


def _chap(packet: ControlPacket) -> str:
    text = f"{_CHAP.get(packet.code, packet.code)} id {packet.identifier} len {packet.length}"
    if packet.code in (AuthCode.CHALLENGE, AuthCode.RESPONSE):
        try:
            return f'{text} from "{ChapValue.parse(packet.data).name}"'
        except MalformedPacket:
            return text
    return f'{text} msg is "{packet.data.decode("latin-1")}"' if packet.data else text


def _pap(packet: ControlPacket) -> str:
    text = f"{_PAP.get(packet.code, packet.code)} id {packet.identifier} len {packet.length}"
    try:
        if packet.code == AuthCode.AUTH_REQ:
            return f'{text} from "{PapRequest.parse(packet.data).name}"'
        said = pap_message(packet.data)
    except MalformedPacket:
        return text
    return f'{text} msg is "{said}"' if said else text


def _options(packet: ControlPacket) -> tuple[Option, ...]:
    try:
        return parse_options(packet.data)
    except MalformedPacket:
        return ()


def _option(protocol: int, option: Option) -> str:
    octets = f"(0x{option.to_bytes().hex().upper()})"
    if protocol == PppProtocol.LCP:
        if option.kind == LcpOption.MRU and len(option.value) == 2:
            return f"MRU {int.from_bytes(option.value)} {octets}"
        if option.kind == LcpOption.MRRU and len(option.value) == 2:
            return f"MRRU {int.from_bytes(option.value)} {octets}"
        if option.kind == LcpOption.ENDPOINT and option.value:
            return f"EndpointDisc {option.value[0]} {endpoint_text(option.value)} {octets}"
        if option.kind == LcpOption.QUALITY and len(option.value) == 6:
            kind, period = option.value[:2].hex().upper(), int.from_bytes(option.value[2:])
            return f"QualityType 0x{kind} period {period} {octets}"
        if option.kind == LcpOption.MAGIC:
            return f"MagicNumber 0x{option.value.hex().upper()} {octets}"
        if option.kind == LcpOption.AUTHENTICATION:
            word = {CHAP_MD5: "CHAP", PAP: "PAP"}.get(option.value, option.value.hex())
            return f"AuthProto {word} {octets}"
    if protocol == PppProtocol.IPCP and len(option.value) == 4:
        word = _IPCP_OPTIONS.get(option.kind, f"Option {option.kind}")
        return f"{word} {IPv4Address(option.value)} {octets}"
    return f"Option {option.kind} {octets}"
