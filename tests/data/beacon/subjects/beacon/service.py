"""Beacons at work."""

from iosemu.subjects.beacon.config import DEBUG, BeaconConfig, BeaconPort

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame

GROUP = MacAddress.from_string("0300.0000.00be")
EXPERIMENTAL = 0x88B5
"""The EtherType for experiments (IEEE 802, table 1)."""


class Beacons(Service):
    """Sends a beacon out of every interface that was told to, and counts those that come in."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.heard: dict[str, int] = {}
        self._timer: Timer | None = None

    def start(self) -> None:
        """Listen."""
        self.device.bind_group(bytes(GROUP), self._receive)
        self.changed()

    def stop(self) -> None:
        """Send no more."""
        if self._timer is not None:
            self._timer.cancel()

    def changed(self) -> None:
        """Another interval: count it from now."""
        self.stop()
        interval = self.device.config.of(BeaconConfig).interval
        self._timer = self.device.scheduler.after(float(interval), self._send)

    def _send(self) -> None:
        for interface in self.device.interfaces.values():
            if interface.protocol_up and interface.config.of(BeaconPort).enabled:
                frame = EthernetFrame(GROUP, interface.mac, EXPERIMENTAL, self.device.hostname.encode())
                self.device.send_control(interface, frame.to_bytes())
        self.changed()

    def _receive(self, interface: Interface, frame: bytes) -> bool:
        name = EthernetFrame.parse(frame).payload.rstrip(b"\0").decode("ascii", "replace")
        self.heard[name] = self.heard.get(name, 0) + 1
        if self.device.debugging.on(DEBUG):
            self.device.log("", 7, "", f"BEACON: from {name} on {interface.name}")
        return True
