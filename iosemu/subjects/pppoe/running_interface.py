"""PPPoE and dialers under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.pppoe.config import DialerSettings, PppoePort


def _pppoe(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.held(PppoePort)
    if port is None:
        return
    if port.group:
        yield f" pppoe enable group {port.group}"
    if port.pool is not None:
        yield f" pppoe-client dial-pool-number {port.pool}"


def _dialer(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    dialer = config.held(DialerSettings)
    if dialer is None:
        return
    if dialer.pool is not None:
        yield f" dialer pool {dialer.pool}"
    if dialer.group is not None:
        yield f" dialer-group {dialer.group}"


SECTIONS = (InterfaceSection("dialer", _dialer), InterfaceSection("pppoe", _pppoe))
