"""Cisco Discovery Protocol version 2; layout as in Cisco's CDP frame format document and Wireshark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_CDP, Snap
from iosemu.packets.tlv import parse_tlvs, tlvs_to_bytes

_DEVICE, _ADDRESSES, _PORT, _CAPABILITIES, _SOFTWARE, _PLATFORM = 1, 2, 3, 4, 5, 6
_VTP_DOMAIN, _NATIVE_VLAN, _DUPLEX, _MANAGEMENT = 9, 10, 11, 22
APPLIANCE = 0x0E
"""The VLAN for a telephone: an octet of data, 1, and the VLAN."""
PROTOCOL_HELLO, TRUST, UNTRUSTED_COS, POWER_AVAILABLE = 0x08, 0x12, 0x13, 0x1A
"""TLVs of switches: a cluster's hello, whether a port trusts markings, what it marks else, power over Ethernet."""
CLUSTER_HELLO = OUI_CISCO.to_bytes(3, "big") + b"\x01\x12"
"""Begins the hello: Cisco, and cluster management."""
_IPV4 = b"\x01\x01\xcc\x00\x04"
"""Protocol type NLPID, one octet long, IP; an address of four octets."""


class CdpCapability(IntFlag):
    """What a device is."""

    ROUTER = 0x01
    TRANS_BRIDGE = 0x02
    SOURCE_ROUTE_BRIDGE = 0x04
    SWITCH = 0x08
    HOST = 0x10
    IGMP = 0x20
    REPEATER = 0x40


@dataclass(frozen=True, slots=True)
class CdpPacket:
    """An advertisement. `ttl` is the holdtime in seconds; `other` are TLVs this class has no field for."""

    device_id: str
    port_id: str
    addresses: tuple[IPv4Address, ...] = ()
    capabilities: int = 0
    software_version: str = ""
    platform: str = ""
    vtp_domain: str | None = None
    native_vlan: int | None = None
    full_duplex: bool | None = None
    management_addresses: tuple[IPv4Address, ...] = ()
    ttl: int = 180
    version: int = 2
    other: tuple[tuple[int, bytes], ...] = ()

    @staticmethod
    def parse(data: bytes) -> CdpPacket:
        """Read what follows the SNAP header; equal octets, as most are, give one packet. Raises MalformedPacket."""
        return _parsed(bytes(data))

    def to_bytes(self) -> bytes:
        """The octets that follow the SNAP header."""
        return _octets(self)

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to Cisco's group address."""
        return EthernetFrame.llc(CISCO_GROUP, source, Snap(OUI_CISCO, SNAP_CDP, self.to_bytes()).to_bytes())


@lru_cache(maxsize=1024)
def _parsed(data: bytes) -> CdpPacket:
    if len(data) < 4:
        raise MalformedPacket(f"CDP: {len(data)} octets are too few for a header")
    if cdp_checksum(data[:2] + b"\0\0" + data[4:]) != data[2] << 8 | data[3]:
        raise MalformedPacket("CDP: wrong checksum")
    tlvs = parse_tlvs(data[4:], "CDP")
    known = dict(reversed(tlvs))
    vtp = known.get(_VTP_DOMAIN)
    native = known.get(_NATIVE_VLAN)
    duplex = known.get(_DUPLEX)
    return CdpPacket(
        _text(known.get(_DEVICE, b"")),
        _text(known.get(_PORT, b"")),
        _addresses(known.get(_ADDRESSES)),
        int.from_bytes(known.get(_CAPABILITIES, b"")[:4], "big"),
        _text(known.get(_SOFTWARE, b"")),
        _text(known.get(_PLATFORM, b"")),
        None if vtp is None else _text(vtp),
        None if native is None else int.from_bytes(native[:2], "big"),
        None if duplex is None else duplex == b"\x01",
        _addresses(known.get(_MANAGEMENT)),
        data[1],
        data[0],
        tuple(tlv for tlv in tlvs if tlv[0] not in _KNOWN),
    )


@lru_cache(maxsize=1024)
def _octets(packet: CdpPacket) -> bytes:
    first: list[tuple[int, bytes]] = [
        (_DEVICE, packet.device_id.encode("latin-1")),
        (_SOFTWARE, packet.software_version.encode("latin-1")),
        (_PLATFORM, packet.platform.encode("latin-1")),
    ]
    if packet.addresses:
        first.append((_ADDRESSES, _address_list(packet.addresses)))
    first.append((_PORT, packet.port_id.encode("latin-1")))
    first.append((_CAPABILITIES, packet.capabilities.to_bytes(4, "big")))
    tlvs: list[tuple[int, bytes]] = list(packet.other)
    if packet.vtp_domain is not None:
        tlvs.append((_VTP_DOMAIN, packet.vtp_domain.encode("latin-1")))
    if packet.native_vlan is not None:
        tlvs.append((_NATIVE_VLAN, packet.native_vlan.to_bytes(2, "big")))
    if packet.full_duplex is not None:
        tlvs.append((_DUPLEX, bytes((packet.full_duplex,))))
    if packet.management_addresses:
        tlvs.append((_MANAGEMENT, _address_list(packet.management_addresses)))
    # IOS sends these six first, in this order, and then the others by their numbers
    body = tlvs_to_bytes([*first, *sorted(tlvs, key=lambda tlv: tlv[0])])
    head = bytes((packet.version, packet.ttl))
    return head + cdp_checksum(head + b"\0\0" + body).to_bytes(2, "big") + body


_KNOWN = frozenset(
    {
        _DEVICE,
        _ADDRESSES,
        _PORT,
        _CAPABILITIES,
        _SOFTWARE,
        _PLATFORM,
        _VTP_DOMAIN,
        _NATIVE_VLAN,
        _DUPLEX,
        _MANAGEMENT,
    }
)


def cdp_checksum(data: bytes) -> int:
    """CDP's variant of the Internet checksum.

    The octet left over by an odd length is the low half of a word, and counts as a signed number less one where
    its top bit is set, as Cisco's implementation has always done and Wireshark checks.
    """
    if len(data) & 1:
        last = data[-1]
        word = bytes((0xFF, last - 1)) if last & 0x80 else bytes((0, last))
        data = data[:-1] + word
    return internet_checksum(data)


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _address_list(addresses: tuple[IPv4Address, ...]) -> bytes:
    return len(addresses).to_bytes(4, "big") + b"".join(_IPV4 + address.packed for address in addresses)


def _addresses(value: bytes | None) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses of an address list; those of other protocols are passed over."""
    found: list[IPv4Address] = []
    if value is None:
        return ()
    if len(value) < 4:
        raise MalformedPacket("CDP: address list is cut off")
    at = 4
    for _ in range(int.from_bytes(value[:4], "big")):
        start = at + 2 + (value[at + 1] if at + 1 < len(value) else len(value))
        length = int.from_bytes(value[start : start + 2], "big")
        end = start + 2 + length
        if end > len(value) or start + 2 > len(value):
            raise MalformedPacket("CDP: address is cut off")
        if value[at : start + 2] == _IPV4:
            found.append(IPv4Address(value[start + 2 : end]))
        at = end
    return tuple(found)
