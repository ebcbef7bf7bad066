"""Peers that start together, reboot, or send what nobody should."""

import random

import pytest
from crypto_vpn import LAN_A as NET_A
from crypto_vpn import LAN_B, PC, SERVER, WAN, A, B, Vpn, address, configure_vpn, permit, route
from typed import configure

from iosemu.ike.sa import State
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import AccessList, AclsConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine


def echo(vpn: Vpn) -> None:
    """One echo from each side at the same moment."""
    for host, source, destination in ((vpn.pc, PC, SERVER), (vpn.server, SERVER, PC)):
        message = IcmpMessage(IcmpType.ECHO, 0, 1, bytes(32)).to_bytes()
        host.service(IpStack).send(IPv4Packet(source, destination, Protocol.ICMP, message, 128))


def test_both_ends_may_start_at_once():
    vpn = Vpn()
    vpn.ping(2)
    vpn.apply()
    echo(vpn)
    vpn.run(3)
    for router in (vpn.a, vpn.b):
        assert [sa.state for sa in router.service(CryptoEngine).ike.sas] == [State.QM_IDLE] * 2
        assert len({sa.conn_id for sa in router.service(CryptoEngine).ike.sas}) == 2
        assert 1 <= len(router.service(CryptoEngine).sadb) <= 2
    assert vpn.ping(4) == 4
    assert vpn.ping(80, interval=60) >= 78
    assert all(len(router.service(CryptoEngine).sadb) <= 2 for router in (vpn.a, vpn.b))


def restart(vpn: Vpn) -> None:
    """Switch R-B off and on: its configuration comes back, its SAs do not."""
    vpn.b.power_off()
    vpn.b.nvram["startup-config"] = "configured"
    vpn.b.boot()
    address(vpn.b, WAN, f"{B}/24")
    address(vpn.b, "FastEthernet0/1", "192.168.2.254/24")
    route(vpn.b, NET_A, A)
    configure_vpn(vpn.b, A, LAN_B, NET_A)
    vpn.run(5)
    vpn.apply(vpn.b)


def test_a_rebooted_peer_reports_unknown_spis_until_it_starts_itself():
    vpn = Vpn().up()
    link_down = vpn.a.service(CryptoEngine).protocol_changed
    # a switch between them would keep the line up
    vpn.a.service(CryptoEngine).protocol_changed = lambda interface: None
    restart(vpn)
    vpn.a.service(CryptoEngine).protocol_changed = link_down
    assert len(vpn.a.service(CryptoEngine).sadb) == 1
    assert vpn.ping(3) == 0
    assert any("RECVD_PKT_INV_SPI" in line for line in vpn.log(vpn.b))
    old = next(iter(vpn.a.service(CryptoEngine).sadb))
    for _ in range(3):
        echo(vpn)
        vpn.run(2)
    assert old not in list(vpn.a.service(CryptoEngine).sadb), "INITIAL-CONTACT ends what was before"
    assert vpn.ping(3) == 3


def test_invalid_spi_recovery_needs_an_isakmp_sa():
    vpn = Vpn().up()
    configure(vpn.b, "crypto isakmp invalid-spi-recovery\n")
    (pair,) = vpn.b.service(CryptoEngine).sadb
    vpn.b.service(CryptoEngine).remove_pair(pair, tell_peer=False)
    vpn.ping(1)
    assert vpn.ping(3) >= 2, "R-A is told and negotiates anew"


def late(vpn: Vpn, behind: int) -> tuple[int, int]:
    """Hold one ESP packet back while `behind` others pass, then let it in: (replay failures, decaps of it)."""
    frames: list[bytes] = []
    vpn.a.ports[WAN].taps.append(lambda direction, frame: frames.append(frame))
    wan = vpn.a.ports[WAN].link
    carry = wan.carry
    held: list[bytes] = []

    def hold(port, frame: bytes, *rest) -> None:
        if not held and len(frame) > 24 and frame[23] == 50 and port is vpn.a.ports[WAN]:
            held.append(frame)
            return
        carry(port, frame, *rest)

    wan.carry = hold
    vpn.ping(behind + 1, interval=0.05)
    wan.carry = carry
    before = vpn.flow(vpn.b).counters.decaps
    carry(vpn.a.ports[WAN], held[0])
    vpn.run(1)
    counters = vpn.flow(vpn.b).counters
    return counters.replay_failed, counters.decaps - before


@pytest.mark.parametrize(
    ("line", "behind", "expected"),
    [
        ("", 60, (0, 1)),
        ("", 70, (1, 0)),
        ("crypto ipsec security-association replay window-size 128\n", 70, (0, 1)),
        ("crypto ipsec security-association replay window-size 128\n", 140, (1, 0)),
        ("crypto ipsec security-association replay disable\n", 140, (0, 1)),
    ],
)
def test_the_replay_window(line, behind, expected):
    vpn = Vpn()
    configure(vpn.b, line)
    vpn.up()
    assert late(vpn, behind) == expected


def test_a_deny_line_hands_on_to_the_next_entry():
    vpn = Vpn()
    for router, mine, other in ((vpn.a, NET_A, LAN_B), (vpn.b, LAN_B, NET_A)):
        peer = B if router is vpn.a else A
        host = next(iter(mine.subnets(new_prefix=32)))
        lines = f"access-list 101 deny icmp {mine.network_address} {mine.hostmask} any\n"
        lines = f"no access-list 101\n{lines}"
        lines += f"access-list 101 permit ip {mine.network_address} {mine.hostmask} "
        lines += f"{other.network_address} {other.hostmask}\n"
        lines += f"access-list 102 permit icmp {mine.network_address} {mine.hostmask} "
        lines += f"{other.network_address} {other.hostmask}\n"
        lines += f"crypto map CMAP 20 ipsec-isakmp\n set peer {peer}\n set transform-set TSET\n match address 102\n"
        assert host is not None
        configure(router, lines)
    vpn.apply()
    assert vpn.ping(4) >= 2
    assert {pair.owner.sequence for pair in vpn.a.service(CryptoEngine).sadb} == {20}


def test_per_host_sas():
    vpn = Vpn()
    configure(vpn.a, "crypto map CMAP 10\n set security-association level per-host\n")
    vpn.apply()
    assert vpn.ping(4) >= 2
    (pair,) = vpn.a.service(CryptoEngine).sadb
    assert (str(pair.selector.local), str(pair.selector.remote)) == ("192.168.1.1/32", "192.168.2.1/32")


def test_every_permit_line_has_sas_of_its_own():
    vpn = Vpn()
    for router, mine, other in ((vpn.a, NET_A, LAN_B), (vpn.b, LAN_B, NET_A)):
        acl = router.config.of(AclsConfig).lists["101"] = AccessList("101", extended=True)
        acl.add(permit(mine, other, protocol=1))
        acl.add(permit(mine, other, protocol=17))
    vpn.apply()
    vpn.ping(4)
    assert {pair.selector.protocol for pair in vpn.a.service(CryptoEngine).sadb} == {1}
    vpn.pc.service(IpStack).send_udp(PC, 4000, SERVER, 9, b"x")
    vpn.run(3)
    assert {pair.selector.protocol for pair in vpn.a.service(CryptoEngine).sadb} == {1, 17}


def test_nothing_that_arrives_raises():
    vpn = Vpn().up()
    chance = random.Random(5)
    port = vpn.a.ports[WAN]
    frames: list[bytes] = []
    port.taps.append(lambda direction, frame: frames.append(frame))
    vpn.a.service(CryptoEngine).clear_isakmp()
    vpn.a.service(CryptoEngine).clear()
    vpn.run(1)
    vpn.ping(3)
    sample = [frame for frame in frames if frame[12:14] == b"\x08\x00"]
    assert {frame[23] for frame in sample} >= {17, 50}
    for _ in range(400):
        frame = bytearray(chance.choice(sample))
        for _ in range(chance.randrange(1, 4)):
            frame[chance.randrange(34, len(frame))] ^= chance.randrange(1, 256)
        cut = chance.randrange(34, len(frame)) if chance.random() < 0.3 else len(frame)
        port.link.carry(port, bytes(frame[:cut]))
        vpn.run(0.01)
    vpn.run(130)
    assert vpn.ping(4) >= 2
    assert vpn.ping(2) == 2
