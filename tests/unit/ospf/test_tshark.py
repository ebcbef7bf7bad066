"""tshark as the judge of every packet that a busy network of engines sends."""

from __future__ import annotations

import shutil
import struct
import subprocess
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.routing.ospf import (
    AreaConfig,
    AreaKind,
    Authentication,
    AuthenticationType,
    ExternalRoute,
    Key,
    ProcessConfig,
    VirtualLinkConfig,
)
from tests.unit.ospf.fabric import Fabric

TSHARK = shutil.which("tshark")
MD5 = Authentication(AuthenticationType.CRYPTOGRAPHIC, keys=(Key(1, b"cisco"),))
RAW_IP = 101


def traffic() -> Fabric:
    """LAN, point-to-point, NSSA, virtual link, MD5, text, externals, a cut link."""
    fabric = Fabric()
    fabric.record = True
    areas = {
        1: AreaConfig(AreaKind.NSSA),
        2: AreaConfig(virtual_links=(VirtualLinkConfig(IPv4Address("5.5.5.5")),)),
    }
    for router in "abcd":
        fabric.router(router, config=ProcessConfig(areas=areas if router == "c" else {1: areas[1]}))
    back = {2: AreaConfig(virtual_links=(VirtualLinkConfig(IPv4Address("3.3.3.3")),))}
    fabric.router("e", config=ProcessConfig(areas=back))
    fabric.lan("10.0.0.0/24", "abc", authentication=MD5)
    fabric.p2p(
        "10.1.0.0/30", "b", "d", 1, authentication=Authentication(AuthenticationType.SIMPLE, b"secret")
    )
    fabric.p2p("10.2.0.0/30", "c", "e", 2)
    fabric.loopback("e", "5.5.5.5", 3)
    fabric.call("d", "redistribute", [ExternalRoute(IPv4Network(f"172.16.{n}.0/24")) for n in range(100)])
    fabric.call("a", "redistribute", [ExternalRoute(IPv4Network(f"172.17.{n}.0/24")) for n in range(100)])
    fabric.run(120)
    fabric.cut(fabric.links[1])
    fabric.run(30)
    return fabric


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_nothing_is_malformed_and_every_checksum_fits(tmp_path: Path) -> None:
    fabric = traffic()
    assert "10.1.0.0/30" not in fabric.routes("a")
    path = tmp_path / "ospf.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP))
        for time, _, datagram in fabric.sent:
            packet = IPv4Packet(
                datagram.source, datagram.destination, Protocol.OSPF, datagram.payload, datagram.ttl, tos=0xC0
            ).to_bytes()
            assert len(packet) <= 1500
            file.write(
                struct.pack("<IIII", int(time), int(time % 1 * 1e6), len(packet), len(packet)) + packet
            )
    assert shown(path, "_ws.malformed || _ws.expert.severity >= 6291456") == []
    types = shown(path, "ospf", "-T", "fields", "-e", "ospf.msg")
    assert len(types) == len(fabric.sent)
    assert set(types) == {"1", "2", "3", "4", "5"}


def shown(path: Path, wanted: str, *arguments: str) -> list[str]:
    """The lines that tshark prints of the packets that fit a filter."""
    assert TSHARK is not None
    command = [TSHARK, "-r", str(path), "-Y", wanted, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
