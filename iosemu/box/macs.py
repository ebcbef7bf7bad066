"""Hardware addresses for a new box."""

from __future__ import annotations

from iosemu.box.model import RandomSource
from iosemu.packets.addresses import MacAddress

OUIS = (0x000142, 0x000196, 0x0002BA, 0x00036B, 0x0007EC, 0x000A41, 0x000BBE, 0x000D29, 0x0010F6, 0x001360)
"""Some of the organizations' identifiers that the IEEE registry lists for Cisco Systems."""
BLOCK = 64


def allocate(rng: RandomSource, count: int) -> list[MacAddress]:
    """`count` consecutive addresses in a block of their own."""
    blocks = 0x1000000 // BLOCK
    span = -(-count // BLOCK)
    first = OUIS[rng.randrange(0, len(OUIS))] << 24 | rng.randrange(0, blocks - span) * BLOCK
    return [MacAddress.from_int(first + index) for index in range(count)]
