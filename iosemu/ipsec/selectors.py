"""Traffic selectors: which packets an SA is for (RFC 4301, 4.4.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True)
class Flow:
    """What a packet says of itself; ports are 0 where the protocol has none."""

    source: IPv4Address
    destination: IPv4Address
    protocol: int = 0
    source_port: int = 0
    destination_port: int = 0


@dataclass(frozen=True, slots=True)
class Selector:
    """A pair of proxy identities, seen from this side; protocol and ports 0 mean any."""

    local: IPv4Network
    remote: IPv4Network
    protocol: int = 0
    local_port: int = 0
    remote_port: int = 0

    def outbound(self, flow: Flow) -> bool:
        """Whether a packet that leaves belongs to it."""
        return self._holds(
            flow.source, flow.destination, flow.protocol, flow.source_port, flow.destination_port
        )

    def inbound(self, flow: Flow) -> bool:
        """Whether a packet that came in belongs to it."""
        return self._holds(
            flow.destination, flow.source, flow.protocol, flow.destination_port, flow.source_port
        )

    def covers(self, other: Selector) -> bool:
        """Whether every packet of `other` is one of this selector's."""
        return (
            other.local.subnet_of(self.local)
            and other.remote.subnet_of(self.remote)
            and self.protocol in (0, other.protocol)
            and self.local_port in (0, other.local_port)
            and self.remote_port in (0, other.remote_port)
        )

    def _holds(
        self, local: IPv4Address, remote: IPv4Address, protocol: int, local_port: int, remote_port: int
    ) -> bool:
        return (
            local in self.local
            and remote in self.remote
            and self.protocol in (0, protocol)
            and self.local_port in (0, local_port)
            and self.remote_port in (0, remote_port)
        )
