"""VLANs and VTP in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.bridging.vlans import Vlan, VlanConfig, format_vlan_list


def vtp_lines(switch: Device, _render: Render) -> list[str]:
    """`vtp domain` and `vtp mode`."""
    config = switch.config.of(VlanConfig)
    lines: list[str] = []
    if config.vtp_domain:
        lines.append(f"vtp domain {config.vtp_domain}")
    if config.vtp_mode in ("transparent", "off"):
        # as a client or a server it is in vlan.dat alone
        lines += [f"vtp version {config.vtp_version}"] * (config.vtp_version != 1)
    if config.vtp_mode != "server":
        lines.append(f"vtp mode {config.vtp_mode}")
    return lines


def vlan_lines(switch: Device, _render: Render) -> list[str]:
    """VLANs are part of the configuration only while VTP is transparent; else vlan.dat holds them.

    Neighbours without any setting share one line.
    """
    config = switch.config.of(VlanConfig)
    lines: list[str] = []
    if config.vtp_mode != "transparent":
        return lines
    plain: list[int] = []
    for vlan in config.ethernet():
        if vlan.number == 1:
            continue
        settings = list(_settings(vlan))
        if not settings:
            plain.append(vlan.number)
            continue
        lines += [*_plain(plain), "!", f"vlan {vlan.number}", *settings]
        plain = []
    lines += _plain(plain)
    return lines[1:]


def _plain(numbers: list[int]) -> list[str]:
    return ["!", f"vlan {format_vlan_list(numbers)}"] if numbers else []


def _settings(vlan: Vlan) -> Iterator[str]:
    if not vlan.has_default_name:
        yield f" name {vlan.name}"
    if vlan.suspended:
        yield " state suspend"
    if vlan.shutdown:
        yield " shutdown"
    if vlan.private:
        yield f"  private-vlan {vlan.private}"
    if vlan.associated:
        yield f"  private-vlan association {format_vlan_list(vlan.associated)}"
    if vlan.remote_span:
        yield " remote-span"
    if vlan.mtu != 1500:
        yield f" mtu {vlan.mtu}"
