"""The configured part of the MAC address table at work."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.bridging.bridge import Bridge
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.mac_table.config import MacTableConfig


class StaticAddresses(Service):
    """Puts typed addresses into the plane's table, and tells it how long to keep the others."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._placed: dict[tuple[int, MacAddress], str] = {}

    def changed(self) -> None:
        """Take over what was typed."""
        config, table = self.device.config.of(MacTableConfig), self.device.service(Bridge).plane.table
        table.ageing_time = float(config.aging)
        for key, port in self._placed.items():
            if config.static.get(key) != port:
                table.remove(*key)
        for (vlan, address), port in config.static.items():
            if self._placed.get((vlan, address)) != port:
                table.add(vlan, address, port, self.device.now)
        self._placed = dict(config.static)
