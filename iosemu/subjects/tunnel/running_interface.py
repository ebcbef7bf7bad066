"""Tunnels under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.tunnel.config import Tunnel, TunnelMode


def _tunnel(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    tunnel = config.held(Tunnel)
    if tunnel is None:
        return
    if tunnel.keepalive is not None:
        yield f" keepalive {tunnel.keepalive} {tunnel.retries}"
    if tunnel.source is not None:
        yield f" tunnel source {tunnel.source}"
    if tunnel.mode is not TunnelMode.GRE:
        yield f" tunnel mode {tunnel.mode.value}"
    if tunnel.destination is not None:
        yield f" tunnel destination {tunnel.destination}"
    if tunnel.key is not None:
        yield f" tunnel key {tunnel.key}"
    if tunnel.checksum:
        yield " tunnel checksum"
    if tunnel.ttl != 255:
        yield f" tunnel ttl {tunnel.ttl}"
    if tunnel.path_mtu_discovery:
        yield " tunnel path-mtu-discovery"
    if tunnel.protection is not None:
        yield f" tunnel protection ipsec profile {tunnel.protection}{' shared' if tunnel.shared else ''}"


SECTIONS = (InterfaceSection("tunnel", _tunnel),)
