"""LLDP: `lldp …` and `show lldp …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.net.neighbors import Neighbor
from iosemu.packets import lldp_med
from iosemu.packets.lldp import LldpCapability, LldpPacket
from iosemu.packets.lldp_med import CONNECTIVITY, NetworkPolicy, Organizational, Phy
from iosemu.subjects.discovery.config import LldpConfig, LldpPort
from iosemu.subjects.discovery.service import Discovery, DiscoveryCounters

_LETTERS = (
    (LldpCapability.BRIDGE, "B"),
    (LldpCapability.DOCSIS, "C"),
    (LldpCapability.OTHER, "O"),
    (LldpCapability.REPEATER, "P"),
    (LldpCapability.ROUTER, "R"),
    (LldpCapability.STATION, "S"),
    (LldpCapability.TELEPHONE, "T"),
    (LldpCapability.WLAN_ACCESS_POINT, "W"),
)
_CODES = (
    "Capability codes:",
    "    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device",
    "    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other",
    "",
)
_MEDIA = (
    (0x0001, "1000baseT(FD)"),
    (0x0002, "1000baseT(HD)"),
    (0x0400, "100base-TX(FD)"),
    (0x0800, "100base-TX(HD)"),
    (0x2000, "10base-T(FD)"),
    (0x4000, "10base-T(HD)"),
)
"""Bits of `ifMauAutoNegCapabilityBits` (RFC 4836), in the order of shows."""
_MED_CODES = (
    (lldp_med.CAN_POLICY, "NP"),
    (lldp_med.CAN_LOCATION, "LI"),
    (lldp_med.CAN_POWER_PSE, "PS"),
    (lldp_med.CAN_POWER_PD, "PD"),
    (lldp_med.CAN_INVENTORY, "IN"),
)
_INVENTORY = (
    (lldp_med.HARDWARE, "H/W revision"),
    (lldp_med.FIRMWARE, "F/W revision"),
    (lldp_med.SOFTWARE, "S/W revision"),
    (lldp_med.SERIAL, "Serial number"),
    (lldp_med.MANUFACTURER, "Manufacturer"),
    (lldp_med.MODEL, "Model"),
    (lldp_med.ASSET, "Asset ID"),
)
_APPLICATIONS = {1: "Voice", 2: "Voice Signal", 3: "Guest Voice", 6: "Video Conferencing"}
_SOURCES = {1: "Primary", 2: "Backup", 3: "Primary and Backup"}
_PRIORITIES = {1: "Critical", 2: "High", 3: "Low"}
_OFF = "% LLDP is not enabled"
_NAME = 20


def _letters(capabilities: int | None) -> str:
    return ",".join(letter for flag, letter in _LETTERS if (capabilities or 0) & flag)


def _neighbors(context: Context, port: str | None = None) -> list[Neighbor[LldpPacket]]:
    discovery: Discovery = context.device.service(Discovery)
    return [each for each in discovery.lldp.neighbors(context.device.now) if port in (None, each.local_port)]


def show(context: Context) -> Iterator[str]:
    """`show lldp`."""
    config: LldpConfig = context.device.config.of(LldpConfig)
    if not config.enabled:
        yield _OFF
        return
    yield ""
    yield "Global LLDP Information:"
    yield "    Status: ACTIVE"
    yield f"    LLDP advertisements are sent every {config.timer} seconds"
    yield f"    LLDP hold time advertised is {config.holdtime} seconds"
    yield f"    LLDP interface reinitialisation delay is {config.reinit} seconds"


def show_neighbors(context: Context, port: str | None = None, detail: bool = False) -> Iterator[str]:
    """`show lldp neighbors [X] [detail]`."""
    if not context.device.config.of(LldpConfig).enabled:
        yield _OFF
        return
    found = _neighbors(context, port)
    if not detail:
        yield from _CODES
        yield "Device ID           Local Intf     Hold-time  Capability      Port ID"
        for neighbor in found:
            packet = neighbor.packet
            name = (packet.system_name or packet.chassis_id)[:_NAME]
            letters = _letters(packet.enabled_capabilities)
            yield (
                f"{name:<{_NAME}}{short_name(neighbor.local_port):<15}{packet.ttl:<11}{letters:<16}"
                f"{packet.port_id}"
            )
    else:
        for neighbor in found:
            yield from _detail(context, neighbor)
    yield ""
    yield f"Total entries displayed: {len(found)}"
    yield ""


def _detail(context: Context, neighbor: Neighbor[LldpPacket]) -> Iterator[str]:
    packet = neighbor.packet
    missing = "- not advertised"
    yield "------------------------------------------------"
    yield f"Local Intf: {short_name(neighbor.local_port)}"
    yield f"Chassis id: {packet.chassis_id}"
    yield f"Port id: {packet.port_id}"
    yield f"Port Description{f': {packet.port_description}' if packet.port_description else f' {missing}'}"
    yield f"System Name{f': {packet.system_name}' if packet.system_name else f' {missing}'}"
    yield ""
    yield "System Description: "
    yield from (packet.system_description or missing).split("\n")
    yield ""
    yield f"Time remaining: {neighbor.holdtime(context.device.now)} seconds"
    yield f"System Capabilities: {_letters(packet.capabilities)}"
    yield f"Enabled Capabilities: {_letters(packet.enabled_capabilities)}"
    if packet.management_address is not None:
        yield "Management Addresses:"
        yield f"    IP: {packet.management_address}"
    else:
        yield f"Management Addresses {missing}"
    organizational = Organizational.of(packet.other)
    yield from _phy(organizational.phy)
    yield f"Vlan ID: {'- not advertised' if organizational.vlan is None else organizational.vlan}"
    yield ""
    if organizational.capabilities is not None:
        yield from _med(organizational)


def _phy(phy: Phy | None) -> Iterator[str]:
    """How a neighbor's port negotiates."""
    if phy is None:
        yield "Auto Negotiation - not supported"
        yield "Physical media capabilities - not advertised"
        yield "Media Attachment Unit type - not advertised"
        return
    able, on = ("" if each else "not " for each in (phy.supported, phy.enabled))
    yield f"Auto Negotiation - {able}supported, {on}enabled"
    media = [name for bit, name in _MEDIA if phy.media & bit]
    if media:
        yield "Physical media capabilities:"
        yield from (f"    {name}" for name in media)
    else:
        yield "Physical media capabilities - not advertised"
    yield (
        f"Media Attachment Unit type: {phy.mau}" if phy.mau else "Media Attachment Unit type - not advertised"
    )


def _med(said: Organizational) -> Iterator[str]:
    """What a neighbor says by LLDP-MED (Catalyst 3560 command reference, `show lldp neighbors detail`)."""
    yield "MED Information:"
    yield ""
    yield "    MED Codes:"
    yield "          (NP) Network Policy, (LI) Location Identification"
    yield "          (PS) Power Source Entity, (PD) Power Device"
    yield "          (IN) Inventory"
    yield ""
    inventory = dict(said.inventory)
    for subtype, label in _INVENTORY:
        if subtype in inventory:
            yield f"    {label}: {inventory[subtype]}"
    able = [code for bit, code in _MED_CODES if (said.capabilities or 0) & bit]
    yield f"    Capabilities: {', '.join(able)}"
    kind = (
        "Network Connectivity"
        if said.device_class == CONNECTIVITY
        else "Endpoint Class " + "I" * said.device_class
    )
    yield f"    Device type: {kind}"
    for each in said.policies:
        yield f"    Network Policy({_APPLICATIONS.get(each.application, each.application)}): {_policy(each)}"
    if said.power is not None:
        kind, source = ("PD" if said.power.kind == 1 else "PSE"), _SOURCES.get(said.power.source, "Unknown")
        priority = _PRIORITIES.get(said.power.priority, "Unknown")
        watts = f"{said.power.tenths / 10:.1f}"
        yield f"    {kind} device, Power source: {source}, Power Priority: {priority}, Wattage: {watts}"
    yield "    Location - not advertised"
    yield ""


def _policy(policy: NetworkPolicy) -> str:
    if policy.unknown:
        return "VLAN unknown"
    vlan = f"VLAN {policy.vlan}, tagged" if policy.tagged else "VLAN untagged"
    return f"{vlan}, Layer-2 priority: {policy.priority}, DSCP: {policy.dscp}"


def show_entry(context: Context, which: str) -> Iterator[str]:
    """`show lldp entry NAME|*`."""
    if not context.device.config.of(LldpConfig).enabled:
        yield _OFF
        return
    found = [each for each in _neighbors(context) if which in ("*", each.packet.system_name)]
    for neighbor in found:
        yield from _detail(context, neighbor)
    yield ""
    yield f"Total entries displayed: {len(found)}"
    yield ""


def show_interface(context: Context, port: str | None = None) -> Iterator[str]:
    """`show lldp interface [X]`."""
    if not context.device.config.of(LldpConfig).enabled:
        yield _OFF
        return
    for name, interface in list(context.device.interfaces.items()):
        if interface.is_physical and port in (None, name):
            config = interface.config
            up = interface.protocol_up
            yield ""
            yield f"{name}:"
            yield f"    Tx: {'enabled' if config.of(LldpPort).transmit else 'disabled'}"
            yield f"    Rx: {'enabled' if config.of(LldpPort).receive else 'disabled'}"
            yield f"    Tx state: {'IDLE' if up else 'INIT'}"
            yield f"    Rx state: {'WAIT FOR FRAME' if up else 'WAIT PORT OPER'}"


def show_traffic(context: Context) -> Iterator[str]:
    """`show lldp traffic`."""
    discovery = context.device.service(Discovery)
    discovery.lldp.tick(context.device.now)
    counters: DiscoveryCounters = discovery.lldp_counters
    yield ""
    yield "LLDP traffic statistics:"
    yield f"  Total frames out: {counters.sent}"
    yield f"  Total entries aged: {discovery.lldp.aged}"
    yield f"  Total frames in: {counters.received}"
    yield f"  Total frames received in error: {counters.malformed}"
    yield f"  Total frames discarded: {counters.malformed}"
    yield "  Total TLVs discarded: 0"
    yield "  Total TLVs unrecognized: 0"


def show_errors(context: Context) -> Iterator[str]:
    """`show lldp errors`: nothing here runs out of memory or of room in a table."""
    yield ""
    yield "LLDP errors/overflows:"
    yield "    Total memory allocation failures: 0"
    yield "    Total encapsulation failures: 0"
    yield "    Total input queue overflows: 0"
    yield "    Total table overflows: 0"


def tlv_select(context: Context, name: str) -> Output:
    """`[no] lldp tlv-select NAME`."""
    config: LldpConfig = context.device.config.of(LldpConfig)
    (config.without.add if context.negated else config.without.discard)(name)
    return None


def med_tlv_select(context: Context, name: str) -> Output:
    """`[no] lldp med-tlv-select NAME`."""
    port = context.edited(InterfaceConfig).of(LldpPort)
    (port.without_med.add if context.negated else port.without_med.discard)(name)
    return None


def clear_table(context: Context) -> Output:
    """`clear lldp table`."""
    context.device.service(Discovery).lldp.clear()
    return None


def clear_counters(context: Context) -> Output:
    """`clear lldp counters`."""
    discovery = context.device.service(Discovery)
    discovery.lldp.tick(context.device.now)
    discovery.lldp_counters, discovery.lldp.aged = DiscoveryCounters(), 0
    return None
