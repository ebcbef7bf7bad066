"""Cisco Discovery Protocol version 2; layout as in Cisco's CDP frame format document and Wireshark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
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

    @classmethod
    def parse(cls, data: bytes) -> CdpPacket:
        """Read what follows the SNAP header."""
        if len(data) < 4:
            raise MalformedPacket(f"CDP: {len(data)} octets are too few for a header")
        if cdp_checksum(data[:2] + b"\0\0" + data[4:]) != data[2] << 8 | data[3]:
            raise MalformedPacket("CDP: wrong checksum")
        tlvs = parse_tlvs(data[4:], "CDP")
        known = dict(reversed(tlvs))
        vtp = known.get(_VTP_DOMAIN)
        native = known.get(_NATIVE_VLAN)
        duplex = known.get(_DUPLEX)
        return cls(
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

    def to_bytes(self) -> bytes:
        """The octets that follow the SNAP header."""
        first: list[tuple[int, bytes]] = [
            (_DEVICE, self.device_id.encode("latin-1")),
            (_SOFTWARE, self.software_version.encode("latin-1")),
            (_PLATFORM, self.platform.encode("latin-1")),
        ]
        if self.addresses:
            first.append((_ADDRESSES, _address_list(self.addresses)))
        first.append((_PORT, self.port_id.encode("latin-1")))
        first.append((_CAPABILITIES, self.capabilities.to_bytes(4, "big")))
        tlvs: list[tuple[int, bytes]] = list(self.other)
        if self.vtp_domain is not None:
            tlvs.append((_VTP_DOMAIN, self.vtp_domain.encode("latin-1")))
        if self.native_vlan is not None:
            tlvs.append((_NATIVE_VLAN, self.native_vlan.to_bytes(2, "big")))
        if self.full_duplex is not None:
            tlvs.append((_DUPLEX, bytes((self.full_duplex,))))
        if self.management_addresses:
            tlvs.append((_MANAGEMENT, _address_list(self.management_addresses)))
        # IOS sends these six first, in this order, and then the others by their numbers
        body = tlvs_to_bytes([*first, *sorted(tlvs, key=lambda tlv: tlv[0])])
        head = bytes((self.version, self.ttl))
        return head + cdp_checksum(head + b"\0\0" + body).to_bytes(2, "big") + body

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to Cisco's group address."""
        return EthernetFrame.llc(CISCO_GROUP, source, Snap(OUI_CISCO, SNAP_CDP, self.to_bytes()).to_bytes())


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
