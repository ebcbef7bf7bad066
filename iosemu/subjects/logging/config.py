"""Where system messages go."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from iosemu.box.device import Device


PORT, TCP_PORT = 514, 601
"""Of a syslog server, unless told otherwise: by UDP, and by TCP."""


class Severity(IntEnum):
    """RFC 5424 section 6.2.1, in the words of IOS."""

    EMERGENCIES = 0
    ALERTS = 1
    CRITICAL = 2
    ERRORS = 3
    WARNINGS = 4
    NOTIFICATIONS = 5
    INFORMATIONAL = 6
    DEBUGGING = 7


@dataclass(frozen=True)
class LogHost:
    """`logging host A [vrf V] [transport udp|tcp [port N]]`."""

    address: IPv4Address
    vrf: str = ""
    """The routing instance that it is reached in."""
    protocol: str = "udp"
    port: int = PORT

    @property
    def key(self) -> tuple[IPv4Address, str]:
        """What makes two lines the same."""
        return self.address, self.vrf

    @property
    def usual(self) -> bool:
        """By UDP, and to the port that syslog has."""
        return self.protocol == "udp" and self.port == PORT


@dataclass
class LoggingConfig:
    """`logging …`; a destination's level is None when it is off."""

    enabled: bool = True
    console: Severity | None = Severity.DEBUGGING
    monitor: Severity | None = Severity.DEBUGGING
    buffered: Severity | Literal["usual"] | None = "usual"
    """`usual`: as the box has it of itself."""
    buffer_size: int = 4096
    """Bytes."""
    trap: Severity | None = Severity.INFORMATIONAL
    hosts: dict[tuple[IPv4Address, str], LogHost] = field(default_factory=dict)
    source_interface: str = ""
    vrf_sources: dict[str, str] = field(default_factory=dict)
    """Interfaces whose addresses messages have that go to hosts in a VRF, by its name."""
    facility: str = "local7"
    count: bool = False
    """`logging count`: messages are counted by their names."""
    counted_since: int = 0
    """Number of the last message before they were."""
    origin: str = ""
    """`logging origin-id`: `hostname`, `ip`, or the text after `string`."""
    origin_kind: str = ""
    cleared: int = 0
    """Number of the last message that `clear logging` took out of the buffer."""
    sent: dict[tuple[IPv4Address, str], int] = field(default_factory=dict)
    """Messages sent to each host."""

    def forget_vrf(self, name: str) -> None:
        """A VRF that is no more takes its hosts along."""
        for key in [key for key in self.hosts if key[1] == name]:
            del self.hosts[key]
        self.vrf_sources.pop(name, None)


@dataclass(frozen=True)
class LoggingStyle:
    """How messages and their settings are printed."""

    stem: ClassVar[str] = "logging"
    one_line: bool = True
    """What was dropped and flushed stands in one line."""
    host_word: tuple[str, ...] = ("switch",)
    """The styles of boxes whose running-config says `logging host A`, not `logging A`."""
    buffers: tuple[str, ...] = ("switch",)
    """Those that keep their messages in a buffer unless told otherwise."""


def buffer_level(device: Device) -> Severity | None:
    """Up to which severity the buffer takes messages; None: it takes none."""
    settings: LoggingConfig = device.config.of(LoggingConfig)
    if settings.buffered != "usual":
        return settings.buffered
    buffers = device.composition.order.style in device.image.style(LoggingStyle).buffers
    return Severity.DEBUGGING if buffers else None
