"""`debug crypto ikev2 packet`: the payloads of messages, field by field, in the words of IOS 15."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iosemu.ikev2.events import PacketSent
from iosemu.ikev2.numbers import AuthMethod, ConfigType, ExchangeType
from iosemu.ikev2.payloads import (
    Authentication,
    Configuration,
    Deletion,
    Identification,
    KeyExchangeData,
    Notification,
    Payload,
    SecurityAssociation,
    TrafficSelectors,
    Transform,
)
from iosemu.subjects.crypto.debug.ikev2_words import PAYLOADS, notify_name, transform_name

GENERIC_HEADER = 4
"""Octets before the body of a payload (RFC 7296, 3.2)."""
PROTOCOLS = {1: "IKE", 2: "AH", 3: "ESP"}
METHODS: dict[int, str] = {AuthMethod.RSA_SIGNATURE: "RSA", AuthMethod.SHARED_KEY: "PSK"}
ATTRIBUTES = {
    1: "internal IP4 address",
    2: "internal IP4 netmask",
    3: "internal IP4 DNS",
    4: "internal IP4 NBNS",
    7: "app-version",
    13: "internal IP4 subnet",
    28672: "banner",
    28674: "def-domain",
    28675: "split-dns",
    28681: "backup-gateway",
}


def detailed_lines(event: PacketSent) -> Iterator[str]:
    """What is told of a message."""
    first = payload_name(event.payloads[0]) if event.payloads else "NONE"
    name = ExchangeType(event.exchange).name if event.exchange in ExchangeType.__members__.values() else "?"
    flags = (
        f"{'INITIATOR' if event.from_initiator else 'RESPONDER'}{' MSG-RESPONSE' if event.response else ''}"
    )
    yield (
        f"Next payload: {'ENCR' if event.protected else first}, version: 2.0 Exchange type: {name}, "
        f"flags: {flags} Message id: {event.message_id}"
    )
    yield "Payload contents: "
    if event.protected:
        yield f" ENCR  Next payload: {first}, reserved: 0x0"
    names = [payload_name(each) for each in event.payloads]
    for payload, following in zip(event.payloads, [*names[1:], "NONE"][: len(names)], strict=True):
        title = payload_name(payload)
        if isinstance(payload, Notification):
            title = f"NOTIFY({notify_name(payload.type)})"
        length = GENERIC_HEADER + len(payload.body())
        yield f" {title}  Next payload: {following}, reserved: 0x0, length: {length}"
        yield from _fields(payload)
    yield ""


def payload_name(payload: Payload) -> str:
    """A payload as debug calls it."""
    if isinstance(payload, Notification):
        return "NOTIFY"
    return PAYLOADS.get(payload.kind, str(payload.kind))


def _fields(payload: Payload) -> Iterator[str]:
    match payload:
        case SecurityAssociation(proposals=proposals):
            for place, each in enumerate(proposals, 1):
                last = "0x0" if place == len(proposals) else "0x2"
                yield f"  last proposal: {last}, reserved: 0x0"
                yield (
                    f"  Proposal: {each.number}, Protocol id: {PROTOCOLS.get(each.protocol, '?')}, "
                    f"SPI size: {len(each.spi)}, #trans: {len(each.transforms)}"
                )
                yield from _transforms(each.transforms)
        case KeyExchangeData(group=group, data=data):
            yield f"    DH group: {group}, Reserved: 0x0"
            yield f"    {len(data)} octets"
        case Identification(type=kind, data=data):
            yield f"    Id type: {kind}, Reserved: 0x0 0x0, {len(data)} octets"
        case Authentication(method=method):
            yield f"    Auth method {METHODS.get(method, method)}, reserved: 0x0, reserved 0x0"
        case Notification(type=kind, protocol=protocol, spi=spi):
            known = PROTOCOLS.get(protocol, "Unknown - 0")
            yield f"    Security protocol id: {known}, spi size: {len(spi)}, type: {notify_name(kind)}"
        case Deletion(protocol=protocol, spis=spis):
            size = len(spis[0]) if spis else 0
            yield f"    Security protocol id: {PROTOCOLS.get(protocol, '?')}, spi size: {size}, num of spi: {len(spis)}"
        case TrafficSelectors(ranges=ranges):
            yield f"    Num of TSs: {len(ranges)}, reserved 0x0, reserved 0x0"
            for one in ranges:
                yield f"    TS type: TS_IPV4_ADDR_RANGE, proto id: {one.protocol}, length: 16"
                yield f"    start port: {one.first_port}, end port: {one.last_port}"
                yield f"    start addr: {one.first}, end addr: {one.last}"
        case Configuration(type=kind, attributes=attributes):
            word = f"CFG_{ConfigType(kind).name}" if kind in ConfigType.__members__.values() else str(kind)
            yield f"    cfg type: {word}, reserved: 0x0, reserved: 0x0"
            for attribute, value in attributes:
                name = ATTRIBUTES.get(attribute, f"Unknown - {attribute}")
                yield f"   attrib type: {name}, length: {len(value)}"


def _transforms(transforms: Sequence[Transform]) -> Iterator[str]:
    for place, each in enumerate(transforms, 1):
        last = "0x0" if place == len(transforms) else "0x3"
        yield f"    last transform: {last}, reserved: 0x0: length: {12 if each.key_bits else 8}"
        yield f"    type: {each.type}, reserved: 0x0, id: {transform_name(each)}"
