"""What surrounds the packets on a cable, and how a capture file says so (https://www.tcpdump.org/linktypes.html)."""

from __future__ import annotations

from enum import Enum


class Framing(Enum):
    """The framing of a port; the value is the LINKTYPE of capture files."""

    ETHERNET = 1
    PPP = 9
    """RFC 1662, with address and control."""
    HDLC = 104
    """Cisco's."""
    FRAME_RELAY = 107

    @property
    def linktype(self) -> int:
        """The number in capture files."""
        return self.value


PPP_HEADER = b"\xff\x03"
"""Address and control of all PPP frames (RFC 1662 section 3.1)."""
_PPP_IPV4 = 0x0021
_IPV4 = 0x0800


def guess(frame: bytes) -> Framing:
    """The framing of a frame of which nothing else is known.

    No Ethernet station has an address that begins as HDLC and PPP do; Frame Relay cannot be told from Ethernet.
    """
    if frame[:2] in (b"\x0f\x00", b"\x8f\x00"):
        return Framing.HDLC
    return Framing.PPP if frame[:2] == PPP_HEADER else Framing.ETHERNET


def of_linktype(number: int) -> Framing | None:
    """The framing of a LINKTYPE; None for one that no cable has here."""
    return next((each for each in Framing if each.value == number), None)


def carried(frame: bytes, framing: Framing) -> tuple[int, int]:
    """EtherType of what a frame carries, and where that begins; an 802.1Q tag is looked behind."""
    if framing is Framing.PPP:
        protocol = int.from_bytes(frame[2:4])
        return (_IPV4 if protocol == _PPP_IPV4 else protocol), 4
    if framing is not Framing.ETHERNET:
        if frame[2:4] == b"\x03\xcc":  # RFC 2427: an NLPID says IPv4
            return _IPV4, 4
        return int.from_bytes(frame[2:4]), 4
    ethertype = int.from_bytes(frame[12:14])
    return (int.from_bytes(frame[16:18]), 18) if ethertype == 0x8100 else (ethertype, 14)
