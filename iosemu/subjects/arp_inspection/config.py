"""`ip arp inspection …`, globally and under an interface."""

from __future__ import annotations

from dataclasses import dataclass, field

UNTRUSTED_RATE = 15
"""ARP packets a second that an untrusted port takes unless told otherwise."""
ENTRIES, LOGS, INTERVAL = 32, 5, 1
"""Of the log buffer: its size, and the messages that are told in so many seconds."""


@dataclass(frozen=True, slots=True)
class ArpFilter:
    """The ARP access list of a VLAN; with `static` its end denies, and bindings are not asked."""

    name: str
    static: bool = False


@dataclass(frozen=True, slots=True)
class VlanLogging:
    """What is logged in a VLAN."""

    acl: str = "deny"
    """`deny`, `matchlog` (what met an entry with `log`) or `none`."""
    dhcp: str = "deny"
    """`deny`, `permit`, `all` or `none`."""
    probe: bool = False


@dataclass
class InspectionConfig:
    """Globally; `log_interval` in seconds."""

    vlans: frozenset[int] = frozenset()
    source_mac: bool = False
    destination_mac: bool = False
    ip: bool = False
    allow_zeros: bool = False
    """A probe's sender, 0.0.0.0, is valid."""
    filters: dict[int, ArpFilter] = field(default_factory=dict)
    logging: dict[int, VlanLogging] = field(default_factory=dict)
    """Of VLANs where it is not as it is by itself."""
    entries: int = ENTRIES
    logs: int = LOGS
    log_interval: int = INTERVAL


@dataclass(frozen=True, slots=True)
class Limit:
    """`ip arp inspection limit …`: packets a second, None is without limit; `burst` in seconds."""

    rate: int | None
    burst: int = 1


@dataclass
class InspectionPort:
    """Of a port."""

    trusted: bool = False
    limit: Limit | None = None
    """None: by its trust."""

    @property
    def limited(self) -> Limit:
        """The limit that holds."""
        return self.limit or Limit(None if self.trusted else UNTRUSTED_RATE)
