"""CDP: `cdp …` and `show cdp …`."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.interface import Interface
from iosemu.handling.context import Context
from iosemu.handling.effects import Output
from iosemu.ip.serial import SerialLines
from iosemu.net.neighbors import Neighbor
from iosemu.packets.cdp import CLUSTER_HELLO, POWER_AVAILABLE, PROTOCOL_HELLO, CdpCapability, CdpPacket
from iosemu.subjects.discovery.config import CdpConfig, CdpPort
from iosemu.subjects.discovery.service import Discovery, DiscoveryCounters


@dataclass(frozen=True)
class CdpStyle:
    """How an image prints the table of neighbors."""

    stem: ClassVar[str] = "cdp"
    codes: tuple[str, ...] = (
        "Capability Codes: R - Router, T - Trans Bridge, B - Source Route Bridge",
        "                  S - Switch, H - Host, I - IGMP, r - Repeater, P - Phone, ",
        "                  D - Remote, C - CVTA, M - Two-port Mac Relay ",
        "",
    )
    columns: tuple[int, ...] = (17, 18, 11, 12, 10)
    """Widths of device, interface, holdtime, capability and platform."""
    heading: str = "Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID"
    total: bool = True


_CODES = (
    (CdpCapability.ROUTER, "R", "Router"),
    (CdpCapability.TRANS_BRIDGE, "T", "Trans-Bridge"),
    (CdpCapability.SOURCE_ROUTE_BRIDGE, "B", "Source-Route-Bridge"),
    (CdpCapability.SWITCH, "S", "Switch"),
    (CdpCapability.HOST, "H", "Host"),
    (CdpCapability.IGMP, "I", "IGMP"),
    (CdpCapability.REPEATER, "r", "Repeater"),
)
_OFF = "% CDP is not enabled"


def _port(name: str) -> str:
    """`FastEthernet0/1` -> `Fas 0/1`."""
    match = re.match(r"([A-Za-z-]+)\s*(\S*)", name)
    return f"{match[1][:3]} {match[2]}" if match else name


def _neighbors(context: Context, port: str | None = None) -> list[Neighbor[CdpPacket]]:
    discovery: Discovery = context.device.service(Discovery)
    return [each for each in discovery.cdp.neighbors(context.device.now) if port in (None, each.local_port)]


def show(context: Context) -> Iterator[str]:
    """`show cdp`."""
    config: CdpConfig = context.device.config.of(CdpConfig)
    if not config.enabled:
        yield _OFF
        return
    yield "Global CDP information:"
    yield f"\tSending CDP packets every {config.timer} seconds"
    yield f"\tSending a holdtime value of {config.holdtime} seconds"
    yield f"\tSending CDPv2 advertisements is {' ' if config.advertise_v2 else 'not '}enabled"


def show_neighbors(context: Context, port: str | None = None, detail: bool = False) -> Iterator[str]:
    """`show cdp neighbors [X] [detail]`."""
    if not context.device.config.of(CdpConfig).enabled:
        yield _OFF
        return
    found = _neighbors(context, port)
    style = context.device.image.style(CdpStyle)
    if detail:
        yield from _details(context, found, style.total)
        return
    name, local, hold, capability, platform = style.columns
    yield from style.codes
    yield style.heading
    for neighbor in found:
        packet = neighbor.packet
        letters = " ".join(letter for flag, letter, _ in _CODES if packet.capabilities & flag)
        rest = (
            f"{_port(neighbor.local_port):<{local}}{neighbor.holdtime(context.device.now):<{hold}}"
            f"{' ' * max(7 - len(letters) // 2, 0) + letters:<{capability}}"
            f"{_short_platform(packet.platform, platform - 1):<{platform}}{_port(packet.port_id)}"
        )
        if len(packet.device_id) < name:
            yield f"{packet.device_id:<{name}}{rest}"
        else:
            yield packet.device_id
            yield " " * name + rest
    if style.total:
        yield ""
        yield f"Total cdp entries displayed : {len(found)}"


def _short_platform(text: str, width: int) -> str:
    return re.sub(r"^cisco ", "", text, flags=re.IGNORECASE)[:width]


def _detail(context: Context, neighbor: Neighbor[CdpPacket]) -> Iterator[str]:
    packet = neighbor.packet
    words = " ".join(word for flag, _, word in _CODES if packet.capabilities & flag)
    yield "-------------------------"
    yield f"Device ID: {packet.device_id}"
    yield "Entry address(es): "
    yield from (f"  IP address: {address}" for address in packet.addresses)
    yield f"Platform: {packet.platform},  Capabilities: {words} "
    yield f"Interface: {neighbor.local_port},  Port ID (outgoing port): {packet.port_id}"
    yield f"Holdtime : {neighbor.holdtime(context.device.now)} sec"
    yield ""
    yield "Version :"
    yield from packet.software_version.split("\n")
    yield ""
    yield f"advertisement version: {packet.version}"
    other = dict(packet.other)
    hello = other.get(PROTOCOL_HELLO, b"")
    if len(hello) > len(CLUSTER_HELLO):
        yield (
            f"Protocol Hello:  OUI=0x{hello[:3].hex().upper()}, Protocol ID=0x{hello[3:5].hex().upper()}; "
            f"payload len={len(hello) - 5}, value={hello[5:].hex().upper()}"
        )
    if packet.vtp_domain is not None:
        yield f"VTP Management Domain: '{packet.vtp_domain}'"
    if packet.native_vlan is not None:
        yield f"Native VLAN: {packet.native_vlan}"
    if packet.full_duplex is not None:
        yield f"Duplex: {'full' if packet.full_duplex else 'half'}"
    power = other.get(POWER_AVAILABLE, b"")
    if len(power) == 12:
        request, management, available, level = struct.unpack(">HHII", power)
        yield "Power Available TLV:"
        yield ""
        yield (
            f"    Power request id: {request}, Power management id: {management}, "
            f"Power available: {available}, Power management level: {level - (1 << 32) if level >> 31 else level}"
        )
    if packet.management_addresses:
        yield "Management address(es): "
        yield from (f"  IP address: {address}" for address in packet.management_addresses)
    yield ""


def _details(context: Context, found: list[Neighbor[CdpPacket]], total: bool) -> Iterator[str]:
    for neighbor in found:
        yield from _detail(context, neighbor)
    if total:
        yield ""
        yield f"Total cdp entries displayed : {len(found)}"


def show_entry(context: Context, which: str) -> Iterator[str]:
    """`show cdp entry NAME|*`."""
    if not context.device.config.of(CdpConfig).enabled:
        yield _OFF
        return
    found = [each for each in _neighbors(context) if which in ("*", each.packet.device_id)]
    yield from _details(context, found, context.device.image.style(CdpStyle).total)


def show_interface(context: Context, port: str | None = None) -> Iterator[str]:
    """`show cdp interface [X]`."""
    config: CdpConfig = context.device.config.of(CdpConfig)
    if not config.enabled:
        yield _OFF
        return
    shown: list[Interface] = [
        each
        for name, each in context.device.interfaces.items()
        if each.is_physical and each.config.of(CdpPort).enabled and port in (None, name)
    ]
    lines = context.device.find(SerialLines)
    for interface in shown:
        protocol = "up" if interface.protocol_up else "down"
        yield f"{interface.name} is {interface.state.value}, line protocol is {protocol}"
        line = lines.protocol_of(interface.name) if lines is not None else None
        yield f"  Encapsulation {'ARPA' if line is None else line.name}"
        yield f"  Sending CDP packets every {config.timer} seconds"
        yield f"  Holdtime is {config.holdtime} seconds"
    if port is None:
        up = sum(interface.protocol_up for interface in shown)
        yield ""
        yield f" cdp enabled interfaces : {len(shown)}"
        yield f" interfaces up          : {up}"
        yield f" interfaces down        : {len(shown) - up}"


def show_traffic(context: Context) -> Iterator[str]:
    """`show cdp traffic`."""
    counters: DiscoveryCounters = context.device.service(Discovery).cdp_counters
    yield "CDP counters :"
    yield f"\tTotal packets output: {counters.sent}, Input: {counters.received}"
    yield f"\tHdr syntax: 0, Chksum error: {counters.malformed}, Encaps failed: 0"
    yield "\tNo memory: 0, Invalid packet: 0, "
    yield "\tCDP version 1 advertisements output: 0, Input: 0"
    yield f"\tCDP version 2 advertisements output: {counters.sent}, Input: {counters.received}"


def clear_table(context: Context) -> Output:
    """`clear cdp table`."""
    context.device.service(Discovery).cdp.clear()
    return None


def clear_counters(context: Context) -> Output:
    """`clear cdp counters`."""
    context.device.service(Discovery).cdp_counters = DiscoveryCounters()
    return None
