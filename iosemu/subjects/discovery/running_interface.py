"""CDP and LLDP under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.subjects.discovery.config import CdpPort, LldpPort


def _cdp(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    if not config.of(CdpPort).enabled:
        yield " no cdp enable"


def _lldp(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    port = config.of(LldpPort)
    if not port.transmit:
        yield " no lldp transmit"
    if not port.receive:
        yield " no lldp receive"


SECTIONS = (InterfaceSection("cdp", _cdp), InterfaceSection("lldp", _lldp))
