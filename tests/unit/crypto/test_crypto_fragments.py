"""Packets too large for the way once encrypted."""

import pytest
from crypto_vpn import PC, SERVER, WAN, Vpn
from typed import configure

from iosemu.ip.stack import IpStack
from iosemu.lab.resources import grammar
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.parser.renderer import Renderer
from iosemu.subjects.crypto import running


def large(vpn: Vpn, *, dont_fragment: bool) -> tuple[int, list[IPv4Packet]]:
    """Send an echo of 1500 octets: how many answers came, and R-A's packets on the outside."""
    packets: list[IPv4Packet] = []

    def tap(direction, frame: bytes) -> None:
        if frame[12:14] == b"\x08\x00" and direction.value == "out":
            packets.append(IPv4Packet.parse(frame[14:]))

    vpn.a.ports[WAN].taps.append(tap)
    before = vpn.replies
    echo = IcmpMessage(IcmpType.ECHO, 0, 1, bytes(1472)).to_bytes()
    vpn.pc.service(IpStack).send(
        IPv4Packet(PC, SERVER, Protocol.ICMP, echo, 128, dont_fragment=dont_fragment)
    )
    vpn.run(2)
    return vpn.replies - before, packets


@pytest.mark.parametrize(
    ("line", "dont_fragment", "answers", "whole", "outer"),
    [
        ("", False, 1, True, False),
        ("", True, 0, True, None),
        ("crypto ipsec df-bit clear\n", True, 1, False, False),
        ("crypto ipsec df-bit set\n", False, 1, True, True),
        ("crypto ipsec fragmentation after-encryption\n", False, 1, False, False),
    ],
)
def test_what_becomes_of_large_packets(line, dont_fragment, answers, whole, outer):
    vpn = Vpn()
    configure(vpn.a, line)
    assert [
        each + "\n"
        for each in running.ipsec_lines(vpn.a, Renderer(grammar()))
        if "df-bit" in each or "fragm" in each
    ] == ([line] if line else [])
    vpn.up()
    vpn.ping(1)
    got, packets = large(vpn, dont_fragment=dont_fragment)
    assert got == answers
    assert all(not packet.is_fragment for packet in packets) is whole
    assert {packet.dont_fragment for packet in packets} == (set() if outer is None else {outer})


@pytest.mark.parametrize(
    ("line", "dont_fragment", "answers", "outer"),
    [("df-bit clear", True, 1, False), ("df-bit copy", True, 0, None), ("df-bit set", False, 1, True)],
)
def test_an_interface_has_its_own(line, dont_fragment, answers, outer):
    """What an interface says goes before what the box says."""
    vpn = Vpn()
    configure(
        vpn.a,
        f"crypto ipsec df-bit {'clear' if outer is None else 'copy'}\ninterface {WAN}\n crypto ipsec {line}\n",
    )
    vpn.up()
    vpn.ping(1)
    got, packets = large(vpn, dont_fragment=dont_fragment)
    assert got == answers
    assert {packet.dont_fragment for packet in packets} == (set() if outer is None else {outer})
