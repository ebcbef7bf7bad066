"""`qos pre-classify` in a crypto map: what is encrypted is classified by what it was."""

from __future__ import annotations

import pytest
from crypto_vpn import WAN, Vpn
from typed import configure

from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.ipv4 import IPv4Packet

CS4 = 0x80
QUALITY = """access-list 150 permit icmp any any
class-map match-all PINGS
 match access-group 150
policy-map OUT
 class PINGS
  set dscp cs4
interface FastEthernet0/0
 service-policy output OUT
"""


@pytest.mark.parametrize("on", [False, True])
def test_pings_in_esp_are_seen_or_not(on: bool) -> None:
    vpn = Vpn()
    configure(vpn.a, QUALITY)
    if on:
        configure(vpn.a, "crypto map CMAP 10\n qos pre-classify\n")
    seen = []

    def tap(_direction: object, frame: bytes) -> None:
        if EthernetFrame.parse(frame).ethertype == 0x0800:
            packet = IPv4Packet.parse(EthernetFrame.parse(frame).payload)
            if packet.protocol == 50:
                seen.append(packet.tos)

    vpn.b.ports[WAN].taps.append(tap)
    vpn.up()
    seen.clear()
    assert vpn.ping(3) == 3
    assert len(seen) == 6
    assert seen.count(CS4) == (3 if on else 0)
