from ipaddress import IPv4Address

import pytest

from iosemu.ipsec import ah
from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.sadb import AH, SecurityAssociation
from iosemu.ipsec.transforms import AhProtection, Authenticator, IntegrityError
from iosemu.packets.ipv4 import IPv4Packet


def association(authenticator: Authenticator) -> SecurityAssociation:
    protection = AhProtection(authenticator, bytes(authenticator.value.key))
    return SecurityAssociation(
        AH, 0x1000, IPv4Address(1), IPv4Address(2), protection, window=ReplayWindow(64)
    )


def packet_with(sa: SecurityAssociation, payload: bytes) -> IPv4Packet:
    room = bytes(len(payload) + sa.protection.size)
    packet = IPv4Packet(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"), AH, room, 255, 7)
    body = ah.encapsulate(sa, packet.to_bytes()[:20], payload, 4)
    return IPv4Packet(packet.source, packet.destination, AH, body, 255, 7)


@pytest.mark.parametrize("authenticator", list(Authenticator))
def test_a_packet_whose_mutable_fields_changed_still_verifies(authenticator):
    sender, receiver = association(authenticator), association(authenticator)
    packet = packet_with(sender, b"payload")
    header = packet.with_ttl(3).to_bytes()[:20]
    assert ah.decapsulate(receiver, header, packet.payload) == (b"payload", 4)


def test_another_source_address_does_not_verify():
    sender, receiver = association(Authenticator.HMAC_SHA1_96), association(Authenticator.HMAC_SHA1_96)
    packet = packet_with(sender, b"payload")
    forged = IPv4Packet(IPv4Address("10.0.0.9"), packet.destination, AH, packet.payload, 255, 7)
    with pytest.raises(IntegrityError):
        ah.decapsulate(receiver, forged.to_bytes()[:20], forged.payload)
    assert receiver.verify_failures == 1


def test_repetition_and_wrong_length_are_refused():
    sender, receiver = association(Authenticator.HMAC_MD5_96), association(Authenticator.HMAC_MD5_96)
    packet = packet_with(sender, b"payload")
    header = packet.to_bytes()[:20]
    ah.decapsulate(receiver, header, packet.payload)
    with pytest.raises(ah.ReplayError):
        ah.decapsulate(receiver, header, packet.payload)
    with pytest.raises(ValueError, match="length"):
        ah.decapsulate(receiver, header, packet.payload[:11])
