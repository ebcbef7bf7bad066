"""MAC addresses, and shared IPv4 addresses; text forms as Cisco and others print them."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Self

_SEPARATORS = re.compile(r"[.:-]")
_FORMS = re.compile(
    r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{12}",
    re.IGNORECASE,
)


class MacAddress(bytes):
    """Six octets (IEEE 802 EUI-48); it is `bytes`, so it goes into a frame as it is.

    `str()` gives Cisco's form, `0001.9611.0101`. ValueError unless there are six octets.
    """

    __slots__ = ()

    def __new__(cls, octets: bytes) -> Self:
        """Wrap six octets."""
        if len(octets) != 6:
            raise ValueError(f"a MAC address has 6 octets, not {len(octets)}")
        return super().__new__(cls, octets)

    @classmethod
    def from_string(cls, text: str) -> Self:
        """Read `aabb.ccdd.eeff`, `aa:bb:cc:dd:ee:ff`, `aa-bb-cc-dd-ee-ff` or 12 digits; else ValueError."""
        if not _FORMS.fullmatch(text):
            raise ValueError(f"not a MAC address: {text!r}")
        return cls(bytes.fromhex(_SEPARATORS.sub("", text)))

    @classmethod
    def from_int(cls, value: int) -> Self:
        """The address whose 48 bits are `value`."""
        return cls(value.to_bytes(6, "big"))

    def __int__(self) -> int:
        return int.from_bytes(self, "big")

    def __str__(self) -> str:
        digits = self.hex()
        return f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"

    def __repr__(self) -> str:
        return f"MacAddress({str(self)!r})"

    @property
    def dotted(self) -> str:
        """Cisco's form: `aabb.ccdd.eeff`."""
        return str(self)

    @property
    def colons(self) -> str:
        """The form of IEEE RA tables and Wireshark: `aa:bb:cc:dd:ee:ff`."""
        return self.hex(":")

    @property
    def dashes(self) -> str:
        """The form of IEEE 802 and Windows: `aa-bb-cc-dd-ee-ff`."""
        return self.hex("-")

    @property
    def is_multicast(self) -> bool:
        """Whether the group bit is set; true for broadcast too."""
        return bool(self[0] & 1)


BROADCAST = MacAddress(b"\xff" * 6)
ZERO = MacAddress(bytes(6))


@lru_cache(maxsize=65536)
def ipv4(packed: bytes) -> IPv4Address:
    """The IPv4 address of four octets in network order; equal octets share one object."""
    return IPv4Address(packed)
