"""Frames taken apart for people: layers with their fields, and one line of summary."""

from __future__ import annotations

from iosemu.packets.dissect.frame_relay import dissect_frame_relay
from iosemu.packets.dissect.link import dissect_ethernet
from iosemu.packets.dissect.model import (
    Decryptor,
    Dissection,
    DissectionBuilder,
    DissectionField,
    Layer,
    Summary,
)
from iosemu.packets.dissect.ppp import dissect_ppp
from iosemu.packets.dissect.serial import dissect_hdlc
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing, guess

__all__ = ["Decryptor", "Dissection", "DissectionField", "Layer", "Summary", "dissect", "summarize"]


def dissect(frame: bytes, decryptor: Decryptor | None = None, framing: Framing | None = None) -> Dissection:
    """Take a frame apart; never raises: what cannot be read is told in `Dissection.malformed`.

    With a `decryptor` also what ESP and ISAKMP hide is read. Without `framing` it is guessed.
    """
    builder = DissectionBuilder(frame, decryptor=decryptor)
    malformed = None
    try:
        _READERS[framing or guess(frame)](builder)
    except MalformedPacket as error:
        malformed = str(error)
    return builder.finish(malformed)


def summarize(frame: bytes, framing: Framing | None = None) -> Summary:
    """Source, destination, protocol and info of a frame."""
    return dissect(frame, framing=framing).summary


_READERS = {
    Framing.ETHERNET: dissect_ethernet,
    Framing.HDLC: dissect_hdlc,
    Framing.PPP: dissect_ppp,
    Framing.FRAME_RELAY: dissect_frame_relay,
}
