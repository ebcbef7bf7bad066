"""The filtering database of a bridge (IEEE 802.1D clause 7.9), one VLAN beside the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from iosemu.packets.addresses import MacAddress

AGEING_TIME = 300.0
"""Seconds an address is kept after its last frame (IEEE 802.1D table 7-5, and the Catalyst's default)."""


class MacKind(Enum):
    """How an entry came to be."""

    DYNAMIC = "DYNAMIC"
    STATIC = "STATIC"
    SECURE = "SECURE"


@dataclass(slots=True)
class MacEntry:
    """Where an address is; `seen` is the lab time of its last frame."""

    vlan: int
    mac: MacAddress
    port: str
    kind: MacKind
    seen: float
    replica: bool = False
    """It was learned in another VLAN that shares its addresses with this one."""


class MacTable:
    """Learns which port leads to an address."""

    def __init__(self, ageing_time: float = AGEING_TIME, capacity: int = 8192) -> None:
        self.ageing_time = ageing_time
        """Seconds; 0 turns ageing off, as `mac address-table aging-time 0` does."""
        self.ageing_times: dict[int, float] = {}
        """Seconds per VLAN where it differs: `aging-time … vlan N`, and after a topology change."""
        self.capacity = capacity
        self._entries: dict[tuple[int, bytes], MacEntry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def learn(self, vlan: int, mac: MacAddress, port: str, now: float, replica: bool = False) -> bool:
        """Note the source of a frame; True if the address is new or has moved.

        Group addresses are never sources, static entries do not move, and a full table learns nothing new.
        """
        entry = self._entries.get((vlan, mac))
        if entry is not None:
            if entry.kind is not MacKind.DYNAMIC:
                return False
            entry.seen, entry.replica = now, replica
            if entry.port == port:
                return False
            entry.port = port
            return True
        if mac[0] & 1 or len(self._entries) >= self.capacity:
            return False
        self._entries[vlan, mac] = MacEntry(vlan, mac, port, MacKind.DYNAMIC, now, replica)
        return True

    def lookup(self, vlan: int, mac: MacAddress, now: float) -> str | None:
        """The port that leads to an address; None means flood."""
        entry = self._entries.get((vlan, mac))
        if entry is None:
            return None
        if self._aged(entry, now):
            del self._entries[vlan, mac]
            return None
        return entry.port

    def entry(self, vlan: int, mac: MacAddress) -> MacEntry | None:
        """The entry of an address, if it is known."""
        return self._entries.get((vlan, mac))

    def add(self, vlan: int, mac: MacAddress, port: str, now: float, kind: MacKind = MacKind.STATIC) -> None:
        """Enter an address that does not age or move."""
        self._entries[vlan, mac] = MacEntry(vlan, mac, port, kind, now)

    def remove(self, vlan: int, mac: MacAddress) -> bool:
        """Forget an address of any kind; False if it is not known."""
        return self._entries.pop((vlan, mac), None) is not None

    def flush(
        self,
        port: str | None = None,
        vlan: int | None = None,
        mac: MacAddress | None = None,
        kind: MacKind = MacKind.DYNAMIC,
    ) -> int:
        """Forget the entries of one kind that agree with all that is given; returns how many there were."""
        gone = [
            key
            for key, entry in self._entries.items()
            if entry.kind is kind
            and port in (None, entry.port)
            and vlan in (None, entry.vlan)
            and mac in (None, entry.mac)
        ]
        for key in gone:
            del self._entries[key]
        return len(gone)

    def entries(self, now: float) -> Iterator[MacEntry]:
        """The entries that are alive at `now`, by VLAN and address."""
        self.tick(now)
        return iter(sorted(self._entries.values(), key=lambda entry: (entry.vlan, entry.mac)))

    def tick(self, now: float) -> None:
        """Forget what has aged out; `lookup` never returns it either way."""
        for key in [key for key, entry in self._entries.items() if self._aged(entry, now)]:
            del self._entries[key]

    def _aged(self, entry: MacEntry, now: float) -> bool:
        ageing = self.ageing_times.get(entry.vlan, self.ageing_time)
        return entry.kind is MacKind.DYNAMIC and ageing > 0 and entry.seen + ageing <= now
