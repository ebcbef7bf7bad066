"""Tunnels under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Fields, InterfaceSection
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode


def _keepalive(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is not None and tunnel.keepalive is not None:
        yield f" keepalive {tunnel.keepalive} {tunnel.retries}"


def _protection(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is not None and tunnel.protection is not None:
        yield f" tunnel protection ipsec profile {tunnel.protection}{' shared' if tunnel.shared else ''}"
        if tunnel.template:
            yield " no tunnel protection ipsec initiate"


def _source(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is not None and tunnel.source_dynamic:
        yield " tunnel source dynamic"
    elif tunnel is not None and tunnel.source is not None:
        yield f" tunnel source {tunnel.source}"


def _vrf(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is not None and tunnel.vrf:
        yield f" tunnel vrf {tunnel.vrf}"


def _mode(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is not None and tunnel.mode is not TunnelMode.GRE:
        yield f" tunnel mode {tunnel.mode.value}"
    if tunnel is not None and tunnel.dynamic:
        yield " tunnel destination dynamic"
    elif tunnel is not None and tunnel.destination is not None:
        yield f" tunnel destination {tunnel.destination}"


_REST = Fields(Tunnel, ("key", "checksum", "ttl", "path_mtu_discovery"))
SECTIONS = (InterfaceSection("tunnel", (_keepalive, _source, _mode, _vrf, _REST, _protection)),)
