"""EtherChannel under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.bridging.switchport import Switchport
from iosemu.net.pagp import PRIORITY
from iosemu.subjects.etherchannel.config import ChannelMember


def _channel_group(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    member = config.of(ChannelMember)
    if member.protocol:
        yield f" channel-protocol {member.protocol}"
    if member.group is not None and config.held(Switchport) is not None:
        yield f" channel-group {member.group} mode {member.mode}{' non-silent' * member.non_silent}"
    if member.pagp_priority != PRIORITY:
        yield f" pagp port-priority {member.pagp_priority}"
    if member.learns_by_port:
        yield " pagp learn-method physical-port"


SECTIONS = (InterfaceSection("channel-group", _channel_group),)
