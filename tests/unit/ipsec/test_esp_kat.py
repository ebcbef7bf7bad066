import json
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from iosemu.ipsec import esp
from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.sadb import ESP, SecurityAssociation
from iosemu.ipsec.transforms import Authenticator, EspCipher, Protection

DATA = Path(__file__).parents[2] / "data" / "kat"
RFC3602 = json.loads((DATA / "kat_rfc3602.json").read_text())["esp"]
CAPTURES = json.loads((DATA / "kat_ikev1.json").read_text())["vectors"]
CIPHERS = {
    "AES-CBC": EspCipher.AES_CBC,
    "3DES": EspCipher.TRIPLE_DES,
    "3DES-CBC": EspCipher.TRIPLE_DES,
    "DES": EspCipher.DES,
    "DES-CBC": EspCipher.DES,
}
AUTHENTICATORS = {
    "HMAC-MD5": Authenticator.HMAC_MD5_96,
    "HMAC-SHA1": Authenticator.HMAC_SHA1_96,
    "HMAC-SHA256": Authenticator.HMAC_SHA256_128,
    "HMAC-SHA2-256": Authenticator.HMAC_SHA256_128,
}


def association(spi: int, protection: Protection, window: int = 64) -> SecurityAssociation:
    return SecurityAssociation(
        ESP, spi, IPv4Address(1), IPv4Address(2), protection, window=ReplayWindow(window)
    )


@pytest.mark.parametrize("case", RFC3602, ids=lambda case: f"case {case['case']}")
def test_rfc3602_packets(case):
    key, iv, payload, packet = (bytes.fromhex(case[name]) for name in ("key", "iv", "payload", "packet"))
    sa = association(int(case["spi"], 16), Protection(EspCipher.AES_CBC, key))
    sa.sequence = case["seq"] - 1
    assert esp.encapsulate(sa, payload, case["next_header"], iv) == packet
    assert esp.decapsulate(sa, packet) == (payload, case["next_header"])


@pytest.mark.parametrize("vector", CAPTURES, ids=lambda vector: vector["name"])
def test_packets_of_another_implementation(vector):
    quick = vector["quick"]
    windows: dict[str, SecurityAssociation] = {}
    for each in vector["esp"]:
        packet, to = bytes.fromhex(each["packet"]), each["to"]
        if to not in windows:
            protection = Protection(
                CIPHERS[quick["transform"]],
                bytes.fromhex(quick[f"enc_key_to_{to}"]),
                AUTHENTICATORS[quick["auth"]],
                bytes.fromhex(quick[f"auth_key_to_{to}"]),
            )
            windows[to] = association(esp.spi_of(packet), protection)
        sa = windows[to]
        payload, next_header = esp.decapsulate(sa, packet)
        assert next_header == esp.IP_IN_IP
        assert payload[0] == 0x45
        sender = association(sa.spi, sa.protection)
        sender.sequence = int.from_bytes(packet[4:8]) - 1
        iv = packet[8 : 8 + sa.protection.iv_size]
        assert esp.encapsulate(sender, payload, next_header, iv) == packet
