"""Values that the device knows: what `?` lists and Tab completes besides keywords."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.box.device import Device

_FILE_SYSTEMS = (("flash:", "File on flash memory"), ("nvram:", "File in NVRAM"))


def candidates(device: Device, type_name: str) -> Sequence[tuple[str, str]]:
    """Known values of a type of `types.yaml`, with help; a device may know values of its own."""
    own = device.candidates(type_name)
    if own or type_name != "file":
        return own
    return _FILE_SYSTEMS
