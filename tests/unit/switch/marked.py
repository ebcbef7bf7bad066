"""A switch with a station on each of three ports, whose marks are seen where frames leave."""

from __future__ import annotations

from ipaddress import IPv4Address

from switch_lab import Bench, Wire

from iosemu.box.device import Device
from iosemu.net.marking import dscp_of
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame, EtherType, VlanTag, tag_of, without_tag
from iosemu.packets.ipv4 import IPv4Packet

HERE, THERE = MacAddress.from_string("0200.0000.0001"), MacAddress.from_string("0200.0000.0099")
TRUNKS = """
vlan 10
interface range fa0/1 - 2
 switchport mode trunk
 switchport nonegotiate
interface fa0/3
 switchport mode access
 switchport access vlan 10
 spanning-tree portfast
"""


def packet(dscp: int = 0, ecn: int = 0, to: str = "10.0.0.2", octets: int = 30) -> bytes:
    return IPv4Packet(
        IPv4Address("10.0.0.1"), IPv4Address(to), 17, bytes(octets), tos=dscp << 2 | ecn
    ).to_bytes()


def frame(payload: bytes, cos: int | None = None, kind: int = EtherType.IPV4) -> bytes:
    tag = None if cos is None else VlanTag(10, cos)
    return EthernetFrame(THERE, HERE, kind, payload, tag).to_bytes()


class Marked:
    """A switch with a station on each of three ports; what comes in there leaves by the trunk Fa0/2."""

    def __init__(self, settings: str = "", model: str = "catalyst-2960-24tt") -> None:
        self.bench = Bench()
        encapsulation = (
            "interface range fa0/1 - 2\n switchport trunk encapsulation dot1q\n" if "3560" in model else ""
        )
        self.switch = self.bench.switch("SW", f"{encapsulation}{TRUNKS}{settings}\n", model)
        self.stations: dict[str, Device] = {}
        for at, name in enumerate(("Fa0/1", "Fa0/2", "Fa0/3"), 1):
            self.stations[name] = self.bench.pc(name[-1], f"10.9.0.{at}/24")
            self.bench.cable(self.switch, name, self.stations[name])
        self.bench.run(40)
        self.wire = Wire(self.switch, "Fa0/2")

    def put(self, port: str, sent: bytes) -> None:
        """Let a frame come in on a port, now."""
        next(iter(self.stations[port].interfaces.values())).send(sent)

    def left(self) -> list[bytes]:
        """The stations' frames that left by the trunk since the last look."""
        found = [each for each in self.wire.outgoing if each[6:12] == HERE]
        self.wire.clear()
        return found

    def send(self, port: str, sent: bytes) -> tuple[int, int]:
        """CoS and DSCP of a frame as it leaves by the trunk."""
        self.wire.clear()
        self.put(port, sent)
        self.bench.run(0.1)
        (left,) = self.left()
        tag, plain = tag_of(left), without_tag(left)
        assert tag is not None
        assert tag.vlan == 10
        if plain[12:14] == b"\x08\x00":
            IPv4Packet.parse(plain[14:])  # its checksum is right
        return tag.priority, dscp_of(plain)
