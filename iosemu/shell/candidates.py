"""Values that the device knows: what `?` lists and Tab completes besides keywords."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_FILE_SYSTEMS = (("flash:", "File on flash memory"), ("nvram:", "File in NVRAM"))


def candidates(device: Any, type_name: str) -> Sequence[tuple[str, str]]:
    """Known values of a type of `types.yaml`, with help; a device may know values of its own."""
    own: Callable[[str], Sequence[tuple[str, str]]] | None = getattr(device, "candidates", None)
    if own is not None:
        return own(type_name)
    return _FILE_SYSTEMS if type_name == "file" else ()
