"""UplinkFast's multicasts: they bear the addresses of stations, so that others learn the new way to them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.bridging.bridge import Bridge
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame, VlanTag
from iosemu.packets.llc import OUI_CISCO, Snap
from iosemu.subjects.spanning_tree.config import SpanningTreeConfig

if TYPE_CHECKING:
    from iosemu.box.device import Device

GROUP = MacAddress.from_string("0100.0ccd.cdcd")
_PROTOCOL = 0x200A


class StationUpdates:
    """Sends them, so many a second."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.sent = 0
        self._waiting: list[tuple[int, str, MacAddress]] = []
        self._timer: Timer | None = None

    def tell(self, vlan: int, port: str) -> None:
        """A port leads to the root of a VLAN now: tell of all stations that are not behind it."""
        if not self._device.config.of(SpanningTreeConfig).update_rate:
            return
        for entry in self._device.service(Bridge).mac_entries():
            if entry.vlan == vlan and entry.port != port and not entry.static:
                self._waiting.append((vlan, port, entry.address))
        if self._timer is None and self._waiting:
            self._timer = self._device.scheduler.after(0.0, self._send)

    def stop(self) -> None:
        """Power went, or the trees begin anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting = []

    def _send(self) -> None:
        self._timer = None
        rate = self._device.config.of(SpanningTreeConfig).update_rate
        if not self._waiting or not rate:
            self._waiting = []
            return
        vlan, port, address = self._waiting.pop(0)
        bridge = self._device.service(Bridge)
        if port in self._device.interfaces and bridge.is_forwarding(port, vlan):
            tagged = bridge.is_trunking(port) and vlan != bridge.untagged_vlan(port)
            snap = Snap(OUI_CISCO, _PROTOCOL, bytes(38)).to_bytes()
            frame = EthernetFrame.llc(GROUP, address, snap, VlanTag(vlan) if tagged else None)
            bridge.plane.transmit(port, frame.to_bytes(), vlan)
            self.sent += 1
        if self._waiting:
            self._timer = self._device.scheduler.after(1 / rate, self._send)
