"""The keys of a chain, as the engine of a routing protocol asks for them."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.routing.keys import Key
from iosemu.subjects.key_chain.config import accepting_keys, sending_key


class ChainKeys:
    """A chain by its name; it may be defined later, and its keys change with the time."""

    def __init__(self, device: Device, name: str) -> None:
        self.device = device
        self.name = name

    def sending(self) -> Key | None:
        """The key that messages are made with."""
        key = sending_key(self.device, self.name)
        return Key(key.number, key.secret) if key is not None else None

    def accepting(self) -> list[Key]:
        """The keys that are believed."""
        return [Key(key.number, key.secret) for key in accepting_keys(self.device, self.name)]
