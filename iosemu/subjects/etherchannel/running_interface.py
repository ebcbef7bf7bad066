"""EtherChannel under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.box.subject import InterfaceSection
from iosemu.bridging.switchport import Switchport
from iosemu.net.lacp import PRIORITY as LACP_PRIORITY
from iosemu.net.pagp import PRIORITY
from iosemu.subjects.etherchannel.config import MOST, ChannelLimits, ChannelMember, EtherChannelConfig


def _channel_group(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    member = config.of(ChannelMember)
    if member.protocol:
        yield f" channel-protocol {member.protocol}"
    if member.group is not None and config.held(Switchport) is not None:
        yield f" channel-group {member.group} mode {member.mode}{' non-silent' * member.non_silent}"
    if member.lacp_priority != LACP_PRIORITY:
        yield f" lacp port-priority {member.lacp_priority}"
    if member.fast:
        yield " lacp rate fast"
    limits = config.held(ChannelLimits)
    if limits is not None and limits.most != MOST:
        yield f" lacp max-bundle {limits.most}"
    if limits is not None and limits.fewest != 1:
        yield f" port-channel min-links {limits.fewest}"
    if member.pagp_priority != PRIORITY:
        yield f" pagp port-priority {member.pagp_priority}"
    if member.learns_by_port:
        yield " pagp learn-method physical-port"


def lacp_lines(switch: Device, _render: Render) -> list[str]:
    """The global line of LACP."""
    priority = switch.config.of(EtherChannelConfig).system_priority
    return [f"lacp system-priority {priority}"] * (priority != LACP_PRIORITY)


SECTIONS = (InterfaceSection("channel-group", _channel_group),)
