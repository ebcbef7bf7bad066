"""The protocols that switches speak with each other: STP, DTP, CDP, LLDP, LACP, loopback."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.packets.cdp import CdpPacket
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dtp import DtpPacket, TrunkAdministrativeStatus, TrunkEncapsulation
from iosemu.packets.lacp import LacpPacket
from iosemu.packets.llc import SNAP_CDP, SNAP_DTP, SNAP_PAGP, SNAP_PVST, SNAP_UDLD, SNAP_VTP
from iosemu.packets.lldp import LldpPacket
from iosemu.packets.loop import LoopPacket
from iosemu.packets.pagp import PagpFlag, PagpPacket
from iosemu.packets.stp import Bpdu, BpduFlags, BpduType, MstInformation
from iosemu.packets.tlv import parse_tlvs
from iosemu.packets.udld import Flag as UdldFlag
from iosemu.packets.udld import Opcode as UdldOpcode
from iosemu.packets.udld import Tlv as UdldTlv
from iosemu.packets.udld import UdldPacket
from iosemu.packets.vtp import VtpCode, VtpJoin, VtpSubset, VtpSummary
from iosemu.packets.vtp import parse as parse_vtp

_CDP_TLVS = {
    1: "Device-ID",
    2: "Addresses",
    3: "Port-ID",
    4: "Capabilities",
    5: "Version",
    6: "Platform",
    9: "VTP Management Domain",
    10: "Native VLAN",
    11: "Duplex",
    22: "Management Addresses",
}
_UDLD_OPCODES = {each.value: each.name.capitalize() for each in UdldOpcode}
_UDLD_TLVS = {
    1: "Device ID",
    2: "Port ID",
    3: "Echo",
    4: "Message interval",
    5: "Timeout interval",
    6: "Device name",
    7: "Sequence number",
}
_VTP_CODES = {
    VtpCode.SUMMARY.value: "Summary Advertisement",
    VtpCode.SUBSET.value: "Subset Advertisement",
    VtpCode.REQUEST.value: "Advertisement Request",
    VtpCode.JOIN.value: "Join/Prune Message",
}
_DTP_TLVS = {1: "Domain", 2: "Trunk Status", 3: "Trunk Type", 4: "Neighbor"}
_LLDP_TLVS = {
    0: "End Of LLDPDU",
    1: "Chassis ID",
    2: "Port ID",
    3: "Time To Live",
    4: "Port Description",
    5: "System Name",
    6: "System Description",
    7: "System Capabilities",
    8: "Management Address",
    127: "Organizationally Specific",
}


def stp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A BPDU, bare or from SSTP."""
    bpdu = Bpdu.parse(data)
    b.layer("STP", at, at + len(data))
    b.hexadecimal("Protocol Identifier", at, 2)
    b.number("Protocol Version Identifier", at + 2, 1, {0: "STP", 2: "RSTP", 3: "MSTP"})
    b.number("BPDU Type", at + 3, 1, {kind.value: kind.name for kind in BpduType})
    if not isinstance(bpdu, Bpdu):
        b.say("STP", "Topology Change Notification")
        return
    flags = BpduFlags(bpdu.flags & ~0x0C)
    b.field("Flags", f"{bpdu.flags:#04x} {flags.name or ''}".strip(), at + 4, 1)
    b.field("Root Identifier", f"{bpdu.root.priority} / {bpdu.root.mac}", at + 5, 8)
    b.field("Root Path Cost", bpdu.root_path_cost, at + 13, 4)
    b.field("Bridge Identifier", f"{bpdu.bridge.priority} / {bpdu.bridge.mac}", at + 17, 8)
    b.field("Port Identifier", f"{bpdu.port:#06x}", at + 25, 2)
    times = (bpdu.message_age, bpdu.max_age, bpdu.hello_time, bpdu.forward_delay)
    for index, name in enumerate(("Message Age", "Max Age", "Hello Time", "Forward Delay")):
        b.field(name, f"{times[index]:g} s", at + 27 + 2 * index, 2)
    if data[36:40] == b"\0\0\0\2" and len(data) >= 42:
        b.field("Originating VLAN", data[40] << 8 | data[41], at + 40, 2)
    if bpdu.region is not None:
        mst_extension(b, bpdu.region, at)
    root = f"{bpdu.root.base_priority}/{bpdu.root.system_id_extension}/{bpdu.root.mac}"
    kind = "MST" if bpdu.region is not None else "RST" if bpdu.type is BpduType.RST else "Conf"
    change = "TC + " if flags & BpduFlags.TOPOLOGY_CHANGE else ""
    b.say("STP", f"{kind}. {change}Root = {root}  Cost = {bpdu.root_path_cost}  Port = {bpdu.port:#06x}")


def mst_extension(b: DissectionBuilder, region: MstInformation, at: int) -> None:
    """What an MST BPDU has after an RST BPDU: `at` is where the BPDU begins."""
    b.number("Version 3 Length", at + 36, 2)
    b.field("MST Config name", region.identifier.name, at + 39, 32)
    b.number("MST Config revision", at + 71, 2)
    b.field("MST Config digest", region.identifier.digest.hex(), at + 73, 16)
    b.field("CIST Internal Root Path Cost", region.cost, at + 89, 4)
    b.field("CIST Bridge Identifier", f"{region.bridge.priority} / {region.bridge.mac}", at + 93, 8)
    b.field("CIST Remaining hops", region.hops, at + 101, 1)
    for index, record in enumerate(region.records):
        start = at + 102 + 16 * index
        root = f"{record.root.base_priority} / {record.root.mac}"
        b.field(f"MSTID {record.instance} Flags", f"{record.flags:#04x}", start, 1)
        b.field(f"MSTID {record.instance} Regional Root", root, start + 1, 8)
        b.field(f"MSTID {record.instance} Internal root path cost", record.cost, start + 9, 4)
        b.field(f"MSTID {record.instance} Bridge Identifier Priority", record.bridge_priority, start + 13, 1)
        b.field(f"MSTID {record.instance} Port identifier priority", record.port_priority, start + 14, 1)
        b.field(f"MSTID {record.instance} Remaining hops", record.hops, start + 15, 1)


def pagp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A hello of PAgP."""
    packet = PagpPacket.parse(data)
    b.layer("PAgP", at, at + len(data))
    b.number("Version", at, 1, {1: "Info PDU", 2: "Flush PDU"})
    flags = ", ".join(each.name or "" for each in PagpFlag if packet.flags & each)
    b.field("Flags", flags or "none", at + 1, 1)
    for label, place, side in (("Local", at + 2, packet.own), ("Partner", at + 22, packet.partner)):
        b.field(f"{label} Device ID", side.device, place, 6)
        b.number(f"{label} Learn Capability", place + 6, 1)
        b.number(f"{label} Port Priority", place + 7, 1)
        b.number(f"{label} Sent Port ifindex", place + 8, 4)
        b.hexadecimal(f"{label} Group Capability", place + 12, 4)
        b.number(f"{label} Group ifindex", place + 16, 4)
    b.number("Partner Count", at + 42, 2)
    b.number("Number of TLVs", at + 44, 2)
    b.field("Device Name", packet.name, at + 46, len(data) - 46)
    b.field("Physical Port Name", packet.port, at + 46, len(data) - 46)
    b.say("PAgP", f"Port: {packet.port} Device: {packet.name}")


def udld(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A message of UDLD."""
    packet = UdldPacket.parse(data)
    b.layer("UDLD", at, at + len(data))
    b.field("Version", data[0] >> 5, at, 1)
    name = _UDLD_OPCODES.get(packet.opcode, str(packet.opcode))
    b.field("Opcode", f"{name} ({packet.opcode})", at, 1)
    flags = ", ".join(each.name or "" for each in UdldFlag if packet.flags & each)
    b.field("Flags", flags or "none", at + 1, 1)
    b.hexadecimal("Checksum", at + 2, 2)
    start = at + 4
    for kind, value in parse_tlvs(data[4:], "UDLD"):
        shown = "0x" + value.hex()
        if kind in (UdldTlv.DEVICE, UdldTlv.PORT, UdldTlv.NAME):
            shown = value.rstrip(b"\0").decode("latin-1")
        elif kind == UdldTlv.ECHO:
            shown = ", ".join(f"{device} {port}" for device, port in packet.echo) or "nobody"
        elif kind in tuple(UdldTlv):
            shown = str(int.from_bytes(value))
        b.field(_UDLD_TLVS.get(kind, f"TLV {kind}"), shown, start, len(value) + 4)
        start += len(value) + 4
    b.say("UDLD", f"{name}  Device ID: {packet.device}  Port ID: {packet.port}")


def dtp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A DTP advertisement."""
    packet = DtpPacket.parse(data)
    b.layer("DTP", at, at + len(data))
    b.number("Version", at, 1)
    _tlv_fields(b, data[1:], at + 1, "DTP", _DTP_TLVS)
    names = {status.value: status.name.capitalize() for status in TrunkAdministrativeStatus}
    encapsulations = {kind.value: kind.name for kind in TrunkEncapsulation}
    state = "Trunk" if packet.trunking else "Access"
    status = names.get(packet.administrative_status, str(packet.administrative_status))
    kind = encapsulations.get(packet.administrative_type, str(packet.administrative_type))
    b.say("DTP", f"{state}/{status}, {kind}, neighbor {packet.neighbor}")


def cdp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A CDP advertisement."""
    packet = CdpPacket.parse(data)
    b.layer("CDP", at, at + len(data))
    b.number("Version", at, 1)
    b.field("TTL", f"{packet.ttl} s", at + 1, 1)
    b.hexadecimal("Checksum", at + 2, 2)
    _tlv_fields(b, data[4:], at + 4, "CDP", _CDP_TLVS)
    b.say("CDP", f"Device ID: {packet.device_id}  Port ID: {packet.port_id}")


def vtp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A VTP message."""
    message = parse_vtp(data)
    b.layer("VTP", at, at + len(data))
    b.number("Version", at, 1)
    code = b.number("Code", at + 1, 1, _VTP_CODES)
    b.field("Management Domain", message.domain, at + 4, 32)
    said = _VTP_CODES[code]
    if isinstance(message, VtpSummary):
        b.number("Followers", at + 2, 1)
        b.number("Configuration Revision Number", at + 36, 4)
        b.field("Updater Identity", message.updater, at + 40, 4)
        b.field("Update Timestamp", message.stamp, at + 44, 12)
        b.hexadecimal("MD5 Digest", at + 56, 16)
        said += f", Revision: {message.revision}, Followers: {message.followers}"
    elif isinstance(message, VtpSubset):
        b.number("Sequence Number", at + 2, 1)
        b.number("Configuration Revision Number", at + 36, 4)
        place = at + 40
        for vlan in message.vlans:
            length = data[place - at]
            b.field("VLAN Information", f"VLAN ID: {vlan.number}, {vlan.name}, MTU {vlan.mtu}", place, length)
            place += length
        said += f", Seq: {message.sequence}, Revision: {message.revision}"
    elif isinstance(message, VtpJoin):
        b.field("Advertised active VLANs", ", ".join(map(str, sorted(message.vlans))), at + 40, 128)
    b.say("VTP", said)


def lldp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """An LLDPDU."""
    packet = LldpPacket.parse(data)
    b.layer("LLDP", at, at + len(data))
    offset = 0
    kind = 1
    while kind:
        head = data[offset] << 8 | data[offset + 1]
        kind, length = head >> 9, head & 0x1FF
        value = data[offset + 2 : offset + 2 + length]
        text = _readable(value) if kind in (4, 5, 6) else "0x" + value.hex()
        b.field(_LLDP_TLVS.get(kind, f"TLV {kind}"), text, at + offset, length + 2)
        offset += length + 2
    name = packet.system_name or str(packet.chassis)
    b.say("LLDP", f"{name} {packet.port_id} TTL = {packet.ttl}")


def lacp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """An LACPDU."""
    packet = LacpPacket.parse(data)
    b.layer("LACP", at, at + 110)
    b.number("Subtype", at, 1, {1: "LACP"})
    b.number("Version", at + 1, 1)
    for name, side, start in (("Actor", packet.actor, at + 2), ("Partner", packet.partner, at + 22)):
        b.field(f"{name} System Priority", side.system_priority, start + 2, 2)
        b.field(f"{name} System", side.system, start + 4, 6)
        b.field(f"{name} Key", side.key, start + 10, 2)
        b.field(f"{name} Port Priority", side.port_priority, start + 12, 2)
        b.field(f"{name} Port", side.port, start + 14, 2)
        b.hexadecimal(f"{name} State", start + 16, 1)
    b.field("Collector Max Delay", packet.collector_max_delay, at + 44, 2)
    b.say("LACP", f"Actor {packet.actor.system} port {packet.actor.port} key {packet.actor.key}")


def loop(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A loopback message."""
    packet = LoopPacket.parse(data)
    b.layer("LOOP", at, at + 6)
    b.field("Skip Count", packet.skip, at, 2)
    b.field("Function", "Reply (1)" if packet.function == 1 else packet.function, at + 2, 2)
    b.field("Receipt Number", packet.receipt, at + 4, 2)
    b.say("LOOP", "Reply" if packet.function == 1 else f"Function {packet.function}")


CISCO: dict[int, Callable[[DissectionBuilder, bytes, int], None]] = {
    SNAP_CDP: cdp,
    SNAP_DTP: dtp,
    SNAP_PAGP: pagp,
    SNAP_UDLD: udld,
    SNAP_VTP: vtp,
    SNAP_PVST: stp,
}
"""Readers by the SNAP protocol number under Cisco's organization code."""


def _tlv_fields(b: DissectionBuilder, data: bytes, at: int, protocol: str, names: dict[int, str]) -> None:
    for kind, value in parse_tlvs(data, protocol):
        b.field(names.get(kind, f"Type {kind:#06x}"), _readable(value), at, len(value) + 4)
        at += len(value) + 4


def _readable(value: bytes) -> str:
    """Text if it is text, hexadecimal otherwise."""
    text = value.rstrip(b"\0")
    if text and all(32 <= octet < 127 or octet in b"\r\n" for octet in text):
        return text.decode("ascii")
    return "0x" + value.hex() if value else ""
