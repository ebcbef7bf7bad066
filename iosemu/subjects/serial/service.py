"""The serial lines of a router, with the encapsulation that they all have at first."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.ip.hdlc import Hdlc
from iosemu.ip.serial import SerialLines


class Lines(SerialLines):
    """Serial lines with Cisco's HDLC; other subjects add encapsulations."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.encapsulations["hdlc"] = Hdlc
