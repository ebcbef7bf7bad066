"""Which member of a bundle carries a frame: what `port-channel load-balance` looks at."""

from __future__ import annotations

from iosemu.packets.ethernet import IPV4, IPV6, TPID

BUCKETS = 8
"""What a Catalyst's hash tells apart: three members of a bundle get 3, 3 and 2 of them."""


def mixed_of(frame: bytes, method: str) -> int:
    """A number that is the same for all frames of a conversation, as `method` distinguishes them."""
    source, destination = frame[11], frame[5]
    if method.endswith("-ip"):
        at = 16 if frame[12:14] == TPID else 12
        if frame[at : at + 2] == IPV4:
            source, destination = frame[at + 17], frame[at + 21]
        elif frame[at : at + 2] == IPV6:
            source, destination = frame[at + 25], frame[at + 41]
    return mixed(source, destination, method)


def mixed(source: int, destination: int, method: str) -> int:
    """The last octets of two addresses as `port-channel load-balance` mixes them."""
    if method.startswith("src-dst"):
        return source ^ destination
    return source if method.startswith("src") else destination
