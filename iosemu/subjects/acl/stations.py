"""Lists that look at stations: ARP access lists and MAC access lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iosemu.packets.addresses import ZERO, MacAddress
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.ethernet import MAXIMUM_LENGTH_FIELD
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


ETHERTYPES = {
    "aarp": 0x80F3,
    "amber": 0x6008,
    "appletalk": 0x809B,
    "dec-spanning": 0x8038,
    "decnet-iv": 0x6003,
    "diagnostic": 0x6005,
    "dsm": 0x8039,
    "etype-6000": 0x6000,
    "etype-8042": 0x8042,
    "lat": 0x6004,
    "lavc-sca": 0x6007,
    "mop-console": 0x6002,
    "mop-dump": 0x6001,
    "msdos": 0x8041,
    "mumps": 0x6009,
    "netbios": 0x8040,
    "vines-echo": 0x0BAF,
    "vines-ip": 0x0BAD,
    "xns-idp": 0x0600,
}
"""EtherTypes that are told by name (command reference of the Catalyst 3560, `permit (MAC access-list)`)."""


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """16 bits of a frame; bits set in the mask do not count."""

    value: int
    mask: int = 0

    @classmethod
    def of(cls, value: str, mask: str) -> FieldMatch:
        """As typed, decimal or with `0x`; ValueError where it is no number of 16 bits."""
        made = cls(int(value, 0), int(mask, 0))
        if not (0 <= made.value <= 0xFFFF and 0 <= made.mask <= 0xFFFF):
            raise ValueError(value)
        return made

    def matches(self, value: int) -> bool:
        """Whether 16 bits are meant."""
        return (value ^ self.value) & ~self.mask & 0xFFFF == 0


@dataclass(frozen=True, slots=True)
class MacEntry:
    """One entry of a MAC access list; without `ethertype` and `lsap` it is about whatever is carried."""

    action: str
    source: StationMatch
    destination: StationMatch
    protocol: str = ""
    """The name of an EtherType."""
    ethertype: FieldMatch | None = None
    lsap: FieldMatch | None = None
    """DSAP and SSAP of an 802.3 frame (IEEE 802.2)."""
    cos: int | None = None

    @classmethod
    def from_parts(
        cls,
        action: str,
        source: StationMatch,
        destination: StationMatch,
        protocol: str = "",
        ethertype: str = "",
        mask: str = "",
        lsap: str = "",
        lsap_mask: str = "",
        cos: int | None = None,
    ) -> MacEntry:
        """As typed."""
        return cls(
            action,
            source,
            destination,
            protocol,
            FieldMatch.of(ethertype, mask) if ethertype else None,
            FieldMatch.of(lsap, lsap_mask) if lsap else None,
            cos,
        )

    def parts(self) -> dict[str, Any]:
        """What is typed for it."""
        told: dict[str, Any] = {
            "action": self.action,
            "source": self.source,
            "destination": self.destination,
        }
        if self.protocol:
            told["protocol"] = self.protocol
        if self.ethertype is not None:
            told |= {"ethertype": f"0x{self.ethertype.value:X}", "mask": f"0x{self.ethertype.mask:X}"}
        if self.lsap is not None:
            told |= {"lsap": f"0x{self.lsap.value:X}", "lsap_mask": f"0x{self.lsap.mask:X}"}
        return told if self.cos is None else told | {"cos": self.cos}

    def matches(self, frame: bytes, cos: int) -> bool:
        """Whether it is about an untagged frame of a priority."""
        if not self.source.matches(frame[6:12]) or not self.destination.matches(frame[:6]):
            return False
        if self.cos is not None and self.cos != cos:
            return False
        carried = int.from_bytes(frame[12:14], "big")
        llc = carried <= MAXIMUM_LENGTH_FIELD
        if self.protocol:
            return carried == ETHERTYPES[self.protocol]
        if self.ethertype is not None:
            return not llc and self.ethertype.matches(carried)
        if self.lsap is not None:
            return llc and self.lsap.matches(int.from_bytes(frame[14:16], "big"))
        return True


@dataclass
class MacAccessList:
    """`mac access-list extended NAME`: entries in the order in which they were typed."""

    name: str
    entries: list[MacEntry] = field(default_factory=list)

    def permits(self, frame: bytes, cos: int) -> bool:
        """Whether it lets an untagged frame of a priority pass; a list without entries lets all."""
        for entry in self.entries:
            if entry.matches(frame, cos):
                return entry.action == "permit"
        return not self.entries
