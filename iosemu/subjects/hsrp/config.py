"""What is configured of HSRP under an interface, and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.ip.first_hop import GroupSettings, Timers
from iosemu.packets.addresses import MacAddress

ERRORS = DebugFlag("HSRP Errors", "HSRP")
EVENTS = DebugFlag("HSRP Events", "HSRP")
PACKETS = DebugFlag("HSRP Packets", "HSRP")
DEBUG_FLAGS = (ERRORS, EVENTS, PACKETS)

PRIORITY = 100
DECREMENT = 10
HELLO, HOLD = 3000, 10_000
"""Milliseconds."""
FIRST_VERSION_GROUPS = 256
DELAY_MINIMUM, DELAY_RELOAD = 1, 5
"""Seconds between the line protocol and the first word of HSRP, unless `standby delay` says otherwise."""
MAC_REFRESH = 10
"""Seconds (`standby mac-refresh`)."""
ADVERTISE, HOLDDOWN = 30, 180
"""Seconds between advertisements of an interface, and that a passive router is known (`standby redirect timers`)."""


@dataclass
class HsrpGroupSettings(GroupSettings):
    """`standby N …`; without a text messages carry the default one."""

    enabled: bool = False
    """`ip` was typed."""
    address: IPv4Address | None = None
    """None: it is learned."""
    secondaries: list[IPv4Address] = field(default_factory=list)
    priority: int = PRIORITY
    preempt: bool = False
    delay_minimum: int = 0
    """Seconds, as the following."""
    delay_reload: int = 0
    delay_sync: int = 0
    timers: Timers | None = None
    name: str = ""
    follow: str = ""
    """The name of the group that this one does as."""
    mac: MacAddress | None = None
    objects: dict[int, int | None] = field(default_factory=dict)
    """Tracked objects and what they take from the priority; None: they end the group."""
    interfaces: dict[str, int] = field(default_factory=dict)
    """Tracked interfaces, likewise."""

    @property
    def addresses(self) -> list[IPv4Address]:
        """The configured virtual addresses."""
        return ([self.address] if self.address is not None else []) + self.secondaries


@dataclass
class HsrpPort:
    """`standby …` under an interface."""

    version: int = 1
    use_bia: bool = False
    mac_refresh: int | None = None
    """Seconds between two words of an active group that follows another one; None: `MAC_REFRESH`."""
    redirects: bool = True
    redirect_unknown: bool = True
    """Hosts are sent to routers without HSRP, too."""
    redirect_timers: tuple[int, int] | None = None
    """Seconds between two advertisements, and that a passive router is known; None: `ADVERTISE` and `HOLDDOWN`."""
    delay_minimum: int | None = None
    delay_reload: int | None = None
    groups: dict[int, HsrpGroupSettings] = field(default_factory=dict)

    @property
    def redirect_times(self) -> tuple[int, int]:
        """`redirect_timers`, typed or not."""
        return self.redirect_timers or (ADVERTISE, HOLDDOWN)

    @property
    def refresh(self) -> int:
        """Seconds of `mac_refresh`, typed or not."""
        return MAC_REFRESH if self.mac_refresh is None else self.mac_refresh
