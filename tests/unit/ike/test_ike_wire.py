"""What two engines say beside what two Cisco routers were heard saying."""

import json
from pathlib import Path

from ike_pair import Pair, policy

from iosemu.ike import trace, vendor
from iosemu.ike.header import Header, PayloadType
from iosemu.ike.message import Message
from iosemu.ike.payloads import Nonce, VendorId
from iosemu.ike.sa_payload import SecurityAssociation

VECTOR = json.loads((Path(__file__).parents[2] / "data/kat/kat_ikev1_cisco_wire.json").read_text())[
    "vectors"
][0]
HEARD = [bytes.fromhex(entry["isakmp"]) for entry in VECTOR["messages"]]


def parsed(data: bytes) -> Message:
    header = Header.parse(data)
    return Message.parse(header, data[28:])


def said() -> list[bytes]:
    pair = Pair()
    for side in (pair.r1, pair.r2):
        side.configuration.suites = [policy(key_bits=128, group=1)]
    pair.initiate()
    return [datagram.data for datagram in pair.wire]


def test_the_offer_is_the_same_to_the_bit() -> None:
    for number in (0, 1):
        ours, theirs = (parsed(each[number]).body(SecurityAssociation) for each in (said(), HEARD))
        assert ours == theirs


def test_messages_3_and_4() -> None:
    for number in (2, 3):
        ours, theirs = (parsed(each[number]) for each in (said(), HEARD))
        assert len(ours.one(Nonce).data) == len(theirs.one(Nonce).data) == 20
        kinds = [int(part.payload.TYPE) for part in ours.parts]
        assert kinds[:2] == [int(part.payload.TYPE) for part in theirs.parts][:2]
        assert kinds[-2:] == [PayloadType.NAT_D] * 2
        names = [
            [name for each in message.all(VendorId) if (name := named(message, each, number)) is not None]
            for message in (ours, theirs)
        ]
        assert [name for name in names[1] if name in names[0]] == names[0], "in the same order"
        assert vendor.IOS in names[0]
        assert len([each for each in theirs.all(VendorId) if len(each.data) == 16]) == 3


def named(message: Message, each: VendorId, number: int) -> str | None:
    cookie = message.header.cookie_i if number == 2 else message.header.cookie_r
    return vendor.name(each.data, cookie)


def test_the_box_says_its_cookie() -> None:
    for key, cookie in (("ios_vid_initiator", HEARD[2][:8]), ("ios_vid_responder", HEARD[2][8:16])):
        heard = bytes.fromhex(VECTOR[key])
        assert vendor.ios_box(cookie, bytes(8))[:8] == heard[:8]
        assert vendor.name(heard, cookie) == vendor.IOS
        assert vendor.name(heard, bytes(8)) is None


def test_encrypted_messages_have_the_same_length() -> None:
    ours = said()
    assert [len(ours[number]) - 28 for number in (4, 5)] == [80, 48]
    assert [len(HEARD[number]) - 28 for number in (4, 5)] == [80, 48]
    assert len(ours[8]) == len(HEARD[8]) == 28 + 32


def test_the_first_aggressive_message_names_the_box_too(pair: Pair) -> None:
    pair.initiate(aggressive=True)
    first = parsed(pair.wire[0].data)
    assert [int(part.payload.TYPE) for part in first.parts][:4] == [
        PayloadType.SA,
        PayloadType.KE,
        PayloadType.NONCE,
        PayloadType.ID,
    ]
    names = [vendor.name(each.data, first.header.cookie_i) for each in first.all(VendorId)]
    assert names[-3:] == ["DPD", vendor.IOS, "XAUTH"]
    sent, received = pair.r1.of(trace.IdentitySent)[0], pair.r2.of(trace.IdentityReceived)[0]
    assert sent.following == received.following == PayloadType.VENDOR_ID
