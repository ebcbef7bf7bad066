"""`mls qos …`, globally and under an interface."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.net.marking import Maps, Trust

MOST = 8
"""DSCPs that one line of `mls qos map dscp-cos` takes."""


@dataclass
class QosConfig:
    """Globally: without `enabled` a switch leaves all marks as they are."""

    enabled: bool = False
    rewrite: bool = True
    """`mls qos rewrite ip dscp`: packets leave with the DSCP that they were given here."""
    maps: Maps = field(default_factory=Maps)


@dataclass
class PortMarks:
    """Of a port."""

    trust: Trust = Trust.NOTHING
    telephone: bool = False
    """`trust device cisco-phone`: `trust` holds only while CDP hears a telephone."""
    cos: int = 0
    override: bool = False

    @property
    def trusted(self) -> Trust:
        """What the port trusts now. No box of a lab is a telephone, so a port that waits for one trusts nothing."""
        return Trust.NOTHING if self.telephone else self.trust
