"""LLDP: `lldp …` and `show lldp …`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.net.neighbors import Neighbor
from iosemu.packets.lldp import LldpCapability, LldpPacket
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
            name = (packet.system_name or packet.chassis.dotted)[:_NAME]
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
    yield f"Chassis id: {packet.chassis.dotted}"
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
    yield "Auto Negotiation - not supported"
    yield "Physical media capabilities - not advertised"
    yield "Media Attachment Unit type - not advertised"
    yield "Vlan ID: - not advertised"
    yield ""


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
