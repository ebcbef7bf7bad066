"""`debug radius` (outputs of 17.15) and `debug tacacs`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.net.aaa.radius_client import Note, Noted, RadiusTarget
from iosemu.net.aaa.tacacs_client import TacacsExchange
from iosemu.packets.radius import (
    ADDRESSES,
    INTEGERS,
    OLD_ACCOUNTING_PORT,
    OLD_AUTHENTICATION_PORT,
    TEXTS,
    RadiusAttribute,
    RadiusCode,
    RadiusPacket,
)
from iosemu.packets.tacacs import (
    AcctReply,
    AcctStatus,
    AuthenReply,
    AuthenStatus,
    AuthorResponse,
    AuthorStatus,
)
from iosemu.subjects.aaa_servers.config import RADIUS_DEBUG, TACACS_DEBUG

DEBUG = 7
_CODES = {
    RadiusCode.ACCESS_REQUEST: "Access-Request",
    RadiusCode.ACCESS_ACCEPT: "Access-Accept",
    RadiusCode.ACCESS_REJECT: "Access-Reject",
    RadiusCode.ACCESS_CHALLENGE: "Access-Challenge",
    RadiusCode.ACCOUNTING_REQUEST: "Accounting-Request",
    RadiusCode.ACCOUNTING_RESPONSE: "Accounting-response",
}
_NAMES = {
    RadiusAttribute.USER_NAME: "User-Name",
    RadiusAttribute.USER_PASSWORD: "User-Password",
    RadiusAttribute.NAS_IP_ADDRESS: "NAS-IP-Address",
    RadiusAttribute.NAS_PORT: "NAS-Port",
    RadiusAttribute.SERVICE_TYPE: "Service-Type",
    RadiusAttribute.REPLY_MESSAGE: "Reply-Message",
    RadiusAttribute.CLASS: "Class",
    RadiusAttribute.CALLING_STATION_ID: "Calling-Station-Id",
    RadiusAttribute.NAS_IDENTIFIER: "Nas-Identifier",
    RadiusAttribute.ACCT_STATUS_TYPE: "Acct-Status-Type",
    RadiusAttribute.ACCT_DELAY_TIME: "Acct-Delay-Time",
    RadiusAttribute.ACCT_SESSION_ID: "Acct-Session-Id",
    RadiusAttribute.ACCT_AUTHENTIC: "Acct-Authentic",
    RadiusAttribute.ACCT_SESSION_TIME: "Acct-Session-Time",
    RadiusAttribute.ACCT_TERMINATE_CAUSE: "Acct-Terminate-Cause",
    RadiusAttribute.NAS_PORT_TYPE: "NAS-Port-Type",
    RadiusAttribute.NAS_PORT_ID: "NAS-Port-Id",
    RadiusAttribute.MESSAGE_AUTHENTICATOR: "Message-Authenticato",
}
_WORDS = {
    RadiusAttribute.SERVICE_TYPE: {1: "Login", 2: "Framed", 6: "Administrative", 7: "NAS Prompt"},
    RadiusAttribute.NAS_PORT_TYPE: {0: "Async", 5: "Virtual"},
    RadiusAttribute.ACCT_STATUS_TYPE: {1: "Start", 2: "Stop", 3: "Watchdog"},
    RadiusAttribute.ACCT_AUTHENTIC: {1: "RADIUS", 2: "Local", 3: "Remote"},
}


def tacacs(device: Device, text: str) -> None:
    """A line of `debug tacacs`."""
    if device.debugging.on(TACACS_DEBUG):
        device.log("", DEBUG, "", text)


_AUTHEN = {
    AuthenStatus.PASS: "PASS",
    AuthenStatus.FAIL: "FAIL",
    AuthenStatus.GETUSER: "GET_USER",
    AuthenStatus.GETPASS: "GET_PASSWORD",
    AuthenStatus.ERROR: "ERROR",
}
_AUTHOR = {
    AuthorStatus.PASS_ADD: "PASS_ADD",
    AuthorStatus.PASS_REPL: "PASS_REPL",
    AuthorStatus.FAIL: "FAIL",
    AuthorStatus.ERROR: "ERROR",
}


def tacacs_reply(device: Device, exchange: TacacsExchange) -> None:
    """What a server answered."""
    if not device.debugging.on(TACACS_DEBUG):
        return
    reply = exchange.last
    if isinstance(reply, AuthenReply):
        name = _AUTHEN.get(AuthenStatus(reply.status), "?") if reply.status in _AUTHEN else str(reply.status)
        tacacs(device, f"TPLUS: Received authen response status {name} ({reply.status})")
    elif isinstance(reply, AuthorResponse):
        for pair in reply.arguments:
            tacacs(device, f"TPLUS: Processed AV {pair}")
        name = _AUTHOR.get(AuthorStatus(reply.status), "?") if reply.status in _AUTHOR else str(reply.status)
        tacacs(device, f"TPLUS: received authorization response: {name}")
    elif isinstance(reply, AcctReply):
        success = reply.status == AcctStatus.SUCCESS
        tacacs(device, f"TPLUS: Received accounting response with status {'PASS' if success else 'FAIL'}")
    else:
        tacacs(device, "TPLUS: Invalid AUTHEN packet (check keys)")


def radius(device: Device, noted: Noted) -> None:
    """What the client of RADIUS noted."""
    if not device.debugging.on(RADIUS_DEBUG):
        return
    for text in _lines(noted):
        device.log("", DEBUG, "", text)


def _lines(noted: Noted) -> list[str]:
    transaction, target, packet = noted.transaction, noted.target, noted.packet
    if transaction is None or target is None:
        return [f"RADIUS: Response ({packet.identifier}) failed decrypt"] if packet is not None else []
    port = OLD_ACCOUNTING_PORT if transaction.accounting else OLD_AUTHENTICATION_PORT
    number = f"{port}/{transaction.identifier}"
    place = f"({target.place})"
    started = f"RADIUS(00000000): Started {target.timeout:g} sec timeout"
    match noted.what:
        case Note.SENT if packet is not None:
            return [
                f"RADIUS(00000000): Send {_CODES[transaction.code]} to {_far(target, transaction.accounting)} "
                f"id {number}, len {len(packet.to_bytes())}",
                *_packet(packet),
                "RADIUS(00000000): Sending a IPv4 Radius Packet",
                started,
            ]
        case Note.RETRANSMITTED:
            return [f"RADIUS: Retransmit to {place} for id {number}", started]
        case Note.FAILED_OVER:
            return [f"RADIUS: Fail-over to {place} for id {number}", started]
        case Note.TIMED_OUT:
            return ["RADIUS(00000000): Request timed out!"]
        case Note.GAVE_UP:
            return [
                f"RADIUS: No response from {place} for id {number}",
                "RADIUS: No response from server",
            ]
        case Note.FORGED if packet is not None:
            return [
                f"RADIUS: Received from id {number} {_far(target, transaction.accounting)}, "
                f"{_code(packet)}, len {len(packet.to_bytes())}",
                f"RADIUS: response-authenticator decrypt fail, pak len {len(packet.to_bytes())}",
            ]
        case Note.ANSWERED if packet is not None:
            return [
                f"RADIUS: Received from id {number} {_far(target, transaction.accounting)}, "
                f"{_code(packet)}, len {len(packet.to_bytes())}",
                *_packet(packet),
            ]
    return []


def _far(target: RadiusTarget, accounting: bool) -> str:
    return f"{target.address}:{target.accounting_port if accounting else target.authentication_port}"


def _code(packet: RadiusPacket) -> str:
    return (
        _CODES.get(RadiusCode(packet.code), str(packet.code)) if packet.code in _CODES else str(packet.code)
    )


def _packet(packet: RadiusPacket) -> list[str]:
    octets = packet.authenticator.hex(" ").upper()
    rows = [f"RADIUS:  authenticator {octets[:23]} - {octets[24:]}"]
    for kind, value in packet.attributes:
        rows += _attribute(kind, value)
    return rows


def _attribute(kind: int, value: bytes) -> list[str]:
    name = _NAMES.get(RadiusAttribute(kind), "") if kind in _NAMES else ""
    if kind == RadiusAttribute.VENDOR_SPECIFIC:
        rows = [f"RADIUS:  {'Vendor, Cisco':<20}[26]  {len(value) + 2:<4}"]
        pairs = RadiusPacket(0, 0, b"", ((kind, value),)).avpairs
        return rows + [f'RADIUS:   {"Cisco AVpair":<19}[1]   {len(pair) + 2:<4}"{pair}"' for pair in pairs]
    head = f"RADIUS:  {name or 'Attribute':<20}{f'[{kind}]':<6}{len(value) + 2:<4}"
    if kind == RadiusAttribute.USER_PASSWORD:
        return [f"{head}*"]
    if kind in TEXTS:
        return [f'{head}"{value.decode("utf-8", "replace")}"']
    if kind in ADDRESSES and len(value) == 4:
        return [f"{head}{IPv4Address(value)}"]
    if kind in INTEGERS and len(value) == 4:
        number = int.from_bytes(value, "big")
        words = _WORDS.get(RadiusAttribute(kind), {})
        return [f"{head}{f'{words[number]:<26}[{number}]' if number in words else number}"]
    return [head.rstrip()]
