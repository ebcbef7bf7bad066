"""Call admission control: how many ISAKMP SAs a router takes on (`crypto call admission limit ike`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iosemu.ike.table import SaTable


class Denial(Enum):
    """Why an SA is not admitted, in the words of `%CRYPTO-4-IKE_DENY_SA_REQ`."""

    SA_LIMIT = "IKE SA LIMIT REACHED"
    NEGOTIATING_LIMIT = "IKE IN-NEGOTIATION SA LIMIT REACHED"


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """The most SAs there may be; 0: any number."""

    sas: int = 0
    """Established ones (`ike sa N`); one in negotiation is let in as long as the limit is not reached."""
    negotiating: int = 0
    """SAs in negotiation (`ike in-negotiation-sa N`)."""

    def judge(self, table: SaTable) -> Denial | None:
        """Why one more SA cannot be, None when it can."""
        if self.negotiating and table.negotiating >= self.negotiating:
            return Denial.NEGOTIATING_LIMIT
        return Denial.SA_LIMIT if self.sas and table.established >= self.sas else None


@dataclass(slots=True)
class RequestCounters:
    """Requests of one direction."""

    asked: int = 0
    denied: int = 0


@dataclass(slots=True)
class AdmissionCounters:
    """What `show crypto call admission statistics` counts."""

    incoming: RequestCounters = field(default_factory=RequestCounters)
    outgoing: RequestCounters = field(default_factory=RequestCounters)
