"""Spanning tree BPDUs (IEEE 802.1D-2004 clause 9), bare and in Cisco's per-VLAN encapsulation (SSTP)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, VlanTag
from iosemu.packets.llc import OUI_CISCO, SAP_SNAP, SAP_STP, SNAP_PVST, Llc, Snap

IEEE_GROUP = MacAddress.from_string("0180.c200.0000")
PVST_GROUP = MacAddress.from_string("0100.0ccc.cccd")
_CONFIG = struct.Struct("!BQIQHHHHH")
_SECONDS = 256
_VLAN_TLV = b"\0\0\0\2"
_VLAN_TLV_AT = 36


class BpduType(IntEnum):
    """The BPDU type field."""

    CONFIG = 0x00
    RST = 0x02
    TCN = 0x80


class BpduFlags(IntFlag):
    """The flags field; a configuration BPDU uses only the topology change bits (clause 9.3.1)."""

    TOPOLOGY_CHANGE = 0x01
    PROPOSAL = 0x02
    LEARNING = 0x10
    FORWARDING = 0x20
    AGREEMENT = 0x40
    TOPOLOGY_CHANGE_ACKNOWLEDGMENT = 0x80


class RstRole(IntEnum):
    """The port role in the flags of an RST BPDU (clause 9.3.3)."""

    UNKNOWN = 0
    ALTERNATE_OR_BACKUP = 1
    ROOT = 2
    DESIGNATED = 3


@dataclass(frozen=True, slots=True, order=True)
class BridgeId:
    """A bridge identifier: priority with the VLAN in its low 12 bits (802.1t), then the address; lower is better."""

    priority: int
    mac: MacAddress

    @property
    def system_id_extension(self) -> int:
        """The VLAN of the instance."""
        return self.priority & 0x0FFF

    @property
    def base_priority(self) -> int:
        """The priority as configured, a multiple of 4096."""
        return self.priority & 0xF000

    def __int__(self) -> int:
        return self.priority << 48 | int(self.mac)

    @classmethod
    def from_int(cls, value: int) -> BridgeId:
        """The identifier whose 64 bits are `value`."""
        return cls(value >> 48, MacAddress.from_int(value & 0xFFFFFFFFFFFF))


@dataclass(frozen=True, slots=True)
class Bpdu:
    """A configuration or RST BPDU; times in seconds, carried in units of 1/256 s. `port` is the port identifier."""

    root: BridgeId
    root_path_cost: int
    bridge: BridgeId
    port: int
    message_age: float = 0.0
    max_age: float = 20.0
    hello_time: float = 2.0
    forward_delay: float = 15.0
    flags: int = 0
    type: BpduType = BpduType.CONFIG

    @property
    def role(self) -> RstRole:
        """The sender's port role, in an RST BPDU."""
        return RstRole(self.flags >> 2 & 3)

    @classmethod
    def parse(cls, data: bytes) -> Bpdu | TopologyChangeNotification:
        """Read a BPDU of any of the three types; what follows it is ignored (clause 9.3.4)."""
        if len(data) < 4:
            raise MalformedPacket(f"STP: {len(data)} octets are too few for a BPDU")
        if data[:2] != b"\0\0":
            raise MalformedPacket(f"STP: protocol identifier {data[:2].hex()}")
        if data[3] == BpduType.TCN:
            return TopologyChangeNotification()
        if data[3] not in (BpduType.CONFIG, BpduType.RST):
            raise MalformedPacket(f"STP: BPDU type {data[3]}")
        kind = BpduType(data[3])
        if len(data) < (35 if kind is BpduType.CONFIG else 36):
            raise MalformedPacket(f"STP: {len(data)} octets are too few for a {kind.name} BPDU")
        flags, root, cost, bridge, port, age, max_age, hello, delay = _CONFIG.unpack_from(data, 4)
        return cls(
            BridgeId.from_int(root),
            cost,
            BridgeId.from_int(bridge),
            port,
            age / _SECONDS,
            max_age / _SECONDS,
            hello / _SECONDS,
            delay / _SECONDS,
            flags,
            kind,
        )

    def to_bytes(self) -> bytes:
        """The BPDU: 35 octets, 36 for RST."""
        rapid = self.type is BpduType.RST
        times = (self.message_age, self.max_age, self.hello_time, self.forward_delay)
        body = _CONFIG.pack(
            self.flags,
            int(self.root),
            self.root_path_cost,
            int(self.bridge),
            self.port,
            *(round(seconds * _SECONDS) for seconds in times),
        )
        return bytes((0, 0, 2 if rapid else 0, self.type)) + body + (b"\0" if rapid else b"")


@dataclass(frozen=True, slots=True)
class TopologyChangeNotification:
    """A TCN BPDU: four octets."""

    def to_bytes(self) -> bytes:
        """The BPDU."""
        return bytes((0, 0, 0, BpduType.TCN))


AnyBpdu = Bpdu | TopologyChangeNotification


def ieee_frame(source: MacAddress, bpdu: AnyBpdu) -> EthernetFrame:
    """The BPDU to the bridge group address in plain LLC, as for VLAN 1 and on access ports."""
    return EthernetFrame.llc(IEEE_GROUP, source, Llc(SAP_STP, SAP_STP, bpdu.to_bytes()).to_bytes())


def pvst_frame(source: MacAddress, bpdu: AnyBpdu, vlan: int, tag: VlanTag | None = None) -> EthernetFrame:
    """The BPDU in Cisco's SNAP encapsulation with the originating VLAN, as on trunks."""
    body = bpdu.to_bytes()
    if isinstance(bpdu, Bpdu):
        body = body.ljust(_VLAN_TLV_AT, b"\0") + _VLAN_TLV + vlan.to_bytes(2, "big")
    return EthernetFrame.llc(PVST_GROUP, source, Snap(OUI_CISCO, SNAP_PVST, body).to_bytes(), tag)


def is_bpdu(frame: bytes) -> bool:
    """Whether a frame goes to one of the two BPDU group addresses."""
    destination = frame[:6]
    return destination in (IEEE_GROUP, PVST_GROUP)


def parse_frame(frame: EthernetFrame) -> tuple[AnyBpdu, int | None]:
    """The BPDU in a frame, and the VLAN that its SSTP encapsulation names (None: it names none)."""
    llc = Llc.parse(frame.payload)
    if llc.dsap == SAP_STP:
        return Bpdu.parse(llc.payload), None
    if llc.dsap != SAP_SNAP:
        raise MalformedPacket(f"STP: LLC destination {llc.dsap:#04x}")
    snap = Snap.parse(frame.payload)
    if (snap.oui, snap.protocol) != (OUI_CISCO, SNAP_PVST):
        raise MalformedPacket(f"STP: SNAP protocol {snap.oui:06x}:{snap.protocol:04x}")
    tlv = snap.payload[_VLAN_TLV_AT : _VLAN_TLV_AT + 6]
    vlan = tlv[4] << 8 | tlv[5] if len(tlv) == 6 and tlv.startswith(_VLAN_TLV) else None
    return Bpdu.parse(snap.payload), vlan
