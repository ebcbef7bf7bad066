"""EAP over LAN (IEEE 802.1X-2010 clause 11): what a station and the port that it is at say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType

PAE_GROUP = MacAddress.from_string("0180.c200.0003")
"""Port access entities; no bridge forwards it (clause 11.1.1)."""
HEADER = 4


class EapolType(IntEnum):
    """Clause 11.3.2."""

    EAP = 0
    START = 1
    LOGOFF = 2
    KEY = 3
    ALERT = 4


@dataclass(frozen=True, slots=True)
class EapolPacket:
    """One packet; `version` is 1 of 802.1X-2001, 2 of 802.1X-2004, 3 of 802.1X-2010."""

    type: int
    body: bytes = b""
    version: int = 3

    @classmethod
    def parse(cls, data: bytes) -> EapolPacket:
        """What follows the EtherType; octets behind its length are padding. Raises MalformedPacket."""
        if len(data) < HEADER:
            raise MalformedPacket("EAPOL: shorter than its header")
        length = int.from_bytes(data[2:4], "big")
        if HEADER + length > len(data):
            raise MalformedPacket(f"EAPOL: {length} octets of body in {len(data)}")
        return cls(data[1], bytes(data[HEADER : HEADER + length]), data[0])

    def to_bytes(self) -> bytes:
        """What follows the EtherType."""
        return bytes((self.version, self.type)) + len(self.body).to_bytes(2, "big") + self.body

    def to_frame(self, source: MacAddress, destination: MacAddress = PAE_GROUP) -> EthernetFrame:
        """The frame around it."""
        return EthernetFrame(destination, source, EtherType.EAPOL, self.to_bytes())
