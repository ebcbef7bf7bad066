"""The packet view opens IKEv2 with the keys of the routers: sealed payloads, fragments, what is not known."""

from __future__ import annotations

import pytest
from crypto_vpn import WAN
from test_crypto_ikev2 import both, with_map

from iosemu.lab.decryptor import LabDecryptor
from iosemu.packets.dissect import dissect
from iosemu.subjects.crypto.service.engine import CryptoEngine


@pytest.mark.parametrize("more", ["", "crypto ikev2 fragmentation mtu 300\n"], ids=["whole", "fragments"])
def test_sealed_messages_are_opened(more):
    vpn = with_map()
    if more:
        both(vpn, more)
    frames: list[bytes] = []
    vpn.a.ports[WAN].taps.append(lambda _direction, frame: frames.append(frame))
    vpn.ping(3)
    vpn.a.service(CryptoEngine).clear_ikev2()
    vpn.run(1)
    keys = vpn.a.service(CryptoEngine).exported_keys()
    decryptor = LabDecryptor(lambda: keys)
    seen = [dissect(frame, decryptor) for frame in frames]
    messages = [each for each in seen if each.summary.protocol == "ISAKMP"]
    assert not [each for each in seen if each.malformed]
    told = [each.summary.info for each in messages]
    assert told[0].startswith("IKE_SA_INIT MID=00 Initiator Request")
    assert told[1].startswith("IKE_SA_INIT MID=00 Responder Response")
    fields = [
        field.name for each in messages for layer in each.layers if layer.decrypted for field in layer.fields
    ]
    assert fields.count("Authentication") == 2
    assert "Traffic Selector - Initiator" in fields
    assert "Notify INITIAL_CONTACT" in fields
    assert "Delete" in fields
    blind = [dissect(frame, LabDecryptor(lambda: {"ike": [], "ikev2": [], "esp": []})) for frame in frames]
    assert not [layer for each in blind for layer in each.layers if layer.decrypted]
    assert not [each for each in blind if each.malformed]
