"""What guards of a VLAN say of a frame that passes the plane of a switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A frame may go on, perhaps changed; where it would be flooded, out of the ports that `leaves` takes only."""

    frame: bytes
    leaves: Callable[[str], bool] | None = None


Inspector = Callable[[str | None, int, bytes], Passage | None]
"""Asked with port (None: it comes from the VLAN's interface), VLAN and untagged frame; None: it is dropped."""
