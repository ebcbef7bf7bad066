"""Lists that look at stations: ARP access lists, and the match of a MAC address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.subjects.acl.matches import ANY, AddressMatch

ANY_STATION_WILDCARD = 0xFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class StationMatch:
    """A MAC address and a mask; bits set in the mask do not count, so they are kept as zero."""

    station: int
    wildcard: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "station", self.station & ~self.wildcard & ANY_STATION_WILDCARD)

    @classmethod
    def from_parts(cls, station: str | None = None, wildcard: str | None = None) -> StationMatch:
        """As typed: nothing for `any`, an address alone for a host."""
        if station is None:
            return ANY_STATION
        mask = MacAddress.from_string(wildcard) if wildcard is not None else ZERO
        return cls(int(MacAddress.from_string(station)), int(mask))

    def parts(self) -> dict[str, str]:
        """What is typed for it."""
        if self.wildcard == ANY_STATION_WILDCARD:
            return {}
        told = {"station": MacAddress.from_int(self.station).dotted}
        return told | ({"wildcard": MacAddress.from_int(self.wildcard).dotted} if self.wildcard else {})

    def matches(self, station: bytes) -> bool:
        """Whether the six octets of an address are meant."""
        return (int.from_bytes(station, "big") ^ self.station) & ~self.wildcard & ANY_STATION_WILDCARD == 0


ANY_STATION = StationMatch(0, ANY_STATION_WILDCARD)


@dataclass(frozen=True, slots=True)
class ArpEntry:
    """One entry of an ARP access list; `kind` is `request`, `response` or, for both, empty.

    Requests are told by who sends them, responses by both ends.
    """

    action: str
    sender: AddressMatch
    sender_mac: StationMatch
    kind: str = ""
    target: AddressMatch = ANY
    target_mac: StationMatch = ANY_STATION
    log: bool = False

    @classmethod
    def from_parts(
        cls,
        action: str,
        sender: AddressMatch,
        sender_mac: StationMatch,
        kind: str = "",
        target: AddressMatch | None = None,
        target_mac: StationMatch | None = None,
        log: bool = False,
    ) -> ArpEntry:
        """As typed."""
        return cls(action, sender, sender_mac, kind, target or ANY, target_mac or ANY_STATION, log)

    def parts(self) -> dict[str, Any]:
        """What is typed for it."""
        told: dict[str, Any] = {"action": self.action, "sender": self.sender, "sender_mac": self.sender_mac}
        if self.kind:
            told["kind"] = self.kind
        if self.target != ANY:
            told["target"] = self.target
        if self.target_mac != ANY_STATION:
            told["target_mac"] = self.target_mac
        return told | {"log": self.log}

    def matches(self, packet: ArpPacket) -> bool:
        """Whether it is about a packet."""
        response = packet.operation == ArpOperation.REPLY
        if self.kind and (self.kind == "response") != response:
            return False
        if not self.sender.matches(int(packet.sender_ip)) or not self.sender_mac.matches(packet.sender_mac):
            return False
        if self.kind != "response":
            return True
        return self.target.matches(int(packet.target_ip)) and self.target_mac.matches(packet.target_mac)


@dataclass
class ArpAccessList:
    """`arp access-list NAME`: entries in the order in which they were typed."""

    name: str
    entries: list[ArpEntry] = field(default_factory=list)

    def find(self, packet: ArpPacket) -> ArpEntry | None:
        """The first entry about a packet; None: the implicit deny at the end."""
        return next((entry for entry in self.entries if entry.matches(packet)), None)
