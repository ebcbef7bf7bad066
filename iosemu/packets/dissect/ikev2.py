"""IKEv2 messages (RFC 7296, 3) as the packet view takes them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.isakmp import IsakmpHeader

EXCHANGES: Final = {34: "IKE_SA_INIT", 35: "IKE_AUTH", 36: "CREATE_CHILD_SA", 37: "INFORMATIONAL"}
PAYLOADS: Final = {
    0: "None",
    33: "Security Association",
    34: "Key Exchange",
    35: "Identification - Initiator",
    36: "Identification - Responder",
    37: "Certificate",
    38: "Certificate Request",
    39: "Authentication",
    40: "Nonce",
    41: "Notify",
    42: "Delete",
    43: "Vendor ID",
    44: "Traffic Selector - Initiator",
    45: "Traffic Selector - Responder",
    46: "Encrypted and Authenticated",
    47: "Configuration",
    48: "Extensible Authentication",
    53: "Encrypted and Authenticated Fragment",
}
NOTIFIES: Final = {
    1: "UNSUPPORTED_CRITICAL_PAYLOAD",
    4: "INVALID_IKE_SPI",
    5: "INVALID_MAJOR_VERSION",
    7: "INVALID_SYNTAX",
    9: "INVALID_MESSAGE_ID",
    11: "INVALID_SPI",
    14: "NO_PROPOSAL_CHOSEN",
    17: "INVALID_KE_PAYLOAD",
    24: "AUTHENTICATION_FAILED",
    38: "TS_UNACCEPTABLE",
    43: "TEMPORARY_FAILURE",
    44: "CHILD_SA_NOT_FOUND",
    16384: "INITIAL_CONTACT",
    16385: "SET_WINDOW_SIZE",
    16388: "NAT_DETECTION_SOURCE_IP",
    16389: "NAT_DETECTION_DESTINATION_IP",
    16390: "COOKIE",
    16391: "USE_TRANSPORT_MODE",
    16393: "REKEY_SA",
    16394: "ESP_TFC_PADDING_NOT_SUPPORTED",
    16395: "NON_FIRST_FRAGMENTS_ALSO",
    16430: "IKEV2_FRAGMENTATION_SUPPORTED",
}
NOTIFY, SEALED, FRAGMENT = 41, 46, 53
FROM_INITIATOR, IS_RESPONSE = 0x08, 0x20


def dissect_ikev2(b: DissectionBuilder, header: IsakmpHeader, data: bytes, at: int) -> None:
    """The header, and the payloads: those in clear, and the sealed ones where the key is known."""
    b.layer("ISAKMP", at, at + len(data))
    b.hexadecimal("Initiator SPI", at, 8)
    b.hexadecimal("Responder SPI", at + 8, 8)
    b.number("Next Payload", at + 16, 1, PAYLOADS)
    b.field("Version", f"{header.version >> 4}.{header.version & 15}", at + 17, 1)
    b.number("Exchange Type", at + 18, 1, EXCHANGES)
    response = bool(header.flags & IS_RESPONSE)
    words = (
        "Response" if response else "Request",
        "Initiator" if header.flags & FROM_INITIATOR else "Responder",
    )
    b.field("Flags", f"{header.flags:#04x} {', '.join(words)}", at + 19, 1)
    b.number("Message ID", at + 20, 4)
    b.number("Length", at + 24, 4)
    name = EXCHANGES.get(header.exchange, f"Exchange {header.exchange}")
    b.say("ISAKMP", f"{name} MID={header.message_id:02d} {words[1]} {words[0]}")
    if header.next_payload not in (SEALED, FRAGMENT):
        _payloads(b, header, at + 28)
        return
    label = PAYLOADS[header.next_payload]
    b.field(label, f"{len(header.payload)} octets", at + 28, len(header.payload))
    opened = b.decryptor.ikev2(data) if b.decryptor is not None else None
    if opened is None:
        return
    first, clear = opened
    inner = DissectionBuilder(clear, b.source, b.destination)
    inner.layer("ISAKMP Payloads", 0, len(clear))
    try:
        names = _payloads(inner, replace(header, next_payload=first, payload=clear, flags=0), 0)
        inner.say(", ".join(names) or "nothing", "")
    except MalformedPacket as error:
        inner.say("Malformed", str(error))
    b.embed(inner)


def _payloads(b: DissectionBuilder, header: IsakmpHeader, start: int) -> list[str]:
    names = []
    for kind, body in header.payloads():
        name = PAYLOADS.get(kind, f"Payload {kind}")
        if kind == NOTIFY and len(body) >= 4:
            number = int.from_bytes(body[2:4])
            name = f"Notify {NOTIFIES.get(number, number)}"
        names.append(name)
        b.field(name, f"{len(body)} octets", start, len(body) + 4)
        start += len(body) + 4
    return names
