"""EtherChannel: `channel-group`, `port-channel load-balance` and `show etherchannel …`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.net.lacp import PRIORITY as LACP_PRIORITY
from iosemu.net.pagp import PRIORITY
from iosemu.subjects.etherchannel.config import MODES, MOST, ChannelLimits, ChannelMember, EtherChannelConfig
from iosemu.subjects.etherchannel.load_balance import mixed
from iosemu.subjects.etherchannel.service import KIND, EtherChannels, channel_name

ON_LIMIT, LACP_LIMIT = 8, 16
_METHODS = {
    "src-mac": "Source MAC address",
    "dst-mac": "Destination MAC address",
    "src-dst-mac": "Source XOR Destination MAC address",
    "src-ip": "Source IP address",
    "dst-ip": "Destination IP address",
    "src-dst-ip": "Source XOR Destination IP address",
}
_FLAGS = (
    "Flags:  D - down        P - bundled in port-channel",
    "        I - stand-alone s - suspended",
    "        H - Hot-standby (LACP only)",
    "        R - Layer3      S - Layer2",
    "        U - in use      f - failed to allocate aggregator",
    "",
    "        M - not in use, minimum links not met",
    "        u - unsuitable for bundling",
    "        w - waiting to be aggregated",
    "        d - default port",
    "",
    "",
)


def channel_group(context: Context, group: int = 0, mode: str = "", non_silent: bool = False) -> Output:
    """`channel-group N mode on|active|passive|auto|desirable [non-silent]`; a new Port-channel is made."""
    switch = context.device
    config = context.edited(InterfaceConfig)
    if config.name not in switch.switch_ports:
        raise InvalidArgument("group")
    member = config.of(ChannelMember)
    if context.off:
        member.group, member.mode, member.non_silent = None, "", False
        return None
    if member.protocol and MODES[mode] != member.protocol:
        raise CommandError(
            f"Command rejected (Channel protocol mismatch for interface {short_name(config.name)})"
        )
    others = [name for name in switch.service(EtherChannels).groups().get(group, []) if name != config.name]
    modes = {switch.config.interfaces[name].of(ChannelMember).mode for name in others}
    if any(MODES[each] != MODES[mode] for each in modes):
        raise CommandError(
            f"Command rejected (Channel protocol mismatch for interface {short_name(config.name)} in group {group}):"
            " the interface can not be added to the channel group"
        )
    if len(others) >= (ON_LIMIT if MODES[mode] != "lacp" else LACP_LIMIT):
        raise CommandError(f"Command rejected: the maximum number of ports in group {group} is reached")
    if config.held(Switchport) is None:
        raise CommandError(f"Command rejected ({short_name(config.name)}): the interface is a routed port")
    messages = []
    name = channel_name(group)
    if name not in switch.interfaces:
        messages = [f"Creating a port-channel interface Port-channel {group}", ""]
        channel = switch.make_interface(name).held(Switchport)
        assert channel is not None
        for field in (
            "mode",
            "access_vlan",
            "native_vlan",
            "allowed_vlans",
            "pruned_vlans",
            "nonegotiate",
            "encapsulation",
        ):
            setattr(channel, field, getattr(config.held(Switchport), field))
    member.group, member.mode, member.non_silent = group, mode, non_silent
    return messages


def channel_protocol(context: Context, word: str = "") -> Output:
    """`[no] channel-protocol lacp|pagp`."""
    config = context.edited(InterfaceConfig)
    if config.name not in context.device.switch_ports:
        raise InvalidArgument("word")
    member = config.of(ChannelMember)
    if not context.off and member.group is not None and MODES[member.mode] != word:
        raise CommandError(
            f"Command rejected (Channel protocol mismatch for interface {short_name(config.name)})"
        )
    member.protocol = "" if context.off else word
    return None


def lacp_priority(context: Context, number: int = LACP_PRIORITY) -> Output:
    """`lacp port-priority N`."""
    context.edited(InterfaceConfig).of(ChannelMember).lacp_priority = LACP_PRIORITY if context.off else number
    return None


def lacp_rate(context: Context, word: str = "normal") -> Output:
    """`lacp rate normal|fast`."""
    context.edited(InterfaceConfig).of(ChannelMember).fast = not context.off and word == "fast"
    return None


def _limits(context: Context, argument: str) -> ChannelLimits:
    config = context.edited(InterfaceConfig)
    if config.kind != KIND:
        raise InvalidArgument(argument)
    return config.of(ChannelLimits)


def max_bundle(context: Context, number: int = MOST) -> Output:
    """`lacp max-bundle N` under a Port-channel."""
    _limits(context, "number").most = MOST if context.off else number
    return None


def min_links(context: Context, number: int = 1) -> Output:
    """`port-channel min-links N` under a Port-channel."""
    _limits(context, "number").fewest = 1 if context.off else number
    return None


def pagp_priority(context: Context, number: int = PRIORITY) -> Output:
    """`pagp port-priority N`."""
    context.edited(InterfaceConfig).of(ChannelMember).pagp_priority = PRIORITY if context.off else number
    return None


def pagp_learning(context: Context, method: str = "") -> Output:
    """`pagp learn-method aggregation-port|physical-port`."""
    member = context.edited(InterfaceConfig).of(ChannelMember)
    member.learns_by_port = not context.off and method == "physical-port"
    return None


def show_summary(context: Context, group: int | None = None) -> Iterator[str]:
    """`show etherchannel [N] summary`."""
    switch = context.device
    groups = {
        number: ports
        for number, ports in switch.service(EtherChannels).groups().items()
        if group in (None, number)
    }
    yield from _FLAGS
    yield f"Number of channel-groups in use: {len(groups)}"
    yield f"Number of aggregators:           {len(groups)}"
    yield ""
    yield "Group  Port-channel  Protocol    Ports"
    yield "------+-------------+-----------+-----------------------------------------------"
    for number, ports in list(groups.items()):
        name = channel_name(number)
        state = "SU" if name in switch.interfaces and switch.interfaces[name].line_up else "SD"
        if state == "SD" and switch.service(EtherChannels).active(name):
            state = "SM"
        cells = [
            f"{f'{short_name(port)}({switch.service(EtherChannels).status(port)})':<11} " for port in ports
        ]
        rows = ["".join(cells[start : start + 4]) for start in range(0, len(cells), 4)] or [""]
        head = (
            f"{number:<6} {f'Po{number}({state})':<14}{switch.service(EtherChannels).protocol_of(ports):^9}"
        )
        yield f"{head:<33}{rows[0]}"
        yield from (f"{'':33}{row}" for row in rows[1:])
    yield ""


def show_load_balance(context: Context) -> Iterator[str]:
    """`show etherchannel load-balance`."""
    method: str = context.device.config.of(EtherChannelConfig).load_balance
    text = _METHODS[method]
    yield "EtherChannel Load-Balancing Configuration:"
    yield f"        {method}"
    yield ""
    yield "EtherChannel Load-Balancing Addresses Used Per-Protocol:"
    yield f"Non-IP: {text.replace('IP', 'MAC')}"
    yield f"  IPv4: {text}"
    yield f"  IPv6: {text}"
    yield ""


def try_load_balance(
    context: Context,
    port: str,
    source_mac: str = "",
    destination_mac: str = "",
    source: IPv4Address | None = None,
    destination: IPv4Address | None = None,
) -> str:
    """`test etherchannel load-balance interface Port-channelN mac|ip SOURCE DESTINATION`: the member that is taken."""
    channels = context.device.service(EtherChannels)
    method: str = context.device.config.of(EtherChannelConfig).load_balance
    if not port.startswith(KIND):
        raise InvalidArgument("port")
    ends = (int(source), int(destination)) if source is not None and destination is not None else None
    if ends is None:
        ends = int(source_mac.replace(".", ""), 16), int(destination_mac.replace(".", ""), 16)
    chosen = channels.chosen(port, mixed(ends[0] & 0xFF, ends[1] & 0xFF, method))
    if chosen is None:
        return f"No link is bundled in {short_name(port)}"
    return f"Would select {short_name(chosen)} of {short_name(port)}"


def show_lacp_sys_id(context: Context) -> str:
    """`show lacp sys-id`."""
    priority = context.device.config.of(EtherChannelConfig).system_priority
    return f"{priority}, {context.device.switch_mac.dotted}"
