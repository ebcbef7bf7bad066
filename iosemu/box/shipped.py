"""What a box comes with: its software, and the flash that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from iosemu.box.model import Image, Model

FLASH_KILOBYTES = 31752


def software(model: Model, image: Image) -> Mapping[str, Any]:
    """The facts of the software: a router has them by image, a switch among its own."""
    facts: Mapping[str, Any] = model.facts
    found = facts.get("software")
    if isinstance(found, dict):
        return found.get(image.name) or next(iter(found.values()))  # type: ignore[no-any-return]
    return facts


def flash_octets(model: Model) -> int:
    """The size of the flash."""
    flash = model.facts.get("flash")
    if isinstance(flash, dict):
        return int(flash["size"]) * 1024
    return int(model.facts.get("flash_size") or FLASH_KILOBYTES * 1024)


def image_url(model: Model, image: Image) -> str:
    """The file of the software that the box comes with, as `show version` names it; empty: it is in no file."""
    facts = software(model, image)
    return str(facts.get("file") or facts.get("image_file") or "")


def image_file(model: Model, image: Image) -> tuple[str, bytes] | None:
    """The name and the content of the file that the box booted from; None where it has none.

    The content has the size of the real one and no code: all boxes share it, and it takes no memory until it is
    written to.
    """
    facts, url = software(model, image), image_url(model, image)
    size = facts.get("size") or facts.get("image_size")
    if not url or not size:
        return None
    return url.rpartition(":")[2].strip("/"), _blank(int(size))


@lru_cache
def _blank(size: int) -> bytes:
    return bytes(size)
