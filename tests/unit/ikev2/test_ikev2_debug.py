"""What debug tells of messages that real peers send and this side has no names for."""

from ipaddress import IPv4Address

import pytest

from iosemu.ike.types import Endpoint
from iosemu.ikev2.events import PacketReceived, Step
from iosemu.ikev2.machine import described
from iosemu.ikev2.numbers import ExchangeType
from iosemu.ikev2.payloads import (
    Authentication,
    CertificateData,
    Configuration,
    Deletion,
    EapMessage,
    Notification,
    Payload,
    Proposal,
    SecurityAssociation,
    Transform,
)
from iosemu.subjects.crypto.debug.ikev2 import packet_lines, step_lines
from iosemu.subjects.crypto.debug.ikev2_packet import detailed_lines

OFFER = Proposal(1, 1, b"", (Transform(1, 28, 256), Transform(3, 99), Transform(4, 31), Transform(6, 36)))
ODD: list[tuple[Payload, str]] = [
    (SecurityAssociation((OFFER,)), "    type: 1, reserved: 0x0, id: Unknown - 28"),
    (SecurityAssociation((OFFER,)), "    type: 6, reserved: 0x0, id: Unknown - 36"),
    (EapMessage(b"\x01\x01\x00\x04"), " EAP  Next payload: NONE, reserved: 0x0, length: 8"),
    (CertificateData(4, b"x"), " CERT  Next payload: NONE, reserved: 0x0, length: 6"),
    (Authentication(200, b"x"), "    Auth method 200, reserved: 0x0, reserved 0x0"),
    (Notification(40000), " NOTIFY(Unknown - 40000)  Next payload: NONE, reserved: 0x0, length: 8"),
    (Configuration(9, ((20000, b"ab"),)), "   attrib type: Unknown - 20000, length: 2"),
    (Deletion(7), "    Security protocol id: ?, spi size: 0, num of spi: 0"),
]


def message(*payloads: Payload, exchange: int = ExchangeType.IKE_AUTH) -> PacketReceived:
    """One that came."""
    ends = (Endpoint(IPv4Address("192.0.2.1")), Endpoint(IPv4Address("192.0.2.2")))
    what = (exchange, False, 1, described(payloads), True, payloads)
    return PacketReceived(0.0, None, *ends, (bytes(8), bytes(8)), *what)


@pytest.mark.parametrize(("payload", "line"), ODD)
def test_what_has_no_name_is_told_by_its_number(payload: Payload, line: str) -> None:
    assert line in list(detailed_lines(message(payload)))
    assert list(packet_lines(message(payload)))


def test_each_payload_names_the_next() -> None:
    lines = list(detailed_lines(message(Notification(16384), Deletion(3, (b"abcd", b"efgh")))))
    assert lines[2:] == [
        " ENCR  Next payload: NOTIFY, reserved: 0x0",
        " NOTIFY(INITIAL_CONTACT)  Next payload: DELETE, reserved: 0x0, length: 8",
        "    Security protocol id: Unknown - 0, spi size: 0, type: INITIAL_CONTACT",
        " DELETE  Next payload: NONE, reserved: 0x0, length: 16",
        "    Security protocol id: ESP, spi size: 4, num of spi: 2",
        "",
    ]


def test_a_message_without_payloads_and_an_exchange_nobody_knows() -> None:
    head, *rest = detailed_lines(message(exchange=43))
    assert "Exchange type: ?" in head
    assert rest == ["Payload contents: ", " ENCR  Next payload: NONE, reserved: 0x0", ""]


def test_offers_with_unknown_transforms() -> None:
    assert list(step_lines(Step.OFFERED, ((OFFER,),), None))[2].split("   ")[1:] == [
        "Unknown - 28",
        "Unknown - 99",
        "Unknown - 31",
        "Unknown - 36",
    ]
