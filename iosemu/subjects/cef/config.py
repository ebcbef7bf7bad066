"""How images show Cisco Express Forwarding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass
class CefStyle:
    """How images differ."""

    stem: ClassVar[str] = "cef"
    colon: bool = False
    """`show ip cef exact-route` says `A -> B: INTERFACE (next hop C)`."""
