"""DHCP snooping in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import format_vlan_list
from iosemu.subjects.dhcp_snooping.config import SnoopingConfig

_OPTIONS = ("insertion", "allow_untrusted", "verify_mac", "verify_relay", "enabled")


def snooping_lines(switch: Device, render: Render) -> list[str]:
    """The global lines."""
    config = switch.config.of(SnoopingConfig)
    lines = [f"ip dhcp snooping vlan {format_vlan_list(config.vlans)}"] if config.vlans else []
    return lines + render("config", config, only=_OPTIONS)
