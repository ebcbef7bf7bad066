"""`show interfaces`, `show protocols`, `clear counters`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.clock_text import hms, span
from iosemu.box.counters import Load
from iosemu.box.device import Device
from iosemu.box.interface import Interface, LinkState
from iosemu.box.interface_types import Medium, short_name
from iosemu.box.subject import Forwarding
from iosemu.bridging.bridge import Bridge
from iosemu.handling.context import Context
from iosemu.handling.effects import Confirm, InvalidArgument, Steps
from iosemu.ip.config import IpSettings, described_address
from iosemu.ip.routed import Dot1q
from iosemu.ip.serial import SerialLines, SerialSettings
from iosemu.ip.stack import IpStack
from iosemu.subjects.ip.show.ip import listed, status
from iosemu.subjects.tunnel import commands as tunnel
from iosemu.subjects.tunnel.config import Tunnel

TUNNEL_MTU = 17940
"""Octets that `show interfaces` gives a tunnel before its headers."""


@dataclass(frozen=True)
class InterfaceStyle:
    """How `show interfaces` prints."""

    stem: ClassVar[str] = "interface"
    bandwidth_unit: str = "Kbit/sec"
    no_buffer: bool = True
    """A router tells how often it had no buffer."""
    own_lines: bool = True
    """Runts stand below the broadcasts; flow control, pauses and unknown protocols are told."""


def ago(now: float, when: float | None) -> str:
    """`never`, `00:00:07`, `1d02h`, `3w4d`, `1y2w`: how IOS says how long ago."""
    if when is None:
        return "never"
    return span(now - when)


def show_interfaces(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X]`."""
    device = context.device
    if interface is not None and interface not in device.interfaces:
        raise InvalidArgument("interface")
    for each in list(listed(device)):
        if interface in (None, each.name):
            yield from _describe(device, each)


def _of_switch(interface: Interface) -> bool:
    """Whether it is a port on switching hardware, or what the software of a switch made."""
    device: Device = interface.device
    if interface.is_physical:
        return interface.name in device.switch_ports
    return interface.type.switched or device.is_switch


def _headline(interface: Interface) -> str:
    line = "up" if interface.protocol_up else "down"
    if interface.err_disabled:
        return f"{interface.name} is down, line protocol is down (err-disabled)"
    note = f" ({interface.note})" if interface.note else ""
    if interface.is_physical and interface.device.is_switch:
        if interface.device.service(Bridge).is_monitor_destination(interface.name) and interface.line_up:
            note = " (monitoring)"
        elif interface.line_up:
            note = " (connected)"
        else:
            note = " (disabled)" if interface.state is LinkState.ADMIN_DOWN else " (notconnect)"
    return f"{interface.name} is {status(interface)}, line protocol is {line}{note}"


def _describe(device: Device, interface: Interface) -> Iterator[str]:
    config = interface.config
    now = device.now
    style = device.image.style(InterfaceStyle)
    yield _headline(interface)
    if interface.type.medium is not Medium.ETHERNET:
        yield f"  Hardware is {interface.type.hardware}"
    else:
        mac = interface.mac
        hardware = interface.type.hardware
        if interface.is_physical and _of_switch(interface):
            hardware = "Fast Ethernet" if interface.kind == "FastEthernet" else "Gigabit Ethernet"
        yield f"  Hardware is {hardware}, address is {mac} (bia {interface.burned_in_mac})"
    if config.description:
        yield f"  Description: {config.description}"
    if config.of(IpSettings).address is not None:
        yield f"  {described_address(config.of(IpSettings))}"
    elif config.of(IpSettings).dhcp:
        yield "  Internet address will be negotiated using DHCP"
    elif config.of(IpSettings).negotiated:
        yield "  Internet address will be negotiated using IPCP"
    tx, rx = (load.share(now, interface.bandwidth) for load in _loads(interface))
    settings = config.held(Tunnel)
    mtu = config.mtu if settings is None else TUNNEL_MTU - settings.header
    yield f"  MTU {mtu} bytes, BW {interface.bandwidth} {style.bandwidth_unit}, DLY {interface.delay} usec, "
    yield f"     reliability 255/255, txload {tx}/255, rxload {rx}/255"
    yield from _encapsulation(interface, style)
    if config.of(Dot1q).vlan is not None and style.own_lines:
        # a subinterface has no queues and counters of its own
        yield "  Keepalive set (10 sec)"
        yield f'  Last clearing of "show interface" counters {ago(now, interface.counters.cleared)}'
        return
    if config.parent is not None and interface.serial:
        yield f'  Last clearing of "show interface" counters {ago(now, interface.counters.cleared)}'
        return
    yield from _timing(interface, now)
    yield from _counters(interface, style)


def _loads(interface: Interface) -> tuple[Load, Load]:
    return interface.counters.out_load, interface.counters.in_load


def _encapsulation(interface: Interface, style: InterfaceStyle) -> Iterator[str]:
    device: Device = interface.device
    config = interface.config
    if interface.kind == "Loopback":
        yield "  Encapsulation LOOPBACK, loopback not set"
        yield "  Keepalive set (10 sec)"
        return
    lines = device.find(SerialLines)
    line = lines.protocol_of(config.parent or interface.name) if lines is not None else None
    if interface.type.medium is Medium.SERIAL or line is not None:
        if config.parent is not None and line is not None:
            yield f"  Encapsulation {line.name}"
            return
        name = config.of(SerialSettings).encapsulation.upper()
        told = [f"{name}, loopback not set"] if line is None else line.describe()
        yield f"  Encapsulation {told[0]}"
        yield from (f"  {each}" for each in told[1:])
        if interface.config.parent is not None:
            return
        yield f"  Keepalive set ({config.keepalive} sec)" if config.keepalive else "  Keepalive not set"
        if line is not None:
            yield from (f"  {each}" for each in line.details())
        if not interface.is_physical:
            return
        yield "  CRC checking enabled"
        return
    settings = config.held(Tunnel)
    if settings is not None:
        yield from tunnel.describe(device, interface.name, settings)
        return
    if config.of(Dot1q).vlan is not None:
        yield f"  Encapsulation 802.1Q Virtual LAN, Vlan ID  {config.of(Dot1q).vlan}."
    else:
        yield "  Encapsulation ARPA, loopback not set"
    if interface.is_physical:
        yield (
            "  Keepalive not set" if config.keepalive is None else f"  Keepalive set ({config.keepalive} sec)"
        )
        yield f"  {_duplex(interface, style)}"
        if style.own_lines and _is_gigabit_router(interface):
            yield "  output flow-control is unsupported, input flow-control is unsupported"
        elif style.own_lines and _of_switch(interface):
            yield "  input flow-control is off, output flow-control is unsupported "
    elif interface.kind == "Vlan" and style.own_lines:
        yield "  Keepalive not supported"
    if style.own_lines or not (
        interface.is_physical and interface.device.composition.forwarding is Forwarding.NEVER
    ):
        yield f"  ARP type: ARPA, ARP Timeout {hms(config.of(IpSettings).arp_timeout)}"


def _is_gigabit_router(interface: Interface) -> bool:
    return not _of_switch(interface) and interface.kind == "GigabitEthernet"


def _duplex(interface: Interface, style: InterfaceStyle) -> str:
    config = interface.config
    media = interface.type.media
    words = ("Auto-duplex", "Auto-speed", "Half-duplex", "Full-duplex")
    gigabit = interface.kind == "GigabitEthernet"
    rate = interface.hardware_bandwidth // 1000
    speed = f"{rate}Mb/s"
    if _of_switch(interface):
        media = f"media type is {'10/100/1000BaseTX' if gigabit and style.own_lines else '10/100BaseTX'}"
    elif gigabit and style.own_lines:
        words = ("Auto Duplex", "Auto Speed", "Half Duplex", "Full Duplex")
        speed = f"{rate // 1000}Gbps" if rate >= 1000 else f"{rate}Mbps"
    if not interface.line_up and config.duplex == "auto":
        return f"{words[0]}, {words[1]}, {media}" if config.speed == "auto" else f"{words[0]}, {media}"
    return f"{words[2] if config.duplex == 'half' else words[3]}, {speed}, {media}"


def _timing(interface: Interface, now: float) -> Iterator[str]:
    counters = interface.counters
    received, sent = ago(now, counters.last_input), ago(now, counters.last_output)
    yield f"  Last input {received}, output {sent}, output hang never"
    yield f'  Last clearing of "show interface" counters {ago(now, counters.cleared)}'
    drops = f"Total output drops: {counters.out_drops}"
    yield f"  Input queue: 0/{interface.hold_in}/{counters.in_drops}/0 (size/max/drops/flushes); {drops}"
    if interface.egress is not None:
        yield from interface.egress.describe()
    else:
        yield "  Queueing strategy: fifo"
        yield f"  Output queue: 0/{interface.hold_out} (size/max)"
    minutes = interface.config.load_interval
    label = f"{minutes // 60} minute" if minutes % 60 == 0 else f"{minutes} second"
    for word, load in (("input", counters.in_load), ("output", counters.out_load)):
        bits, packets = load.rates(now)
        if bits >= 1000:
            bits = bits // 1000 * 1000
        yield f"  {label} {word} rate {bits} bits/sec, {packets} packets/sec"


def _counters(interface: Interface, style: InterfaceStyle) -> Iterator[str]:
    c = interface.counters
    router = not _of_switch(interface)
    no_buffer = ", 0 no buffer" if style.no_buffer or not router else ""
    yield f"     {c.in_packets} packets input, {c.in_octets} bytes{no_buffer}"
    group = c.in_broadcasts + c.in_multicasts
    if style.own_lines:
        word = "multicasts" if interface.is_physical and not router else "IP multicasts"
        yield f"     Received {group} broadcasts ({c.in_multicasts if not router else 0} {word})"
        yield f"     {c.in_runts} runts, {c.in_giants} giants, 0 throttles "
    else:
        multicasts = f" ({c.in_multicasts} multicasts)" if not router else ""
        yield f"     Received {group} broadcasts{multicasts}, {c.in_runts} runts, {c.in_giants} giants, 0 throttles"
    serial = interface.type.medium is Medium.SERIAL
    abort = ", 0 abort" if serial else ""
    yield f"     {c.in_errors} input errors, {c.in_crc} CRC, 0 frame, 0 overrun, {c.in_ignored} ignored{abort}"
    gigabit = _is_gigabit_router(interface) and style.own_lines
    pause = interface.is_physical and (gigabit or not router)
    if interface.is_physical and not serial:
        yield f"     0 watchdog, {c.in_multicasts} multicast, 0 pause input" if pause else "     0 watchdog"
        if not gigabit:
            yield "     0 input packets with dribble condition detected"
    yield f"     {c.out_packets} packets output, {c.out_octets} bytes, 0 underruns"
    collisions = "" if interface.kind == "Vlan" and style.own_lines else "0 collisions, "
    yield f"     {c.out_errors} output errors, {collisions}{c.resets} interface resets"
    if style.own_lines or (interface.is_physical and router):
        yield f"     {c.in_unknown_protocol} unknown protocol drops"
    if interface.is_physical and not serial:
        yield "     0 babbles, 0 late collision, 0 deferred"
        yield f"     0 lost carrier, 0 no carrier{', 0 pause output' if pause and style.own_lines else ''}"
    yield "     0 output buffer failures, 0 output buffers swapped out"
    if serial and interface.is_physical:
        carrier = "up" if interface.has_carrier() else "down"
        ready = "up" if interface.admin_up else "down"
        yield f"     {c.transitions} carrier transitions"
        yield f"     DCD={carrier}  DSR={carrier}  DTR={ready}  RTS={ready}  CTS={carrier}"


def show_description(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X] description`."""
    yield "Interface                      Status         Protocol Description"
    for each in list(listed(context.device)):
        if interface in (None, each.name):
            word = "admin down" if each.state is LinkState.ADMIN_DOWN else status(each)
            protocol = "up" if each.protocol_up else "down"
            yield f"{short_name(each.name):<31}{word:<15}{protocol:<9}{each.config.description}".rstrip()


def show_protocols(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show protocols [X]`."""
    if interface is None:
        yield "Global values:"
        routing = "enabled" if context.device.service(IpStack).forwarding else "disabled"
        yield f"  Internet Protocol routing is {routing}"
    for each in list(listed(context.device)):
        if interface in (None, each.name):
            protocol = "up" if each.protocol_up else "down"
            yield f"{each.name} is {status(each)}, line protocol is {protocol}"
            if each.config.of(IpSettings).address is not None:
                yield f"  {described_address(each.config.of(IpSettings))}"


def clear_counters(context: Context, interface: str | None = None) -> Steps:
    """`clear counters [X]`, after a question."""
    device = context.device
    where = "on all interfaces" if interface is None else "on this interface"
    if not (yield Confirm(f'Clear "show interface" counters {where} [confirm]')):
        return
    for name, each in device.interfaces.items():
        if interface in (None, name):
            each.clear_counters()
    name = "all interfaces" if interface is None else f"interface {interface}"
    session = context.session
    by = "console" if session.origin == "console" else f"{session.line_name} ({session.origin})"
    device.log("CLEAR", 5, "COUNTERS", f"Clear counter on {name} by {by}")
