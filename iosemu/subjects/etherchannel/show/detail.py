"""`show etherchannel [N] detail | port-channel | port | protocol`, `show interfaces [X] etherchannel`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.ip.stack import IpStack
from iosemu.subjects.etherchannel.config import MODES, ChannelMember
from iosemu.subjects.etherchannel.service import ALONE, BUNDLED, DOWN, KIND, EtherChannels, channel_name
from iosemu.subjects.etherchannel.show.lacp import INTERNAL_HEADS, PARTNER_HEADS, internal_row, partner_row
from iosemu.subjects.etherchannel.show.pagp import INTERNAL_HEADS as PAGP_HEADS
from iosemu.subjects.etherchannel.show.pagp import LEGEND
from iosemu.subjects.etherchannel.show.pagp import PARTNER_HEADS as PAGP_PARTNER_HEADS
from iosemu.subjects.etherchannel.show.pagp import internal_row as internal_row_of_pagp
from iosemu.subjects.etherchannel.show.pagp import partner_row as partner_row_of_pagp

_MOST = {True: 16, False: 8}
"""Ports of a group: by LACP half of them stand by."""


def show_detail(context: Context, group: int | None = None) -> Iterator[str]:
    """`show etherchannel [N] detail`."""
    for number, ports in _groups(context.device, group):
        yield from _head(context.device, number, ports)
        yield from _ports(context.device, ports)
        yield from _channel(context.device, number, ports)


def show_ports(context: Context, group: int | None = None) -> Iterator[str]:
    """`show etherchannel [N] port`."""
    for number, ports in _groups(context.device, group):
        yield from _title(number)
        yield from _ports(context.device, ports)


def show_channels(context: Context, group: int | None = None) -> Iterator[str]:
    """`show etherchannel [N] port-channel`."""
    for number, ports in _groups(context.device, group):
        yield from _title(number)
        yield from _channel(context.device, number, ports)


def show_protocol(context: Context, group: int | None = None) -> Iterator[str]:
    """`show etherchannel [N] protocol`."""
    for number, ports in _groups(context.device, group):
        yield from _title(number)
        protocol = context.device.service(EtherChannels).protocol_of(ports)
        yield f"Protocol:   {protocol}{'  (Mode ON)' if ports and protocol == '-' else ''}"
        yield ""


def show_interface(context: Context, port: str | None = None) -> Iterator[str]:
    """`show interfaces [X] etherchannel`."""
    switch = context.device
    if port is None:
        for _number, ports in _groups(switch, None):
            for each in ports:
                yield "----"
                yield f"{each}:"
                yield from _port(switch, each)
        for number, ports in _groups(switch, None):
            yield "----"
            yield f"{channel_name(number)}:{channel_name(number)}   (Primary aggregator)"
            yield from _channel_lines(switch, number, ports)
        return
    if port.startswith(KIND):
        number = int(port.removeprefix(KIND))
        members = switch.service(EtherChannels).groups().get(number)
        if members is None:
            raise InvalidArgument("port")
        yield from _channel_lines(switch, number, members)
        return
    if port not in switch.ports:
        raise InvalidArgument("port")
    if switch.config.interfaces[port].of(ChannelMember).group is not None:
        yield from _port(switch, port)


def _groups(switch: Device, group: int | None) -> Iterator[tuple[int, list[str]]]:
    for number, ports in switch.service(EtherChannels).groups().items():
        if group in (None, number):
            yield number, ports


def _lacp(switch: Device, ports: list[str]) -> bool:
    return any(port in switch.service(EtherChannels).lacp for port in ports)


def _protocol(switch: Device, ports: list[str]) -> str:
    protocol = switch.service(EtherChannels).protocol_of(ports)
    return "   -" if protocol == "-" else f"  {protocol}"


def _title(number: int) -> Iterator[str]:
    yield "\t\tChannel-group listing: "
    yield "\t\t----------------------"
    yield ""
    yield f"Group: {number} "
    yield "----------"


def _head(switch: Device, number: int, ports: list[str]) -> Iterator[str]:
    most = _MOST[_lacp(switch, ports)]
    layer = "L3" if _routed(switch, number) else "L2"
    yield from _title(number)
    yield f"Group state = {layer} "
    yield f"Ports: {len(ports)}   Maxports = {most}"
    yield f"Port-channels: 1 Max Port-channels = {16 if most == 16 else 1}"
    yield f"Protocol:   {switch.service(EtherChannels).protocol_of(ports)}"
    yield "Minimum Links: 0"


def _routed(switch: Device, number: int) -> bool:
    return channel_name(number) in switch.service(IpStack).interfaces


def _ports(switch: Device, ports: list[str]) -> Iterator[str]:
    yield "\t\tPorts in the group:"
    yield "\t\t-------------------"
    for port in ports:
        yield f"Port: {short_name(port)}"
        yield "------------"
        yield ""
        yield from _port(switch, port)


def _port(switch: Device, port: str) -> Iterator[str]:
    channels = switch.service(EtherChannels)
    member = switch.config.interfaces[port].of(ChannelMember)
    status = channels.status(port)
    machine, pagp = channels.lacp.get(port), channels.pagp.get(port)
    words = "Down Not-in-Bndl " if status == DOWN else "Up Sngl-port-Bndl Mstr Not-in-Bndl "
    if status == BUNDLED:
        words = f"Up Mstr {'Assoc ' * (machine is not None)}In-Bndl "
    bundle = f"Po{member.group}" if status in (BUNDLED, ALONE) else "null"
    mode = "On" if member.mode == "on" else _mode(member)
    capability = f"0x{pagp.own.capability:08X}" if pagp is not None else "  -"
    index = (
        (channels.active(channel_name(member.group or 0)) or [port]).index(port) if status == BUNDLED else 0
    )
    yield f"Port state    = {words}"
    yield f"Channel group = {member.group:<12}Mode = {mode:<16}Gcchange = -"
    yield f"Port-channel  = {bundle:<12}GC   = {capability:<16}Pseudo port-channel = Po{member.group}"
    yield f"Port index    = {index:<12}Load = 0x00            Protocol = {_protocol(switch, [port])}"
    yield ""
    if machine is not None:
        yield "Flags:  S - Device is sending Slow LACPDUs   F - Device is sending fast LACPDUs."
        yield "        A - Device is in active mode.        P - Device is in passive mode."
        yield ""
        yield "Local information:"
        yield from INTERNAL_HEADS
        yield internal_row(switch, port, machine)
        if machine.partner is not None:
            yield ""
            yield "Partner's information:"
            yield ""
            yield from PARTNER_HEADS
            yield partner_row(switch, port, machine, machine.partner) + "  "
        yield ""
    if pagp is not None:
        yield from LEGEND
        yield ""
        yield "Local information:"
        yield from PAGP_HEADS
        yield internal_row_of_pagp(port, pagp)
        if pagp.partner is not None:
            yield ""
            yield "Partner's information:"
            yield ""
            yield from PAGP_PARTNER_HEADS
            yield partner_row_of_pagp(switch, port, pagp, pagp.partner)
        yield ""
    since = channels.since.get(port, switch.booted_at)
    yield f"Age of the port in the current state: {_age(switch.now - since)}"
    yield ""


def _mode(member: ChannelMember) -> str:
    """`Active`, `Desirable-Sl`: a port that does without a partner's word is silent."""
    silent = MODES[member.mode] == "pagp" and not member.non_silent
    return member.mode.capitalize() + "-Sl" * silent


def _channel(switch: Device, number: int, ports: list[str]) -> Iterator[str]:
    yield "\t\tPort-channels in the group: "
    yield "\t\t---------------------------"
    yield ""
    yield f"Port-channel: Po{number}{'    (Primary Aggregator)' if _lacp(switch, ports) else ''}"
    yield ""
    yield "------------"
    yield ""
    yield from _channel_lines(switch, number, ports)


def _channel_lines(switch: Device, number: int, ports: list[str]) -> Iterator[str]:
    channels, name = switch.service(EtherChannels), channel_name(number)
    lacp = _lacp(switch, ports)
    active = channels.active(name)
    interface = switch.interfaces.get(name)
    made = interface.changed_at if interface is not None else switch.booted_at
    yield f"Age of the Port-channel   = {_age(switch.now - made)}"
    slot = 10 if _routed(switch, number) else 2
    yield f"Logical slot/port   = {slot}/{number:<11}Number of ports = {len(active)}"
    if not lacp:
        yield f"GC                  = 0x{number << 16:08X}      HotStandBy port = null"
    else:
        yield "HotStandBy port = null "
    yield f"Port state          = Port-channel {'Ag-Inuse' if active else 'Ag-Not-Inuse'} "
    yield f"Protocol            = {_protocol(switch, ports)}"
    yield "Port security       = Disabled"
    yield ""
    if active:
        yield "Ports in the Port-channel: "
        yield ""
        yield "Index   Load   Port     EC state        No of bits"
        yield "------+------+------+------------------+-----------"
        for index, port in enumerate(active):
            mode = _mode(switch.config.interfaces[port].of(ChannelMember))
            yield f"{index:>3}     00     {short_name(port):<9}{mode:<19}0"
        yield ""
    for label, table in (("bundled:   ", channels.joined), ("Un-bundled:", channels.left)):
        if name in table:
            when, port = table[name]
            yield f"Time since last port {label} {_age(switch.now - when)}    {short_name(port)}"
    yield ""


def _age(seconds: float) -> str:
    """`0d:00h:01m:15s`."""
    whole = max(0, int(seconds))
    return f"{whole // 86400}d:{whole // 3600 % 24:02}h:{whole // 60 % 60:02}m:{whole % 60:02}s"
