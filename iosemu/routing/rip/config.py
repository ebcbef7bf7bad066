"""What the engine is told: `router rip` and `ip rip …`, resolved for one box."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Protocol

from iosemu.routing.keys import Keys
from iosemu.routing.rip.packets import AuthenticationMode


@dataclass(frozen=True)
class Timers:
    """`timers basic`: seconds (ROUTING.md 5)."""

    update: float = 30.0
    invalid: float = 180.0
    holddown: float = 180.0
    flush: float = 240.0


@dataclass(frozen=True)
class ProcessConfig:
    """`router rip`."""

    timers: Timers = Timers()
    auto_summary: bool = True
    maximum_paths: int = 4
    default_originate: bool = False
    """A default route goes out, with a metric of one."""
    default_interfaces: frozenset[str] = frozenset()
    """Where it goes out; empty: everywhere."""
    validate_source: bool = True
    """Updates from outside the interface's subnets are ignored."""
    neighbors: frozenset[IPv4Address] = frozenset()
    """`neighbor`: who gets updates of its own."""
    output_delay: float = 0.0
    """`output-delay`: seconds between two messages of one update."""
    flash_threshold: float = 0.0
    """`flash-update-threshold`: within so many seconds of the next update nothing is told ahead of it."""

    def default_to(self, interface: str) -> bool:
        """Whether a default route of our own goes out of an interface."""
        return self.default_originate and (
            not self.default_interfaces or interface in self.default_interfaces
        )


@dataclass(frozen=True)
class InterfaceConfig:
    """An interface that RIP runs on."""

    name: str
    address: IPv4Interface
    """The primary address: what updates are sent from."""
    secondary: tuple[IPv4Interface, ...] = ()
    send: tuple[int, ...] = (1,)
    receive: tuple[int, ...] = (1, 2)
    passive: bool = False
    """It listens only."""
    split_horizon: bool = True
    v2_broadcast: bool = False
    summaries: tuple[IPv4Network, ...] = ()
    """`ip summary-address rip`."""
    authentication: AuthenticationMode | None = None
    keys: Keys | None = field(default=None, compare=False)
    key_chain: str = ""
    unnumbered: bool = False
    """The address is another interface's: updates come from any."""
    loopback: bool = False
    """Nobody is there: nothing is sent."""

    @property
    def addresses(self) -> tuple[IPv4Interface, ...]:
        """Primary address first."""
        return (self.address, *self.secondary)


class Policy(Protocol):
    """What filters and offset lists say."""

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network) -> bool:
        """`distribute-list … in`, and an administrative distance of 255."""

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """`distribute-list … out`; `origin` is `rip`, `connected`, `static`, `ospf 1` …"""

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """`offset-list`: what is added to the metric."""

    def overruled(self, network: IPv4Network) -> bool:
        """Another source has a better route: what RIP learned of it is not passed on."""


class NoPolicy:
    """Everything is let through."""

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network) -> bool:
        """All."""
        return True

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """All."""
        return True

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """Nothing."""
        return 0

    def overruled(self, network: IPv4Network) -> bool:
        """Never."""
        return False
