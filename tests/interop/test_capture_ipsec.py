"""tshark opens every kind of ESP and IKE with the exported keys: ciphers, modes, UDP encapsulation."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from iosemu.subjects.crypto.service.engine import CryptoEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "crypto"))

from crypto_vpn import WAN, Vpn
from test_crypto_nat import behind_nat
from typed import configure

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")

AGGRESSIVE = (
    "crypto isakmp peer address 10.0.10.20\n set aggressive-mode password TEST1\n"
    " set aggressive-mode client-endpoint ipv4-address 10.0.10.10\n"
)
SUITE = "crypto isakmp policy 10\n encr {}\n hash {}\n group {}\n"
FRAGMENTS = SUITE.format("aes", "sha", 16) + "crypto isakmp fragmentation\n"
SET = "crypto ipsec transform-set TSET {}\n"


def tshark(capture: Path, keys: dict[str, list[dict[str, str]]], shown: str) -> list[str]:
    options = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    for ike in keys["ike"]:
        options += ["-o", f"uat:ikev1_decryption_table:{ike['cookie']},{ike['key']}"]
    for ike in keys["ikev2"]:
        row = [ike["spi_i"], ike["spi_r"], ike["sk_ei"], ike["sk_er"], f'"{ike["enc"]}"']
        row += [ike["sk_ai"], ike["sk_ar"], f'"{ike["auth"]}"']
        options += ["-o", "uat:ikev2_decryption_table:" + ",".join(row)]
    for esp in keys["esp"]:
        key = f"0x{esp['enckey']}" if esp["enckey"] else ""
        sa = ("IPv4", esp["src"], esp["dst"], esp["spi"], esp["enc"], key, esp["auth"], f"0x{esp['authkey']}")
        options += ["-o", "uat:esp_sa:" + ",".join(f'"{field}"' for field in sa)]
    command = [str(TSHARK), "-r", str(capture), *options, "-Y", shown]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("nat", [False, True], ids=["native", "udp-encapsulated"])
@pytest.mark.parametrize(
    "lines",
    [
        SUITE.format("aes 256", "sha", 2) + SET.format("esp-aes esp-sha-hmac"),
        SUITE.format("3des", "md5", 1) + SET.format("esp-3des esp-md5-hmac"),
        SUITE.format("aes 192", "sha256", 19) + SET.format("esp-aes 256 esp-sha256-hmac"),
        SUITE.format("des", "sha512", 20) + SET.format("esp-des esp-sha512-hmac"),
        SET.format("esp-gcm 256"),
        SET.format("esp-null esp-sha-hmac"),
        "crypto map CMAP 10\n set pfs group2\n",
        AGGRESSIVE,
        FRAGMENTS,
    ],
    ids=["aes256", "3des", "aes192-ecp", "des-sha512", "gcm", "null", "pfs", "aggressive", "fragments"],
)
def test_tshark_decrypts(lines: str, nat: bool, tmp_path: Path) -> None:
    vpn = behind_nat(Vpn()) if nat else Vpn()
    configure(vpn.a, lines)
    if lines != AGGRESSIVE:
        configure(vpn.b, lines)
    frames: list[tuple[float, bytes]] = []
    vpn.a.ports[WAN].taps.append(lambda _direction, frame: frames.append((vpn.scheduler.now, frame)))
    vpn.apply()
    vpn.ping(4)
    capture = tmp_path / "vpn.pcap"
    with capture.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for moment, frame in frames:
            seconds, rest = divmod(moment, 1)
            file.write(struct.pack("<IIII", int(seconds), int(rest * 1e6), len(frame), len(frame)) + frame)
    keys = vpn.a.service(CryptoEngine).exported_keys()
    assert len(tshark(capture, keys, "esp && icmp")) == 5, "three requests, two answers"
    assert tshark(capture, keys, "esp && !icmp") == []
    assert tshark(capture, keys, "esp.icv_good == 0") == []
    assert tshark(capture, keys, "isakmp.exchangetype == 32 && isakmp.typepayload == 1")
    assert tshark(capture, keys, "_ws.malformed") == []
    assert bool(tshark(capture, keys, "udpencap && esp")) is nat
    pieces = tshark(capture, keys, "isakmp.frag.packetid")
    assert len(pieces) == (4 if lines == FRAGMENTS else 0)


IKEV2 = """crypto ikev2 proposal X
 encryption {}
{}
 group {}
crypto ikev2 policy X
 proposal X
crypto ikev2 keyring KR
 peer ANY
  address 0.0.0.0 0.0.0.0
  pre-shared-key k
crypto ikev2 profile P
 match identity remote address 0.0.0.0
 authentication remote pre-share
 authentication local pre-share
 keyring local KR
crypto map CMAP 10 ipsec-isakmp
 set ikev2-profile P
"""


@pytest.mark.parametrize(
    ("suite", "nat"),
    [
        (("3des", " integrity md5", 2), False),
        (("aes-cbc-128", " integrity sha512", 19), False),
        (("aes-gcm-256", " prf sha384", 20), False),
        (("aes-cbc-256", " integrity sha1", 2), True),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "udp-encapsulated" if each else "native",
)
def test_tshark_decrypts_ikev2(suite: tuple[str, str, int], nat: bool, tmp_path: Path) -> None:
    vpn = behind_nat(Vpn()) if nat else Vpn()
    for router in (vpn.a, vpn.b):
        configure(router, IKEV2.format(*suite))
    frames: list[tuple[float, bytes]] = []
    vpn.a.ports[WAN].taps.append(lambda _direction, frame: frames.append((vpn.scheduler.now, frame)))
    vpn.apply()
    vpn.ping(4)
    vpn.a.service(CryptoEngine).clear_ikev2()
    vpn.run(2)
    capture = tmp_path / "vpn.pcap"
    with capture.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for moment, frame in frames:
            seconds, rest = divmod(moment, 1)
            file.write(struct.pack("<IIII", int(seconds), int(rest * 1e6), len(frame), len(frame)) + frame)
    keys = vpn.a.service(CryptoEngine).exported_keys()
    auth = "isakmp.exchangetype == 35 && isakmp.typepayload == 39"
    assert len(tshark(capture, keys, auth)) == 2, "AUTH is seen in request and response"
    assert tshark(capture, keys, "isakmp.exchangetype == 37 && isakmp.typepayload == 42")
    assert len(tshark(capture, keys, f"esp && icmp{' && udpencap' if nat else ''}")) >= 4
    assert tshark(capture, keys, "_ws.malformed || esp.icv_good == 0") == []
