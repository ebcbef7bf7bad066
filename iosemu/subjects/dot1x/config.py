"""`dot1x …`, `authentication …` and `mab`: who may use a port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.debugging import DebugFlag

AUTO, FORCE_AUTHORIZED, FORCE_UNAUTHORIZED = "auto", "force-authorized", "force-unauthorized"
SINGLE, MULTI_HOST, MULTI_AUTH, MULTI_DOMAIN = "single-host", "multi-host", "multi-auth", "multi-domain"
DOT1X, MAB = "dot1x", "mab"
ATTEMPTS = 3
"""Failures until a client is put into the restricted VLAN."""
REAUTHENTICATE = 3600
"""Seconds."""

EVENTS_DEBUG = DebugFlag("Dot1x events", "Dot1x")
PACKETS_DEBUG = DebugFlag("Dot1x packets", "Dot1x")
ERRORS_DEBUG = DebugFlag("Dot1x errors", "Dot1x")
STATES_DEBUG = DebugFlag("Dot1x state-machine", "Dot1x")
MANAGER_DEBUG = DebugFlag("Auth Manager events", "Auth Manager")
MAB_DEBUG = DebugFlag("MAB events", "MAB")


@dataclass
class Dot1xConfig:
    """Globally."""

    enabled: bool = False
    """`dot1x system-auth-control`."""
    guest_supplicant: bool = False
    """`dot1x guest-vlan supplicant`: the guest VLAN takes stations that spoke EAPOL, too."""
    critical_eapol: bool = False
    """`dot1x critical eapol`: a client that is let in without a server is told that it succeeded."""


@dataclass
class Dot1xPort:
    """Of a port; times are seconds."""

    authenticator: bool = False
    """`dot1x pae authenticator`."""
    control: str = FORCE_AUTHORIZED
    host_mode: str = SINGLE
    order: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    """Empty: that of `order`."""
    periodic: bool = False
    reauthenticate: int = REAUTHENTICATE
    reauthenticate_server: bool = False
    """The server says when."""
    restart: int = 60
    """After which everything is tried again; 0: never."""
    violation: str = "shutdown"
    open: bool = False
    """Frames pass before anybody has proved anything."""
    inbound: bool = False
    """`authentication control-direction in`: what leaves is not held back."""
    guest_vlan: int | None = None
    fail_vlan: int | None = None
    fail_attempts: int = ATTEMPTS
    fail_next: bool = False
    """A client that is refused is tried by the next method."""
    dead_authorize: bool = False
    dead_vlan: int | None = None
    """In which it is let in without a server; None: the configured one."""
    alive_reinitialize: bool = False
    mab: bool = False
    quiet: int = 60
    tx: int = 30
    supplicant: int = 30
    server: int = 0
    """0: as RADIUS is configured."""
    max_request: int = 2
    max_reauth: int = 2

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that the port has, in the order in which they are tried."""
        has = {DOT1X: self.authenticator, MAB: self.mab}
        return tuple(each for each in self.order or (DOT1X, MAB) if has[each])

    def outranks(self, method: str, other: str) -> bool:
        """Whether a method that begins to speak goes before one that has succeeded."""
        ranks = self.priority or self.order or (DOT1X, MAB)
        return other not in ranks or (method in ranks and ranks.index(method) < ranks.index(other))


@dataclass(frozen=True)
class Dot1xStyle:
    """What differs between images."""

    stem: ClassVar[str] = "dot1x"
    authentication: bool = True
    """It has the Authentication Manager, from 12.2(50)SE on: `authentication …` and sessions."""
    version: int = 3
    """Of EAPOL."""
