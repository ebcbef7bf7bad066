"""One PPPoE session: an Ethernet port, the station at the other end, and PPP on a Virtual-Access interface."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.box.interface import Interface
from iosemu.net.scheduler import Timer
from iosemu.packets.addresses import MacAddress
from iosemu.subjects.ppp.service import PppLine


class Stage(Enum):
    """How far discovery is (RFC 2516 section 5), as `show pppoe session` calls it."""

    PADI_SENT = "PADISNT"
    PADR_SENT = "PADRSNT"
    UP = "UP"


@dataclass
class Session:
    """At either end."""

    port: Interface
    client: bool
    unique: bytes
    """Host-Uniq."""
    stage: Stage
    remote: MacAddress | None = None
    number: int = 0
    """The session ID."""
    cookie: bytes | None = None
    timer: Timer | None = None
    tries: int = 0
    access: Interface | None = None
    """The Virtual-Access interface."""
    line: PppLine | None = None
    template: str = ""
    """The dialer interface or the virtual template that it is made from."""
    order: int = 0
