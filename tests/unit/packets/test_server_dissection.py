"""What servers are asked and answer, taken apart, against Wireshark's reading of the same frames."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from iosemu.net.packet_filter import PacketFilter, Seen
from iosemu.packets.dissect import dissect
from iosemu.packets.dissect.model import Dissection
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.packets.udp import UdpDatagram

KAT = Path(__file__).parents[2] / "data" / "kat" / "kat_mgmt.json"
FOLLOWED = ("tftp_2", "tftp_3", "tftp_4")
"""Between ports that only a request before them tells about: they stay UDP."""
VECTORS = [
    each
    for each in json.loads(KAT.read_text())["vectors"]
    if each["protocols"][:2] == ["eth", "ip"] and each["name"] not in FOLLOWED
]
LAYERS = {
    "ntp": "NTP",
    "snmp": "SNMP",
    "tacplus": "TACACS+",
    "radius": "RADIUS",
    "syslog": "Syslog",
    "tftp": "TFTP",
}
SAME = {
    "ntp.stratum": "Peer Clock Stratum",
    "ntp.flags.vn": "Version number",
    "snmp.community": "community",
    "snmp.request_id": "request-id",
    "tacplus.seqno": "Sequence number",
    "tacplus.packet_len": "Packet length",
    "radius.id": "Packet identifier",
    "radius.length": "Length",
    "radius.User_Name": "User-Name",
    "radius.NAS_IP_Address": "Nas-Ip-Address",
    "radius.NAS_Port": "Nas-Port",
    "syslog.msg": "Message",
    "tftp.source_file": "File",
    "tftp.type": "Type",
    "tftp.block": "Block",
}
"""Fields whose text is the same."""
NUMBERED = {
    "ntp.flags.mode": "Mode",
    "ntp.flags.li": "Leap Indicator",
    "radius.code": "Code",
    "tacplus.type": "Type",
    "syslog.facility": "Facility",
    "syslog.level": "Level",
    "tftp.opcode": "Opcode",
}
"""Fields that end with the number in parentheses."""


def read(vector: dict[str, Any]) -> tuple[Dissection, dict[str, str]]:
    frame = bytes.fromhex(vector["hex"])
    if "checksum" in vector.get("note", ""):  # left to the sender's hardware: sent on with the right ones
        port, payload = int.from_bytes(frame[36:38], "big"), frame[42:]
        found = sent(payload, min(port, int.from_bytes(frame[34:36], "big")), tcp=False)
    else:
        found = dissect(frame)
    layer = next(each for each in found.layers if each.name == LAYERS[vector["protocols"][-1]])
    return found, {each.name: each.value for each in layer.fields}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_field_is_what_wireshark_reads(vector: dict[str, Any]) -> None:
    found, values = read(vector)
    assert found.malformed is None
    assert found.summary.protocol == LAYERS[vector["protocols"][-1]]
    for theirs, ours in SAME.items():
        if theirs in vector["fields"]:
            assert values[ours] == vector["fields"][theirs][0], theirs
    for theirs, ours in NUMBERED.items():
        if theirs in vector["fields"]:
            assert values[ours].endswith(f"({vector['fields'][theirs][0]})"), theirs
    name = LAYERS[vector["protocols"][-1]].lower().rstrip("+")
    assert PacketFilter(name)(Seen(found, "R1:Fa0/0", 1, 100))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_message_cut_anywhere_is_told_and_never_raises(vector: dict[str, Any]) -> None:
    frame = bytes.fromhex(vector["hex"])
    start = 14 + 20
    for end in range(start, len(frame), 3):
        dissect(frame[:end])


def sent(payload: bytes, port: int, *, tcp: bool) -> Dissection:
    source, destination = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
    body = (
        TcpSegment(40000, port, 1, 1, payload=payload).to_bytes(source, destination)
        if tcp
        else UdpDatagram(40000, port, payload).to_bytes(source, destination)
    )
    packet = IPv4Packet(source, destination, Protocol.TCP if tcp else Protocol.UDP, body)
    return dissect(bytes(6) + bytes(6) + b"\x08\x00" + packet.to_bytes())


@pytest.mark.parametrize(
    ("port", "payload", "protocol", "info"),
    [
        (21, b"RETR running-config\r\n", "FTP", "Request: RETR running-config"),
        (21, b"226 Transfer complete.\r\n", "FTP", "Response: 226 Transfer complete."),
        (80, b"GET /index.html HTTP/1.1\r\nHost: r1\r\n\r\n", "HTTP", "GET /index.html HTTP/1.1"),
        (80, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP", "HTTP/1.1 200 OK"),
    ],
)
def test_lines_of_text_over_tcp(port: int, payload: bytes, protocol: str, info: str) -> None:
    found = sent(payload, port, tcp=True)
    assert (found.summary.protocol, found.summary.info) == (protocol, info)
    assert found.layers[-1].end - found.layers[-1].start == len(payload)


def test_a_body_that_goes_on_stays_tcp() -> None:
    assert sent(b"more of a page", 80, tcp=True).summary.protocol == "TCP"


def test_a_name_that_is_asked_for() -> None:
    question = bytes.fromhex("123401000001000000000000027231076578616d706c650000010001")
    found = sent(question, 53, tcp=False)
    assert (found.summary.protocol, found.summary.info) == ("DNS", "Standard query 0x1234 A r1.example.")
    assert "DNS" in str(sent(question[:-3], 53, tcp=False).malformed)


def test_log_messages_without_a_priority_are_text() -> None:
    found = sent(b"<999>x\x00y", 514, tcp=False)
    assert found.summary.info == "<999>x·y"
