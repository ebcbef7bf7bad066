"""Packets of EIGRP against captured ones, and against what is broken."""

import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.eigrp.metric import UNREACHABLE, Vector, Weights, composite, interface_delay
from iosemu.routing.eigrp.packets import AuthenticationMode, Key, Packet, build, parse, shows
from iosemu.routing.eigrp.tlvs import Outside, Parameters, RouteTlv

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "kat" / "kat_eigrp.json").read_text()
)["vectors"]
SOURCE = IPv4Address("10.0.12.1")


def payload(vector: dict[str, Any]) -> bytes:
    frame = bytes.fromhex(vector["hex"])
    if "ip" in vector["protocols"]:
        return frame[34 : 14 + int.from_bytes(frame[16:18], "big")]
    if "ipv6" in vector["protocols"]:
        return frame[54 : 54 + int.from_bytes(frame[18:20], "big")]
    return frame[14 + 20 :]


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_a_captured_packet_reads_and_is_made_again(vector: dict[str, Any]) -> None:
    data, fields = payload(vector), vector["fields"]
    packet = parse(data)
    assert build(packet) == data
    assert packet.opcode == int(fields["eigrp.opcode"][0])
    assert packet.sequence == int(fields["eigrp.seq"][0])
    assert packet.acknowledge == int(fields["eigrp.ack"][0])
    assert packet.system == int(fields["eigrp.as"][0])
    assert len(packet.tlvs) == len(fields.get("eigrp.tlv_type", []))
    routes = [tlv for tlv in packet.tlvs if isinstance(tlv, RouteTlv)]
    told = [str(each.network_address) for tlv in routes for each in tlv.destinations]
    if told:
        assert told == fields["eigrp.ipv4.destination"]


def test_metrics_are_those_of_real_routers() -> None:
    classic, wide = Weights(), Weights(wide=True)
    assert composite(Vector(1544, 20000 * 10**6), classic) == 2169856
    assert composite(Vector(10000, 1000 * 10**6), classic) == 281600
    assert composite(Vector(100, 50000 * 10**6), classic) == 26880000
    assert composite(Vector(10000, interface_delay(10000, 1000, False, True)), wide) == 131072000
    assert composite(Vector(8000000, interface_delay(8000000, 5000, False, True)), wide) == 163840
    assert composite(Vector(8000000, interface_delay(8000000, 5000, False, False)), classic) == 128256


@pytest.mark.parametrize("mode", AuthenticationMode)
def test_a_proof_holds_for_its_key_alone(mode: AuthenticationMode) -> None:
    key = Key(7, b"secret")
    made = Packet(1, 100, sequence=5, tlvs=(RouteTlv((IPv4Network("10.1.0.0/16"),), Vector(1000, 10**9)),))
    data = build(made, mode, key, SOURCE)
    packet = parse(data)
    assert shows(data, packet, mode, key, SOURCE)
    assert not shows(data, packet, mode, Key(7, b"other"), SOURCE)
    assert not shows(data, packet, mode, Key(8, b"secret"), SOURCE)
    changed = bytearray(data)
    changed[-1] ^= 1
    assert not shows(bytes(changed), packet, mode, key, SOURCE)
    bare = parse(build(made))
    assert not shows(build(made), bare, mode, key, SOURCE)


networks = st.builds(
    lambda value, length: IPv4Network((value & (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF, length)),
    st.integers(0, 2**32 - 1), st.integers(0, 32),
)  # fmt: skip
vectors = st.builds(
    Vector, st.integers(1, 10**7), st.one_of(st.just(UNREACHABLE), st.integers(0, 10**13)),
    st.integers(0, 2**24 - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255),
)  # fmt: skip


@given(
    networks, vectors, st.one_of(st.none(), st.builds(Outside, st.just(SOURCE), st.integers(0, 2**32 - 1)))
)
def test_a_wide_route_reads_as_it_was_made(network: IPv4Network, vector: Vector, out: Outside | None) -> None:
    made = Packet(1, 1, sequence=1, tlvs=(RouteTlv((network,), vector, SOURCE, out, True, SOURCE),))
    assert parse(build(made)) == made


@given(st.binary(max_size=120))
def test_what_is_no_packet_is_called_malformed(data: bytes) -> None:
    good = build(Packet(5, 1, tlvs=(Parameters((1, 0, 1, 0, 0, 0), 15),)))
    for each in (data, good[:20] + data):
        try:
            parse(each)
        except MalformedPacket:
            continue
