"""HSRP, VRRP and GLBP as captured from Cisco's routers: read, written again, and taken apart."""

import json
from pathlib import Path

import pytest

from iosemu.packets import glbp, hsrp, vrrp
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "kat" / "kat_fhrp.json").read_text())["vectors"]


def captured(protocol: str) -> list[dict[str, object]]:
    found = [each for each in VECTORS if protocol in each.get("protocols", ()) and "ip" in each["protocols"]]
    assert found
    return found


def udp_payload(frame: bytes) -> bytes:
    return frame[42 : 34 + int.from_bytes(frame[38:40], "big")]


@pytest.mark.parametrize("vector", captured("hsrp"), ids=lambda each: each["name"])
def test_hsrp_is_read_and_written(vector: dict[str, object]) -> None:
    frame, fields = bytes.fromhex(vector["hex"]), vector["fields"]
    payload = udp_payload(frame)
    message = hsrp.parse(payload)
    # after an advertisement two octets of nothing may follow
    assert message.to_bytes().ljust(len(payload), b"\0") == payload
    if isinstance(message, hsrp.HsrpAdvertisement):
        assert [message.active] == [int(each) for each in fields["hsrp.adv.activegrp"]]
        assert [message.passive] == [int(each) for each in fields["hsrp.adv.passivegrp"]]
    else:
        told = (message.opcode, message.state, message.priority, message.group, message.hello, message.hold)
        names = ("opcode", "state", "priority", "group", "hellotime", "holdtime")
        known = [int(fields[f"hsrp.{name}"][0]) for name in names]
        assert told == (*known[:4], known[4] * 1000, known[5] * 1000)
        assert [str(message.address)] == fields["hsrp.virt_ip"]
    assert dissect(frame).summary.protocol == "HSRP"
    assert dissect(frame).malformed is None


@pytest.mark.parametrize("vector", captured("vrrp"), ids=lambda each: each["name"])
def test_vrrp_is_read_and_written(vector: dict[str, object]) -> None:
    frame, fields = bytes.fromhex(vector["hex"]), vector["fields"]
    payload = frame[34 : 14 + int.from_bytes(frame[16:18], "big")]
    if fields["vrrp.version"] != ["2"]:
        with pytest.raises(MalformedPacket):
            vrrp.parse(payload)
        return
    message = vrrp.parse(payload)
    assert message.to_bytes() == payload
    assert [str(message.group), str(message.priority)] == fields["vrrp.virt_rtr_id"] + fields["vrrp.prio"]
    assert [str(each) for each in message.addresses] == fields.get("vrrp.ip_addr", [])
    assert dissect(frame).summary.protocol == "VRRP"


@pytest.mark.parametrize("vector", captured("glbp"), ids=lambda each: each["name"])
def test_glbp_is_read_and_written(vector: dict[str, object]) -> None:
    frame, fields = bytes.fromhex(vector["hex"]), vector["fields"]
    payload = udp_payload(frame)
    message = glbp.parse(payload)
    assert message.to_bytes() == payload
    assert [str(message.group)] == fields["glbp.group"]
    assert [message.owner.colons] == fields["glbp.ownerid"]
    assert dissect(frame).summary.protocol == "GLBP"
    assert dissect(frame).malformed is None


@pytest.mark.parametrize("protocol", ["hsrp", "vrrp", "glbp"])
def test_what_is_cut_off_is_malformed_and_nothing_else(protocol: str) -> None:
    for vector in captured(protocol):
        frame = bytes.fromhex(vector["hex"])
        payload = frame[34:] if protocol == "vrrp" else udp_payload(frame)
        parse = {"hsrp": hsrp.parse, "vrrp": vrrp.parse, "glbp": glbp.parse}[protocol]
        for length in range(len(payload)):
            try:
                parse(payload[:length])
            except MalformedPacket:
                continue
            assert length >= 12


def test_version_2_has_room_for_what_version_1_has_not() -> None:
    message = hsrp.HsrpMessage(
        2, hsrp.Opcode.HELLO, hsrp.State.ACTIVE, 4095, 110, 250, 1000, hsrp.IPv4Address("10.0.0.1")
    )
    again = hsrp.parse(message.to_bytes())
    assert again == message
    assert len(message.to_bytes()) == 52
