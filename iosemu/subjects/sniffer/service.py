"""What runs on a sniffer: it keeps the frames that pass, and passes them on where it sits inline."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.net.capture import Recorder
from iosemu.net.link import Direction
from iosemu.subjects.sniffer.config import SnifferConfig


class Sniffer(Service):
    """Two ports. What comes in on one goes out of the other; every frame that is wanted is kept."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.recorder = Recorder(lambda: device.now, SnifferConfig().buffer_packets)

    def start(self) -> None:
        """Begin with an empty buffer, listening on both ports."""
        self.device.config.of(SnifferConfig).buffer_packets = self.device.model.facts["buffer_packets"]
        self.changed()
        names = list(self.device.ports)
        for name, other in zip(names, reversed(names), strict=True):
            self.device.ports[name].receiver = self._receiver(name, other)
            self.device.ports[name].enabled = True

    def _receiver(self, name: str, other: str) -> Callable[[bytes], None]:
        port = self.device.ports[other]

        def receive(frame: bytes) -> None:
            self.recorder.record(name, Direction.IN, frame)
            port.send(frame)

        return receive

    def changed(self) -> None:
        """Take over the configuration: service, filters and the size of the buffer."""
        config = self.device.config.of(SnifferConfig)
        self.recorder.running = config.service
        self.recorder.protocols = config.filters
        self.recorder.limit = config.buffer_packets
