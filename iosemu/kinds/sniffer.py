"""A sniffer: keeps the frames that pass, and passes them on where it sits inline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from iosemu.box.device import Device
from iosemu.box.lines import Lines
from iosemu.box.model import Image, Model, RandomSource
from iosemu.box.system import SystemConfig
from iosemu.net.capture import Recorder
from iosemu.net.link import Direction
from iosemu.net.scheduler import Scheduler
from iosemu.subjects.sniffer.config import SnifferConfig


class Sniffer(Device):
    """Two ports. What comes in on one goes out of the other; every frame that is wanted is kept."""

    config: SnifferConfig

    def __init__(
        self, name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
    ) -> None:
        super().__init__(name, model, image, scheduler, rng, origin)
        self.config = SnifferConfig()
        self.lines = Lines()
        self.recorder = Recorder(lambda: self.now, self.config.buffer_packets)

    @property
    def hostname(self) -> str:
        """The configured name, or the name in the lab."""
        return self.config.of(SystemConfig).hostname or self.name

    def boot(self) -> None:
        """Start with an empty buffer, listening on both ports."""
        super().boot()
        self.config = SnifferConfig(buffer_packets=self.model.facts["buffer_packets"])
        self.lines = Lines()
        self.recorder = Recorder(lambda: self.now, self.config.buffer_packets)
        names = list(self.ports)
        for name, other in zip(names, reversed(names), strict=True):
            self.ports[name].receiver = self._receiver(name, other)
            self.ports[name].enabled = True

    def _receiver(self, name: str, other: str) -> Callable[[bytes], None]:
        port = self.ports[other]

        def receive(frame: bytes) -> None:
            self.recorder.record(name, Direction.IN, frame)
            port.send(frame)

        return receive

    def apply(self) -> None:
        """Take over `config`: service, filters and the size of the buffer."""
        self.recorder.running = self.config.service
        self.recorder.protocols = self.config.filters
        self.recorder.limit = self.config.buffer_packets
