"""SAs of typed keys: what is on the wire opens with them, and nothing but the configuration ends them."""

import hmac

import pytest
from crypto_vpn import WAN, A, B, Vpn
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from typed import configure, grammar

from iosemu.ipsec.sadb import LAST_SEQUENCE
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.shell.loader import load
from iosemu.subjects.crypto.service.engine import CryptoEngine

CIPHER = {A: "000102030405060708090a0b0c0d0e0f", B: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"}
"""Of what each sends."""
AUTHENTICATOR = {A: "11" * 20, B: "22" * 20}
SPI = {A: 1000, B: 2000}


def typed(mine, peer, *, transforms="esp-aes esp-sha-hmac", header=False) -> str:
    lines = [
        f"crypto ipsec transform-set KEYED {transforms}",
        "crypto map KEYED 10 ipsec-manual",
        f" set peer {peer}",
    ]
    for direction, sender in (("inbound", peer), ("outbound", mine)):
        keys = f"cipher {CIPHER[sender]} authenticator {AUTHENTICATOR[sender]}"
        lines.append(f" set session-key {direction} esp {SPI[sender]} {keys}")
        if header:
            lines.append(f" set session-key {direction} ah {SPI[sender] + 1} {AUTHENTICATOR[sender]}")
    lines += [" set transform-set KEYED", " match address 101", f"interface {WAN}", " crypto map KEYED"]
    return "\n".join(lines)


def keyed(**options) -> Vpn:
    vpn = Vpn()
    configure(vpn.a, typed(A, B, **options))
    configure(vpn.b, typed(B, A, **options))
    vpn.ping(2)  # ARP
    return vpn


def sadb(router):
    return router.service(CryptoEngine).sadb


def tapped(vpn: Vpn) -> list[IPv4Packet]:
    seen: list[IPv4Packet] = []

    def tap(_direction, frame: bytes) -> None:
        parsed = EthernetFrame.parse(frame)
        if parsed.ethertype == 0x0800:
            seen.append(IPv4Packet.parse(parsed.payload))

    vpn.a.ports[WAN].taps.append(tap)
    return seen


def test_the_wire_opens_with_the_typed_keys():
    vpn = keyed()
    assert len(sadb(vpn.a)) == len(sadb(vpn.b)) == 1
    seen = tapped(vpn)
    assert vpn.ping(2) == 2
    assert len(seen) == 4
    assert {packet.protocol for packet in seen} == {50}  # no IKE among them
    for packet in seen:
        esp, sender = packet.payload, packet.source
        assert int.from_bytes(esp[:4]) == SPI[sender]
        icv = hmac.digest(bytes.fromhex(AUTHENTICATOR[sender]), esp[:-12], "sha1")[:12]
        assert icv == esp[-12:]
        decryptor = Cipher(algorithms.AES(bytes.fromhex(CIPHER[sender])), modes.CBC(esp[8:24])).decryptor()
        inner = decryptor.update(esp[24:-12]) + decryptor.finalize()
        assert inner[-1] == 4  # IP in IP
        assert IPv4Packet.parse(inner[: -2 - inner[-2]]).protocol == 1


def test_ah_and_esp_together():
    vpn = keyed(transforms="ah-sha-hmac esp-aes esp-sha-hmac", header=True)
    seen = tapped(vpn)
    assert vpn.ping(2) == 2
    assert {packet.protocol for packet in seen} == {51}


def test_they_never_end_and_their_numbers_begin_anew():
    vpn = keyed()
    vpn.run(200_000)
    (pair,) = sadb(vpn.a)
    pair.outbound[0].sequence = LAST_SEQUENCE
    assert vpn.ping(2) == 2
    assert list(sadb(vpn.a)) == [pair]
    assert pair.outbound[0].sequence == 2


def test_other_keys_do_not_open():
    vpn = keyed()
    keys = f"cipher {CIPHER[A]} authenticator {'33' * 20}"
    configure(vpn.a, f"crypto map KEYED 10 ipsec-manual\n set session-key outbound esp 1000 {keys}")
    assert vpn.ping(2) == 0
    assert sum(sa.verify_failures for pair in sadb(vpn.b) for sa in pair.inbound) == 2


@pytest.mark.parametrize(
    "line",
    [
        "crypto map KEYED 10 ipsec-manual\n no set session-key inbound esp",
        "crypto map KEYED 10 ipsec-manual\n no match address",
        "crypto map KEYED 10 ipsec-manual\n no set peer",
        "no crypto map KEYED 10",
        f"interface {WAN}\n no crypto map",
        f"interface {WAN}\n no ip address",
        "no access-list 101",
    ],
)
def test_what_is_removed_takes_them_away(line):
    vpn = keyed()
    configure(vpn.a, line)
    assert len(sadb(vpn.a)) == 0
    vpn.ping(1)
    assert len(sadb(vpn.b)) == 1


def test_they_come_back_with_the_list_and_the_address():
    vpn = keyed()
    configure(vpn.a, f"no access-list 101\ninterface {WAN}\n no ip address")
    configure(vpn.a, f"interface {WAN}\n ip address {A} 255.255.255.0")
    configure(vpn.a, "access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255")
    assert vpn.ping(3) >= 2
    vpn.a.service(CryptoEngine).clear()
    assert len(sadb(vpn.a)) == 1
    assert vpn.ping(2) == 2


def test_only_the_first_line_counts():
    vpn = keyed()
    configure(
        vpn.a, "no access-list 101\naccess-list 101 permit ip 192.168.9.0 0.0.0.255 192.168.2.0 0.0.0.255"
    )
    configure(vpn.a, "access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255")
    seen = tapped(vpn)
    vpn.ping(1)
    assert 1 in {packet.protocol for packet in seen}  # in clear


@pytest.mark.parametrize(
    "line",
    [
        " set session-key inbound esp 1000 cipher 00",
        " set session-key inbound esp 1000 cipher " + "00" * 16,
        " set session-key inbound esp 1000 cipher 000 authenticator 00",
        " set peer 10.0.10.99",
        " set transform-set TSET KEYED",
        " set pfs group2",
    ],
)
def test_refusals_change_nothing(line):
    vpn = keyed()
    (pair,) = sadb(vpn.a)
    assert load(vpn.a, grammar(), f"crypto map KEYED 10 ipsec-manual\n{line}\n")
    assert list(sadb(vpn.a)) == [pair]
    assert vpn.ping(2) == 2
