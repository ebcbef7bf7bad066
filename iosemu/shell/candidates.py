"""Values that the device knows: what `?` lists and Tab completes besides keywords."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.box.device import Device

_FILE_SYSTEMS = (("flash:", "File on flash memory"), ("nvram:", "File in NVRAM"))
_COPIED = ("flash:", "ftp:", "http:", "nvram:", "scp:", "tftp:")
_WAYS = {"source-file": "from", "destination-file": "to"}


def candidates(device: Device, type_name: str) -> Sequence[tuple[str, str]]:
    """Known values of a type of `types.yaml`, with help; a device may know values of its own."""
    own = device.candidates(type_name)
    if own:
        return own
    if (way := _WAYS.get(type_name)) is not None:
        return tuple((prefix, f"Copy {way} {prefix} file system") for prefix in _COPIED)
    return _FILE_SYSTEMS if type_name == "file" else own
