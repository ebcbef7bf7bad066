"""Guards that stand in the way of frames in the plane of a switch, and what they say of a frame that passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Guard = TypeVar("Guard")


@dataclass(frozen=True, slots=True)
class Passage:
    """A frame may go on, perhaps changed; where it would be flooded, out of the ports that `leaves` takes only."""

    frame: bytes
    leaves: Callable[[str], bool] | None = None


Inspector = Callable[[str | None, int, bytes], Passage | None]
"""Asked with port (None: it comes from the VLAN's interface), VLAN and untagged frame; None: it is dropped."""

Filter = Callable[[str, int, bytes], str]
"""Asked with port, VLAN and frame as it came in: why it is refused, or nothing."""


def stand(way: list[Guard], guard: Guard, *, at_work: bool) -> None:
    """Be in the way of frames (the `inspectors` or `filters` of a plane) only while there is something to guard."""
    if at_work != (guard in way):
        (way.append if at_work else way.remove)(guard)
