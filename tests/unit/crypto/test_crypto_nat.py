from dataclasses import replace

from crypto_vpn import A, Vpn

from iosemu.handling.context import Context
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.crypto.commands import ipsec
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine

SHIFT = 20000


def behind_nat(vpn: Vpn) -> Vpn:
    """Translate R-A's UDP ports on the wire, as a port-translating NAT in front of it would."""
    carry = vpn.wan.carry

    def translate(sender, frame: bytes) -> None:
        if frame[12:14] == b"\x08\x00":
            packet = IPv4Packet.parse(frame[14:])
            if packet.protocol == Protocol.UDP:
                ports = UdpDatagram.parse(packet.payload)
                outward = packet.source == A
                changed = UdpDatagram(
                    ports.source_port + (SHIFT if outward else 0),
                    ports.destination_port - (0 if outward else SHIFT),
                    ports.payload,
                )
                packet = replace(packet, payload=changed.to_bytes(packet.source, packet.destination))
            frame = frame[:14] + packet.to_bytes()
        carry(sender, frame)

    vpn.wan.carry = translate
    return vpn


def test_esp_travels_in_udp_through_a_nat():
    vpn = behind_nat(Vpn()).up()
    assert vpn.ping(4) == 4
    (pair,) = vpn.b.service(CryptoEngine).sadb
    assert pair.outbound[0].udp_ports == (4500, 4500 + SHIFT)
    lines = list(ipsec.show_sa(Context(vpn.a, None, None)))
    assert "        in use settings ={Tunnel UDP-Encaps, }" in lines
    assert "   current_peer 10.0.10.20 port 4500" in lines


def test_without_nat_transparency_no_udp_is_used():
    vpn = Vpn()
    vpn.b.config.of(IpsecConfig).nat_transparency = False
    vpn.up()
    assert all(sa.udp_ports is None for pair in vpn.b.service(CryptoEngine).sadb for sa in pair.outbound)
