"""What every powered box has: a model, an image, ports, a configuration, a log and files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from iosemu.box.files import FileSystem
from iosemu.box.lines import Lines
from iosemu.box.model import Image, Model, RandomSource
from iosemu.box.rsa import RsaKey
from iosemu.box.syslog import Syslog
from iosemu.net.link import Port
from iosemu.net.scheduler import Scheduler
from iosemu.net.signal import Signal
from iosemu.subjects.archive.config import Rollback
from iosemu.subjects.logging import forwarding as syslog_client

FLASH_KILOBYTES = 31752
NVRAM_KILOBYTES = 64
"""Sizes of a model that tells none."""


class Device(ABC):
    """A box in the lab.

    `boot` starts it with an empty configuration, as after `write erase` and `reload`; whoever boots it
    then types the startup configuration in. `power_off` drops its links and forgets all volatile state.
    """

    def __init__(
        self, name: str, model: Model, image: Image, scheduler: Scheduler, rng: RandomSource, origin: datetime
    ) -> None:
        self.name = name
        self.model = model
        self.image = image
        self.scheduler = scheduler
        self.rng = rng
        self.origin = origin
        """Wall-clock time (aware, UTC) of lab time zero."""
        self.ports: dict[str, Port] = {port: Port(f"{name}:{port}") for port in model.ports}
        self.syslog = Syslog()
        flash = model.facts.get("flash")
        size = flash.get("size") if isinstance(flash, dict) else None
        self.flash = FileSystem(lambda: scheduler.now, int(size or FLASH_KILOBYTES) * 1024)
        nvram = model.facts.get("nvram") or NVRAM_KILOBYTES
        self.nvram = FileSystem(lambda: scheduler.now, int(nvram) * 1024)
        """`startup-config` and the rest; kept over restarts."""
        self.config: Any = None
        """Typed configuration; made anew by `boot`."""
        self.rsa_keys: dict[str, RsaKey] = {}
        """By label; kept over restarts, as NVRAM keeps them."""
        self.lines = Lines()
        """Who is logged in on which terminal line."""
        self.attention = Signal()
        """Power went off or came on, or a reload is wanted."""
        self._reload_requested = False
        self.reload_planned: float | None = None
        """Lab time of a restart that was ordered with `reload in` or `at`."""
        self.reload_reason = ""
        self.rollback: Rollback | None = None
        """The last `configure … revert timer`."""
        self.powered = False
        self.booted_at = 0.0
        self.boots = 0
        """How often the box was started; a session opened under another number is dead."""

    @property
    def reload_requested(self) -> bool:
        """`reload` was confirmed; whoever runs the lab powers the box off and boots it."""
        return self._reload_requested

    @reload_requested.setter
    def reload_requested(self, wanted: bool) -> None:
        self._reload_requested = wanted
        if wanted:
            self.attention.emit()

    @property
    def kind(self) -> str:
        """router, switch, l3switch, pc or sniffer."""
        return self.model.kind

    @property
    def now(self) -> float:
        """Lab time in seconds."""
        return self.scheduler.now

    @property
    @abstractmethod
    def hostname(self) -> str:
        """The name in the prompt."""

    def boot(self) -> None:
        """Start with an empty configuration and the ports' links coming up."""
        self.powered = True
        self.boots += 1
        self.booted_at = self.now
        self.syslog = Syslog()
        self.lines = Lines()
        self.reload_requested = False
        self.reload_planned = None
        self.rollback = None
        self.attention.emit()

    def power_off(self) -> None:
        """Stop at once: links drop, memory is lost, flash and nvram stay."""
        self.powered = False
        for port in self.ports.values():
            port.enabled = False
        self.attention.emit()

    def log(self, facility: str, severity: int, mnemonic: str, text: str, *, continues: bool = False) -> None:
        """Issue a system message now; with `continues` a further line of the one before."""
        self.syslog.log(self.now, facility, severity, mnemonic, text, continues=continues)
        if self.powered:
            syslog_client.forward(self)
