from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.ipsec import esp
from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.sadb import ESP, LAST_SEQUENCE, SecurityAssociation, SequenceExhaustedError
from iosemu.ipsec.transforms import Authenticator, EspCipher, IntegrityError, Protection

COMBINATIONS = [
    (cipher, size, authenticator)
    for cipher in EspCipher
    for size in cipher.value.keys
    for authenticator in ([None] if cipher.value.icv else [None, *Authenticator])
    if not (cipher is EspCipher.NULL and authenticator is None)
]


def associations(cipher, size, authenticator):
    key = bytes(range(size))
    auth_key = bytes(authenticator.value.key) if authenticator else b""
    return [
        SecurityAssociation(
            ESP,
            0x1234,
            IPv4Address(1),
            IPv4Address(2),
            Protection(cipher, key, authenticator, auth_key),
            window=ReplayWindow(64),
        )
        for _ in range(2)
    ]


@given(st.sampled_from(COMBINATIONS), st.binary(max_size=200), st.integers(0, 255))
def test_what_goes_in_comes_out(combination, payload, next_header):
    sender, receiver = associations(*combination)
    packet = esp.encapsulate(sender, payload, next_header, bytes(sender.protection.iv_size))
    assert len(packet) == len(payload) + esp.overhead(sender.protection, len(payload))
    assert len(packet) % 4 == 0
    assert esp.decapsulate(receiver, packet) == (payload, next_header)
    assert (receiver.packets, receiver.octets) == (1, len(payload))


@given(st.sampled_from([each for each in COMBINATIONS if each[2] or each[0].value.icv]), st.data())
def test_a_damaged_packet_is_refused(combination, data):
    sender, receiver = associations(*combination)
    packet = bytearray(esp.encapsulate(sender, b"secret text", 4, bytes(sender.protection.iv_size)))
    at = data.draw(st.integers(8, len(packet) - 1))
    packet[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(IntegrityError):
        esp.decapsulate(receiver, bytes(packet))
    assert receiver.verify_failures == 1
    assert receiver.window.highest == 0


@given(st.sampled_from(COMBINATIONS), st.data())
def test_a_truncated_packet_is_refused(combination, data):
    sender, receiver = associations(*combination)
    packet = esp.encapsulate(sender, b"secret text", 4, bytes(sender.protection.iv_size))
    short = packet[: data.draw(st.integers(0, len(packet) - 1))]
    with pytest.raises((IntegrityError, ValueError)):
        esp.decapsulate(receiver, short)


def test_a_repeated_packet_is_refused():
    sender, receiver = associations(EspCipher.AES_CBC, 16, Authenticator.HMAC_SHA1_96)
    packet = esp.encapsulate(sender, b"once", 4, bytes(16))
    esp.decapsulate(receiver, packet)
    with pytest.raises(esp.ReplayError):
        esp.decapsulate(receiver, packet)
    assert receiver.replay_failures == 1


def test_the_sequence_number_never_wraps():
    sender, _ = associations(EspCipher.AES_CBC, 16, Authenticator.HMAC_SHA1_96)
    sender.sequence = LAST_SEQUENCE
    with pytest.raises(SequenceExhaustedError):
        esp.encapsulate(sender, b"", 4, bytes(16))


@given(st.integers(40, 1500), st.sampled_from(COMBINATIONS))
def test_the_largest_payload_fits_and_one_more_byte_does_not(room, combination):
    protection = associations(*combination)[0].protection
    largest = esp.largest_payload(protection, room)
    if largest:
        assert largest + esp.overhead(protection, largest) <= room
        assert largest + 1 + esp.overhead(protection, largest + 1) > room


@pytest.mark.parametrize(
    ("cipher", "key", "authenticator", "auth_key"),
    [
        (EspCipher.AES_CBC, bytes(15), None, b""),
        (EspCipher.DES, bytes(8), Authenticator.HMAC_MD5_96, bytes(20)),
        (EspCipher.NULL, b"", None, b""),
    ],
)
def test_impossible_protections_are_refused(cipher, key, authenticator, auth_key):
    with pytest.raises(ValueError, match=r"key of|neither"):
        Protection(cipher, key, authenticator, auth_key)


def test_udp_payloads_on_port_4500_are_told_apart():
    assert not esp.is_esp(esp.NAT_KEEPALIVE)
    assert not esp.is_esp(esp.NON_ESP_MARKER + b"isakmp")
    assert esp.is_esp(b"\x00\x00\x12\x34\x00\x00\x00\x01")
