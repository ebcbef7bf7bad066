"""Vendor IDs that IOS 15 sends; plain ASCII but for the one of fragmentation."""

from __future__ import annotations

from typing import Final

INIT: Final = (b"CISCO-DELETE-REASON", b"FLEXVPN-SUPPORTED")
"""In both messages of IKE_SA_INIT."""
FRAGMENTATION: Final = bytes.fromhex("4048b7d56ebce88525e7de7f00d6c2d3")
"""With the notification that fragments are taken."""
AUTH: Final = b"CISCO-GRE-MODE"
"""In both messages of IKE_AUTH."""
