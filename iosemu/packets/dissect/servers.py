"""What servers are asked and answer: NTP, DNS, SNMP, syslog, TFTP, RADIUS, TACACS+, FTP and HTTP.

By their well-known ports. TFTP's data goes between ports of its own and stays UDP.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Address

from iosemu.packets import ntp, radius, tacacs, tftp
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket

Reader = Callable[[DissectionBuilder, bytes, int], None]
"""Takes the octets of a datagram or segment and where they stand in the frame. Raises MalformedPacket."""

_FACILITIES = (
    "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP", "NTP",
    "AUDIT", "ALERT", "CLOCK", *(f"LOCAL{n}" for n in range(8)),
)  # fmt: skip
_SEVERITIES = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
_LONGEST_PRIORITY = 3
_LEAPS = {0: "no warning", 1: "last minute has 61 seconds", 2: "last minute has 59 seconds", 3: "unknown"}
_NTP_HEADER = 48
_RADIUS_CODES = {
    **{each.value: each.name.replace("_", "-").title() for each in radius.RadiusCode},
    40: "Disconnect-Request",
    41: "Disconnect-ACK",
    42: "Disconnect-NAK",
    43: "CoA-Request",
    44: "CoA-ACK",
    45: "CoA-NAK",
}
_RADIUS_NAMES = {each.value: each.name.replace("_", "-").title() for each in radius.RadiusAttribute}
_TACACS_TYPES = {each.value: each.name.title() for each in tacacs.TacacsType}
_TFTP = {each.value: each.name.title() for each in tftp.TftpOpcode}
_SHOWN = 200
"""Octets of a line of text that are shown."""
_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ", b"HTTP/")


def _text(data: bytes) -> str:
    shown = data[:_SHOWN].decode("utf-8", "replace")
    return "".join(each if each.isprintable() else "·" for each in shown)


def dissect_ntp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 5905 section 7.3; control messages (mode 6) and private ones are named only."""
    if not data:
        raise MalformedPacket("NTP: no octets")
    mode, version = data[0] & 7, data[0] >> 3 & 7
    b.layer("NTP", at, at + len(data))
    b.field("Leap Indicator", f"{_LEAPS[data[0] >> 6]} ({data[0] >> 6})", at, 1)
    b.field("Version number", version, at, 1)
    name = ntp.Mode(mode).name.lower()
    b.field("Mode", f"{name} ({mode})", at, 1)
    b.say("NTP", f"NTP Version {version}, {name}")
    if mode in (ntp.Mode.CONTROL, ntp.Mode.PRIVATE):
        return
    packet = ntp.NtpPacket.parse(data[:_NTP_HEADER])
    b.number("Peer Clock Stratum", at + 1, 1)
    b.field("Peer Polling Interval", f"{packet.poll} (2^{packet.poll} s)", at + 2, 1)
    b.field("Peer Clock Precision", packet.precision, at + 3, 1)
    b.field("Root Delay", f"{packet.root_delay:.6f} seconds", at + 4, 4)
    b.field("Root Dispersion", f"{packet.root_dispersion:.6f} seconds", at + 8, 4)
    identifier = packet.reference_id
    reference = str(IPv4Address(identifier))
    if packet.stratum in (1, ntp.NO_STRATUM):
        reference = _text(identifier.rstrip(b"\0"))
    b.field("Reference ID", reference, at + 12, 4)
    for index, (label, stamp) in enumerate(
        (
            ("Reference Timestamp", packet.reference),
            ("Origin Timestamp", packet.origin),
            ("Receive Timestamp", packet.receive),
            ("Transmit Timestamp", packet.transmit),
        )
    ):
        moment = ntp.EPOCH + timedelta(microseconds=stamp * 1_000_000 // ntp.UNIT)
        b.field(label, f"{moment:%b %d, %Y %H:%M:%S.%f} UTC" if stamp else "NULL", at + 16 + 8 * index, 8)
    if len(data) >= _NTP_HEADER + 4:
        b.number("Key ID", at + _NTP_HEADER, 4)
        b.hexadecimal("Message Authentication Code", at + _NTP_HEADER + 4, len(data) - _NTP_HEADER - 4)


def dissect_dns(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 1035, by dnspython, which is big and imported when the first message is looked at."""
    import dns.exception
    import dns.message
    import dns.opcode
    import dns.rcode
    import dns.rdatatype

    try:
        message = dns.message.from_wire(data)
    except (dns.exception.DNSException, ValueError) as error:
        raise MalformedPacket(f"DNS: {error}") from error
    b.layer("DNS", at, at + len(data))
    b.field("Transaction ID", f"{message.id:#06x}", at, 2)
    b.hexadecimal("Flags", at + 2, 2)
    b.field("Opcode", dns.opcode.to_text(message.opcode()), at + 2, 1)
    b.field("Reply code", dns.rcode.to_text(message.rcode()), at + 3, 1)
    questions = [f"{dns.rdatatype.to_text(q.rdtype)} {q.name}" for q in message.question]
    answers = [f"{dns.rdatatype.to_text(each.rdtype)} {one}" for each in message.answer for one in each]
    for label, texts in (("Query", questions), ("Answer", answers)):
        for text in texts:
            b.field(label, text, at + 12, len(data) - 12)
    kind = "query response" if data[2] & 0x80 else "query"
    b.say("DNS", f"Standard {kind} {message.id:#06x} {' '.join([*questions, *answers])}")


def dissect_snmp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """Version, community or user, PDU and its variables (RFC 1157, 3416, 3412); by pyasn1, imported on demand."""
    from iosemu.packets import snmp

    message = snmp.parse(data)
    b.layer("SNMP", at, at + len(data))
    length = len(data)
    pdu: snmp.Pdu | snmp.TrapV1 | bytes
    if isinstance(message, snmp.CommunityMessage):
        b.field("version", message.version.name.lower(), at, length)
        b.field("community", _text(message.community), at, length)
        pdu = message.pdu
    else:
        b.field("version", "v3", at, length)
        b.field("msgAuthoritativeEngineID", "0x" + message.engine.hex(), at, length)
        b.field("msgUserName", _text(message.user), at, length)
        flags = ((1, "authenticated"), (2, "encrypted"), (4, "reportable"))
        b.field(
            "msgFlags", ", ".join(name for bit, name in flags if message.flags & bit) or "none", at, length
        )
        pdu = message.scoped if isinstance(message.scoped, bytes) else message.scoped.pdu
    if isinstance(pdu, bytes):
        b.field("encryptedPDU", f"{len(pdu)} octets", at, length)
        b.say("SNMP", "encryptedPDU: privKey Unknown")
        return
    name = "trap" if isinstance(pdu, snmp.TrapV1) else pdu.type.name.lower().replace("_", "-")
    b.field("PDU", name, at, length)
    if isinstance(pdu, snmp.Pdu):
        b.field("request-id", pdu.request, at, length)
    names = []
    for binding in pdu.bindings:
        names.append(".".join(map(str, binding.name)))
        b.field(names[-1], binding.value.content, at, length)
    b.say("SNMP", f"{name} {' '.join(names)}".rstrip())


def dissect_syslog(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 3164: the priority in angle brackets, then text."""
    b.layer("Syslog", at, at + len(data))
    number, closed, rest = data[1:].partition(b">")
    if data[:1] == b"<" and closed and number.isdigit() and len(number) <= _LONGEST_PRIORITY:
        facility, severity = divmod(int(number), 8)
        if facility < len(_FACILITIES):
            b.field("Facility", f"{_FACILITIES[facility]} ({facility})", at, len(number) + 2)
            b.field("Level", f"{_SEVERITIES[severity]} ({severity})", at, len(number) + 2)
            rest = rest.rstrip(b"\r\n\0")
            b.field("Message", _text(rest), at + len(number) + 2, len(rest))
            b.say("Syslog", f"{_FACILITIES[facility]}.{_SEVERITIES[severity]}: {_text(rest)}")
            return
    b.field("Message", _text(data), at, len(data))
    b.say("Syslog", _text(data))


def dissect_tftp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 1350, with the options of RFC 2347."""
    packet = tftp.parse(data)
    b.layer("TFTP", at, at + len(data))
    opcode = b.number("Opcode", at, 2, _TFTP)
    said = _TFTP[opcode]
    match packet:
        case tftp.TftpRequest():
            b.field("File", packet.name, at + 2, len(packet.name.encode()))
            b.field("Type", packet.mode, at + 3 + len(packet.name.encode()), len(packet.mode))
            said = f"{said} Request, File: {packet.name}, Transfer type: {packet.mode}"
        case tftp.TftpError():
            b.number("Error code", at + 2, 2)
            b.field("Error message", packet.message, at + 4, len(data) - 4)
            said = f"Error Code, Message: {packet.message}"
        case tftp.TftpOack():
            said = "Option Acknowledgement"
        case _:
            b.number("Block", at + 2, 2)
    for name, value in getattr(packet, "options", ()):
        b.field("Option", f"{name} = {value}", at + 2, len(data) - 2)
    b.say("TFTP", said)


def dissect_radius(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 2865: the attributes; passwords stay hidden as they are on the wire."""
    packet = radius.RadiusPacket.parse(data)
    b.layer("RADIUS", at, at + len(data))
    b.number("Code", at, 1, _RADIUS_CODES)
    b.number("Packet identifier", at + 1, 1)
    b.number("Length", at + 2, 2)
    b.hexadecimal("Authenticator", at + 4, 16)
    place = at + radius.HEADER
    for kind, value in packet.attributes:
        shown = "0x" + value.hex()
        if kind in radius.TEXTS:
            shown = _text(value)
        elif kind in radius.INTEGERS and len(value) == 4:
            shown = str(int.from_bytes(value, "big"))
        elif kind in radius.ADDRESSES and len(value) == 4:
            shown = str(IPv4Address(value))
        b.field(_RADIUS_NAMES.get(kind, f"Attribute {kind}"), shown, place, len(value) + 2)
        place += len(value) + 2
    b.say("RADIUS", f"{_RADIUS_CODES.get(packet.code, f'Code {packet.code}')} id={packet.identifier}")


def dissect_tacacs(b: DissectionBuilder, data: bytes, at: int) -> None:
    """RFC 8907: the header. Bodies are obfuscated by a key that is not here."""
    if len(data) < tacacs.HEADER or data[0] >> 4 != tacacs.MAJOR:
        b.layer("TACACS+", at, at + len(data))
        b.field("Continuation", f"{len(data)} octets", at, len(data))
        b.say("TACACS+", "Continuation")
        return
    b.layer("TACACS+", at, at + len(data))
    b.field("Major version", "TACACS+", at, 1)
    b.field("Minor version", data[0] & 0xF, at, 1)
    kind = b.number("Type", at + 1, 1, _TACACS_TYPES)
    sequence = b.number("Sequence number", at + 2, 1)
    clear = bool(data[3] & tacacs.TacacsFlag.UNENCRYPTED)
    b.field("Flags", f"{data[3]:#04x} ({'Unencrypted' if clear else 'Encrypted'} payload)", at + 3, 1)
    b.hexadecimal("Session ID", at + 4, 4)
    b.number("Packet length", at + 8, 4)
    b.field("Body", f"{len(data) - tacacs.HEADER} octets", at + tacacs.HEADER, len(data) - tacacs.HEADER)
    # a client's packets are odd (RFC 8907 section 4.1)
    b.say("TACACS+", f"{'Q' if sequence % 2 else 'R'}: {_TACACS_TYPES.get(kind, kind)}")


def dissect_ftp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """The control connection of RFC 959: one line, a command or a reply."""
    line = data.partition(b"\r\n")[0]
    b.layer("FTP", at, at + len(data))
    if line[:3].isdigit():
        b.field("Response code", line[:3].decode(), at, 3)
        b.field("Response arg", _text(line[4:]), at + 4, len(line) - 4)
        b.say("FTP", f"Response: {_text(line)}")
        return
    command, _, argument = line.partition(b" ")
    b.field("Request command", _text(command), at, len(command))
    if argument:
        b.field("Request arg", _text(argument), at + len(command) + 1, len(argument))
    b.say("FTP", f"Request: {_text(line)}")


def dissect_http(b: DissectionBuilder, data: bytes, at: int) -> None:
    """The first line and the fields of a message's head (RFC 9112); what continues a body stays TCP."""
    if not data.startswith(_METHODS):
        return
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    b.layer("HTTP", at, at + len(data))
    place = at
    for index, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        if index and colon:
            b.field(_text(name), _text(value.strip()), place, len(line))
        elif not index:
            b.field("Response" if line.startswith(b"HTTP/") else "Request", _text(line), place, len(line))
        place += len(line) + 2
    if body:
        b.field("Body", f"{len(body)} octets", at + len(data) - len(body), len(body))
    b.say("HTTP", _text(lines[0]))


UDP: dict[int, Reader] = {
    53: dissect_dns,
    tftp.PORT: dissect_tftp,
    ntp.NTP_PORT: dissect_ntp,
    161: dissect_snmp,
    162: dissect_snmp,
    514: dissect_syslog,
    radius.OLD_AUTHENTICATION_PORT: dissect_radius,
    radius.OLD_ACCOUNTING_PORT: dissect_radius,
    radius.AUTHENTICATION_PORT: dissect_radius,
    radius.ACCOUNTING_PORT: dissect_radius,
    3799: dissect_radius,
}
"""Readers by one of the two ports of a datagram."""
TCP: dict[int, Reader] = {21: dissect_ftp, tacacs.PORT: dissect_tacacs, 80: dissect_http}
"""Readers by one of the two ports of a segment that carries octets."""
