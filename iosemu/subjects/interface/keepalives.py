"""Keepalives of Ethernet ports: a frame to the port itself, whether anybody is there or not.

The frame is a reply of the configuration test protocol (Ethernet 2.0 specification, chapter 8); `keepalive` says how
often it is sent.
"""

from __future__ import annotations

from functools import lru_cache

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.loop import LoopPacket


class EthernetKeepalives(Service):
    """Sends them out of every Ethernet port whose line is up."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._timers: dict[str, Timer] = {}

    def stop(self) -> None:
        """Power went."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def interface_configured(self, interface: Interface) -> None:
        """`keepalive` may be another."""
        self._plan(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """A port that came up begins, one that went down ends."""
        self._plan(interface)

    def _plan(self, interface: Interface) -> None:
        if not interface.is_physical or interface.type.medium is not Medium.ETHERNET:
            return
        timer = self._timers.pop(interface.name, None)
        seconds = interface.config.keepalive
        if timer is not None:
            timer.cancel()
        if interface.protocol_up and seconds:
            self._timers[interface.name] = self.device.scheduler.after(seconds, lambda: self._send(interface))

    def _send(self, interface: Interface) -> None:
        timer, seconds = self._timers.pop(interface.name), interface.config.keepalive
        if interface.protocol_up:
            interface.send(_frame(interface.mac))
            if seconds:
                self._timers[interface.name] = self.device.scheduler.after(seconds, timer.callback)


@lru_cache(maxsize=4096)
def _frame(mac: MacAddress) -> bytes:
    return LoopPacket().to_frame(mac).to_bytes()
