"""Wireshark's and scapy's opinion of our frames."""

from __future__ import annotations

import io
import shutil
import subprocess
from ipaddress import IPv4Address

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, STP, Ether

from iosemu.packets import icmp, stp
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.ah import AhPacket
from iosemu.packets.arp import ArpPacket
from iosemu.packets.cdp import CdpPacket
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.dissect import dissect
from iosemu.packets.dtp import DtpPacket
from iosemu.packets.esp import EspPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType, VlanTag
from iosemu.packets.gre import GrePacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.isakmp import IsakmpHeader
from iosemu.packets.lacp import LacpPacket, LacpParticipant
from iosemu.packets.lldp import LldpPacket
from iosemu.packets.loop import LoopPacket
from iosemu.packets.pcapng import PacketDirection, PcapngInterface, PcapngPacket, PcapngWriter, read_pcapng
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.packets.udp import UdpDatagram

A = MacAddress.from_string("0001.9611.0101")
B = MacAddress.from_string("0001.9611.0202")
SRC, DST = IPv4Address("10.0.10.10"), IPv4Address("10.0.10.20")
BRIDGE = stp.BridgeId(32769, A)
BPDU = stp.Bpdu(BRIDGE, 0, BRIDGE, 0x8001)
RST = stp.Bpdu(BRIDGE, 0, BRIDGE, 0x8001, flags=0x3C, type=stp.BpduType.RST)


def ip(protocol: int, payload: bytes, **fields: object) -> bytes:
    packet = IPv4Packet(SRC, DST, protocol, payload, **fields)  # type: ignore[arg-type]
    return EthernetFrame(B, A, EtherType.IPV4, packet.to_bytes()).to_bytes()


def udp(source: int, destination: int, payload: bytes) -> bytes:
    return ip(Protocol.UDP, UdpDatagram(source, destination, payload).to_bytes(SRC, DST))


INNER = IPv4Packet(SRC, DST, Protocol.ICMP, icmp.echo(1, 1, bytes(32)).to_bytes()).to_bytes()
VENDOR = b"\x00\x00\x00\x14" + bytes(range(16))
FRAMES: list[tuple[str, str, bytes]] = [
    ("arp", "ARP", EthernetFrame(BROADCAST, A, 0x806, ArpPacket.request(A, SRC, DST).to_bytes()).to_bytes()),
    ("icmp", "ICMP", ip(1, icmp.echo(7, 1, bytes(range(32))).to_bytes())),
    ("icmp", "ICMP", ip(1, icmp.unreachable(4, INNER, 1400).to_bytes())),
    ("icmp", "ICMP", ip(1, icmp.time_exceeded(INNER).to_bytes())),
    ("icmp", "ICMP", ip(1, icmp.redirect(INNER, SRC).to_bytes())),
    ("icmp", "ICMP", ip(1, icmp.timestamp(1, 2, 3000).to_bytes())),
    ("udp", "UDP", udp(40000, 40001, b"odd")),
    ("tcp", "TCP", ip(6, TcpSegment(1024, 22, 1, 0, TcpFlags.SYN, 4128).to_bytes(SRC, DST))),
    (
        "isakmp",
        "ISAKMP",
        udp(500, 500, IsakmpHeader(A + b"12", bytes(8), 13, 0x10, 2, 0, 0, VENDOR).to_bytes()),
    ),
    ("udpencap", "UDPENCAP", udp(4500, 4500, b"\xff")),
    ("esp", "IPSec", ip(50, EspPacket(0x1234ABCD, 5, bytes(range(64))).to_bytes())),
    ("ah", "ICMP", ip(51, AhPacket(1, 9, 1, bytes(12), icmp.echo(1, 1).to_bytes()).to_bytes())),
    ("gre", "ICMP", ip(47, GrePacket(0x800, INNER, key=5, sequence=1, checksum=True).to_bytes())),
    ("stp", "STP", stp.ieee_frame(A, BPDU).to_bytes()),
    ("stp", "STP", stp.ieee_frame(A, RST).to_bytes()),
    ("stp", "STP", stp.ieee_frame(A, stp.TopologyChangeNotification()).to_bytes()),
    ("stp", "STP", stp.pvst_frame(A, BPDU, 10, VlanTag(10, 7)).to_bytes()),
    ("stp", "STP", stp.pvst_frame(A, RST, 1).to_bytes()),
    ("dtp", "DTP", DtpPacket(A, 3, False, domain="LAB").to_frame().to_bytes()),
    ("lacp", "LACP", LacpPacket(LacpParticipant(32768, A, 1, 32768, 1, 0x3D)).to_frame(A).to_bytes()),
    ("loop", "LOOP", LoopPacket().to_frame(A).to_bytes()),
    ("lldp", "LLDP", LldpPacket(A, "Fa0/1", 120, "d", "SW-1", "IOS", 4, 4, SRC, 1).to_frame(A).to_bytes()),
    *(
        (
            "cdp",
            "CDP",
            CdpPacket("SW-1", "FastEthernet0/1", (SRC,), 8, text, "cisco WS-C2950-24", "LAB", 1, True)
            .to_frame(A)
            .to_bytes(),
        )
        for text in ("IOS", "IOSx", "odd\xe9", "even\xe9", "high\xff", "odd\x80")
    ),
]


def test_tshark_agrees(tmp_path):
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.fail("tshark is needed")
    path = tmp_path / "all.pcapng"
    with path.open("wb") as stream:
        writer = PcapngWriter(stream, [PcapngInterface("SW-1:Fa0/1", "uplink")])
        for number, (_, _, frame) in enumerate(FRAMES):
            writer.write(PcapngPacket(0, 10**18 + number, frame, PacketDirection.INBOUND, "a comment"))
        writer.write_statistics(0, 2 * 10**18, len(FRAMES), 0)
    checks = ["ip.check_checksum", "udp.check_checksum", "tcp.check_checksum"]
    options = [word for check in checks for word in ("-o", f"{check}:TRUE")]
    fields = [
        "frame.protocols",
        "_ws.malformed",
        "_ws.expert.message",
        "frame.interface_name",
        "frame.time_epoch",
    ]
    selected = [word for field in fields for word in ("-e", field)]
    command = [tshark, "-r", str(path), *options, "-T", "fields", *selected]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(FRAMES)
    for number, (line, (protocol, _, _)) in enumerate(zip(lines, FRAMES, strict=True)):
        protocols, malformed, experts, name, time = line.split("\t")
        assert protocol in protocols.replace("slow", "lacp").split(":"), line
        assert not malformed, line
        assert "checksum" not in experts.lower(), line
        assert "malformed" not in experts.lower(), line
        assert name == "SW-1:Fa0/1"
        assert time.endswith(f"{number:09d}") or "T" in time


@pytest.mark.parametrize(("_", "protocol", "frame"), FRAMES)
def test_our_own_view(_, protocol, frame):
    dissection = dissect(frame)
    assert dissection.malformed is None
    if "AH" not in [layer.name for layer in dissection.layers]:
        assert dissection.summary.protocol == protocol
    assert all(field.end <= len(frame) for layer in dissection.layers for field in layer.fields)


def test_esp_fields():
    layer = dissect(FRAMES[10][2]).layers[-1]
    shown = {field.name: field.value for field in layer.fields}
    assert shown["Security Parameters Index"].startswith("0x1234ABCD")
    assert shown["Sequence Number"] == "5"


def test_scapy_reads_the_same():
    echo = Ether(FRAMES[1][2])
    assert (echo[IP].src, echo[IP].dst, echo[IP].ttl, echo[IP].proto) == (str(SRC), str(DST), 255, 1)
    assert (echo[ICMP].type, echo[ICMP].id, echo[ICMP].seq) == (8, 7, 1)
    arp = Ether(FRAMES[0][2])[ARP]
    assert (arp.op, arp.hwsrc, arp.psrc, arp.pdst) == (1, A.colons, str(SRC), str(DST))
    bpdu = Ether(FRAMES[13][2])[STP]
    assert (bpdu.rootid, bpdu.bridgeid, bpdu.portid, bpdu.maxage) == (32769, 32769, 0x8001, 20)


@pytest.mark.parametrize("payload", [b"", b"x", b"abcd", bytes(33), b"\xff" * 100])
def test_scapy_computes_the_same_checksums(payload):
    raw = bytes(IP(src=str(SRC), dst=str(DST), id=5, ttl=64) / UDP(sport=1, dport=2) / payload)
    body = UdpDatagram(1, 2, payload).to_bytes(SRC, DST)
    assert IPv4Packet(SRC, DST, 17, body, 64, 5).to_bytes() == raw
    raw = bytes(IP(src=str(SRC), dst=str(DST), ttl=64) / TCP(sport=1, dport=2, seq=9) / payload)
    body = TcpSegment(1, 2, 9, 0, TcpFlags.SYN, 8192, payload=payload).to_bytes(SRC, DST)
    assert body == raw[20:]


def test_checksum_of_nothing_but_zeros():
    assert internet_checksum(bytes(20)) == 0xFFFF
    assert internet_checksum(b"\xff\xff") == 0


def test_pcapng_comes_back():
    stream = io.BytesIO()
    writer = PcapngWriter(stream, [PcapngInterface("a", "first"), PcapngInterface("b")])
    packet = PcapngPacket(1, 123456789012345678, b"12345", PacketDirection.OUTBOUND, "né", 3, 9)
    writer.write(packet)
    writer.write_statistics(1, 5, 7, 3)
    records = list(read_pcapng(stream.getvalue()))
    assert records[:3] == [*writer.interfaces, packet]
    assert records[3].received == 7  # type: ignore[union-attr]
