"""Spanning tree BPDUs, bare and in Cisco's per-VLAN encapsulation (SSTP).

Configuration, TCN and RST BPDUs are those of IEEE 802.1D-2004 clause 9, MST BPDUs of IEEE 802.1Q-2005 clause 14.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, VlanTag
from iosemu.packets.llc import (
    OUI_CISCO,
    SAP_SNAP,
    SAP_STP,
    SNAP_PVST,
    SNAP_RLQ_REQUEST,
    SNAP_RLQ_RESPONSE,
    Llc,
    Snap,
)

IEEE_GROUP = MacAddress.from_string("0180.c200.0000")
PVST_GROUP = MacAddress.from_string("0100.0ccc.cccd")
_CONFIG = struct.Struct("!BQIQHHHHH")
_MST = struct.Struct("!HB32sH16sIQB")
"""Version 3 length, the format selector, name, revision and digest; internal cost, the bridge, remaining hops."""
_MST_AT = 36
_MST_END = 102
_RECORD = struct.Struct("!BQIBBB")
_MAXIMUM_RECORDS = 64
MST_VERSION = 3
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
class MstIdentifier:
    """An MST configuration identifier: bridges that have the same one are a region (802.1Q-2005 clause 13.7)."""

    name: str = ""
    revision: int = 0
    digest: bytes = bytes(16)


@dataclass(frozen=True, slots=True)
class MstiRecord:
    """What an MST BPDU says of one instance (clause 14.6.1); `root` has the instance in its low 12 bits."""

    flags: int
    root: BridgeId
    cost: int
    bridge_priority: int
    """A multiple of 4096."""
    port_priority: int
    """A multiple of 16."""
    hops: int

    MASTER = 0x80
    """The flag that takes the place of the topology change acknowledgment."""

    @property
    def instance(self) -> int:
        """The number of the instance."""
        return self.root.system_id_extension

    @classmethod
    def parse(cls, data: bytes) -> MstiRecord:
        """Read 16 octets."""
        flags, root, cost, bridge, port, hops = _RECORD.unpack(data)
        return cls(flags, BridgeId.from_int(root), cost, (bridge & 0xF0) << 8, port & 0xF0, hops)

    def to_bytes(self) -> bytes:
        """The record: 16 octets."""
        bridge = self.bridge_priority >> 8
        return _RECORD.pack(self.flags, int(self.root), self.cost, bridge, self.port_priority, self.hops)


@dataclass(frozen=True, slots=True)
class MstInformation:
    """What an MST BPDU says beyond an RST BPDU (clause 14.6): of its sender within the region, and of instances."""

    identifier: MstIdentifier
    cost: int
    """Within the region, to its regional root."""
    bridge: BridgeId
    """The sender; the bridge identifier of the BPDU is the regional root's."""
    hops: int
    records: tuple[MstiRecord, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> MstInformation | None:
        """Read it from a BPDU of version 3; None where it is none, and the BPDU an RST BPDU (clause 14.4)."""
        if len(data) < _MST_END:
            return None
        length, selector, name, revision, digest, cost, bridge, hops = _MST.unpack_from(data, _MST_AT)
        count, odd = divmod(length - (_MST_END - _MST_AT - 2), _RECORD.size)
        if (
            odd
            or not 0 <= count <= _MAXIMUM_RECORDS
            or selector
            or len(data) < _MST_END + count * _RECORD.size
        ):
            return None
        places = range(_MST_END, _MST_END + count * _RECORD.size, _RECORD.size)
        return cls(
            MstIdentifier(name.rstrip(b"\0").decode("latin-1"), revision, digest),
            cost,
            BridgeId.from_int(bridge),
            hops,
            tuple(MstiRecord.parse(data[at : at + _RECORD.size]) for at in places),
        )

    def to_bytes(self) -> bytes:
        """The octets after the version 1 length."""
        own = self.identifier
        records = b"".join(record.to_bytes() for record in self.records)
        length = _MST_END - _MST_AT - 2 + len(records)
        name = own.name.encode("latin-1", "replace")
        head = _MST.pack(length, 0, name, own.revision, own.digest, self.cost, int(self.bridge), self.hops)
        return head + records


@dataclass(frozen=True, slots=True)
class Bpdu:
    """A configuration, RST or MST BPDU; times in seconds, carried in units of 1/256 s. `port` is its identifier."""

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
    region: MstInformation | None = None
    """An RST BPDU with this is an MST BPDU."""

    @property
    def role(self) -> RstRole:
        """The sender's port role, in an RST BPDU."""
        return RstRole(self.flags >> 2 & 3)

    @classmethod
    def parse(cls, data: bytes) -> Bpdu | TopologyChangeNotification:
        """Read a BPDU of any type; what follows it is ignored (clause 9.3.4).

        Raises MalformedPacket.
        """
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
            MstInformation.parse(data) if kind is BpduType.RST and data[2] >= MST_VERSION else None,
        )

    def to_bytes(self) -> bytes:
        """The BPDU: 35 octets, 36 for RST, 102 and 16 an instance for MST."""
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
        version = MST_VERSION if self.region is not None else 2 if rapid else 0
        more = self.region.to_bytes() if self.region is not None else b""
        return bytes((0, 0, version, self.type)) + body + (b"\0" if rapid else b"") + more


@dataclass(frozen=True, slots=True)
class TopologyChangeNotification:
    """A TCN BPDU: four octets."""

    def to_bytes(self) -> bytes:
        """The BPDU."""
        return bytes((0, 0, 0, BpduType.TCN))


AnyBpdu = Bpdu | TopologyChangeNotification


@dataclass(frozen=True, slots=True)
class RootLinkQuery:
    """BackboneFast's question whether a root still lives, or the answer: a configuration BPDU in SNAP of its own."""

    bpdu: Bpdu
    reply: bool = False

    def to_frame(self, source: MacAddress, tag: VlanTag | None = None) -> EthernetFrame:
        """As it is sent, to the group of PVST+."""
        protocol = SNAP_RLQ_RESPONSE if self.reply else SNAP_RLQ_REQUEST
        snap = Snap(OUI_CISCO, protocol, self.bpdu.to_bytes())
        return EthernetFrame.llc(PVST_GROUP, source, snap.to_bytes(), tag)


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


def parse_query(frame: EthernetFrame) -> RootLinkQuery | None:
    """The root link query in a frame; None: it is another one.

    Raises MalformedPacket.
    """
    llc = Llc.parse(frame.payload)
    if llc.dsap != SAP_SNAP:
        return None
    snap = Snap.parse(frame.payload)
    if snap.oui != OUI_CISCO or snap.protocol not in (SNAP_RLQ_REQUEST, SNAP_RLQ_RESPONSE):
        return None
    bpdu = Bpdu.parse(snap.payload)
    if not isinstance(bpdu, Bpdu):
        raise MalformedPacket("RLQ: a topology change notification")
    return RootLinkQuery(bpdu, snap.protocol == SNAP_RLQ_RESPONSE)


def parse_frame(frame: EthernetFrame) -> tuple[AnyBpdu, int | None]:
    """The BPDU in a frame, and the VLAN that its SSTP encapsulation names (None: it names none).

    Raises MalformedPacket.
    """
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
