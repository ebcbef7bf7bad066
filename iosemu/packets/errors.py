"""What a codec raises when bytes are not the packet they should be."""

from __future__ import annotations


class MalformedPacket(ValueError):  # noqa: N818 - it names what arrived, not a fault of the program
    """The bytes are not a well-formed packet of the expected protocol."""
