"""Link Layer Discovery Protocol (IEEE 802.1AB-2016 clause 8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType

LLDP_GROUP = MacAddress.from_string("0180.c200.000e")
_END, _CHASSIS, _PORT, _TTL = 0, 1, 2, 3
_PORT_DESCRIPTION, _SYSTEM_NAME, _SYSTEM_DESCRIPTION, _CAPABILITIES, _MANAGEMENT = 4, 5, 6, 7, 8
_CHASSIS_MAC, _CHASSIS_ADDRESS, _CHASSIS_LOCAL = 4, 5, 7
_PORT_MAC, _PORT_ADDRESS, _PORT_INTERFACE_NAME = 3, 4, 5


class LldpCapability(IntFlag):
    """System capabilities (table 8-4)."""

    OTHER = 0x01
    REPEATER = 0x02
    BRIDGE = 0x04
    WLAN_ACCESS_POINT = 0x08
    ROUTER = 0x10
    TELEPHONE = 0x20
    DOCSIS = 0x40
    STATION = 0x80


@dataclass(frozen=True, slots=True)
class LldpPacket:
    """An LLDPDU; `ttl` in seconds, 0 = going away."""

    chassis: MacAddress | str
    """A MAC address, or what another kind of identifier says."""
    port_id: str
    ttl: int = 120
    port_description: str | None = None
    system_name: str | None = None
    system_description: str | None = None
    capabilities: int | None = None
    enabled_capabilities: int = 0
    management_address: IPv4Address | None = None
    management_interface: int = 0
    """ifIndex of the management address."""
    other: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> LldpPacket:
        """Read an LLDPDU: chassis, port and time to live first, then the rest in any order."""
        tlvs = _split(data)
        if [kind for kind, _ in tlvs[:3]] != [_CHASSIS, _PORT, _TTL]:
            raise MalformedPacket("LLDP: chassis, port and time to live must come first")
        chassis, port, ttl = (value for _, value in tlvs[:3])
        if len(chassis) < 2 or len(port) < 2 or len(ttl) < 2:
            raise MalformedPacket("LLDP: an identifier or the time to live is cut off")
        optional = dict(reversed(tlvs[3:]))
        capabilities = optional.get(_CAPABILITIES)
        if capabilities is not None and len(capabilities) != 4:
            raise MalformedPacket("LLDP: capabilities have 4 octets")
        address, interface = _management(optional.get(_MANAGEMENT))
        return cls(
            _identifier(chassis, _CHASSIS_MAC, _CHASSIS_ADDRESS),
            _dotted(_identifier(port, _PORT_MAC, _PORT_ADDRESS)),
            ttl[0] << 8 | ttl[1],
            _text(optional.get(_PORT_DESCRIPTION)),
            _text(optional.get(_SYSTEM_NAME)),
            _text(optional.get(_SYSTEM_DESCRIPTION)),
            None if capabilities is None else capabilities[0] << 8 | capabilities[1],
            0 if capabilities is None else capabilities[2] << 8 | capabilities[3],
            address,
            interface,
            tuple(tlv for tlv in tlvs[3:] if tlv[0] > _MANAGEMENT),
        )

    def to_bytes(self) -> bytes:
        """The LLDPDU, end marker included."""
        parts = [
            _tlv(_CHASSIS, self._chassis()),
            _tlv(_PORT, bytes((_PORT_INTERFACE_NAME,)) + self.port_id.encode("latin-1")),
            _tlv(_TTL, self.ttl.to_bytes(2, "big")),
        ]
        texts = (  # the port's description after those of the system: IOS's order
            (_SYSTEM_NAME, self.system_name),
            (_SYSTEM_DESCRIPTION, self.system_description),
            (_PORT_DESCRIPTION, self.port_description),
        )
        parts += [_tlv(kind, text.encode("latin-1")) for kind, text in texts if text is not None]
        if self.capabilities is not None:
            both = self.capabilities << 16 | self.enabled_capabilities
            parts.append(_tlv(_CAPABILITIES, both.to_bytes(4, "big")))
        if self.management_address is not None:
            interface = b"\x02" + self.management_interface.to_bytes(4, "big")
            value = b"\x05\x01" + self.management_address.packed + interface + b"\0"
            parts.append(_tlv(_MANAGEMENT, value))
        parts += [_tlv(kind, value) for kind, value in self.other]
        parts.append(b"\0\0")
        return b"".join(parts)

    @property
    def chassis_id(self) -> str:
        """The chassis in the words of shows."""
        return _dotted(self.chassis)

    def _chassis(self) -> bytes:
        if isinstance(self.chassis, str):
            return bytes((_CHASSIS_LOCAL,)) + self.chassis.encode("latin-1")
        return bytes((_CHASSIS_MAC,)) + self.chassis

    def to_frame(self, source: MacAddress) -> EthernetFrame:
        """The frame to the nearest-bridge group address."""
        return EthernetFrame(LLDP_GROUP, source, EtherType.LLDP, self.to_bytes())


def _identifier(value: bytes, of_mac: int, of_address: int) -> MacAddress | str:
    """A MAC address, an IPv4 address as text, or text, by the subtype in front."""
    kind, rest = value[0], value[1:]
    if kind == of_mac and len(rest) == 6:
        return MacAddress(rest)
    if kind == of_address and len(rest) == 5 and rest[0] == 1:
        return str(IPv4Address(rest[1:]))
    return rest.decode("latin-1")


def _dotted(identifier: MacAddress | str) -> str:
    return identifier if isinstance(identifier, str) else identifier.dotted


def _tlv(kind: int, value: bytes) -> bytes:
    if len(value) > 511:
        raise ValueError(f"LLDP: {len(value)} octets do not fit a TLV")
    return (kind << 9 | len(value)).to_bytes(2, "big") + value


def _split(data: bytes) -> list[tuple[int, bytes]]:
    tlvs: list[tuple[int, bytes]] = []
    at = 0
    while True:
        if at + 2 > len(data):
            raise MalformedPacket("LLDP: no end marker")
        head = data[at] << 8 | data[at + 1]
        kind, end = head >> 9, at + 2 + (head & 0x1FF)
        if end > len(data):
            raise MalformedPacket(f"LLDP: TLV {kind} is cut off")
        if kind == _END:
            return tlvs
        tlvs.append((kind, bytes(data[at + 2 : end])))
        at = end


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _management(value: bytes | None) -> tuple[IPv4Address | None, int]:
    """The IPv4 management address and its ifIndex; addresses of other families are passed over."""
    if value is None or value[:2] != b"\x05\x01":
        return None, 0
    if len(value) < 11:
        raise MalformedPacket("LLDP: management address is cut off")
    return IPv4Address(value[2:6]), int.from_bytes(value[7:11], "big")
