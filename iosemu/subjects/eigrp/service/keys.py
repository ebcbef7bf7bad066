"""The keys of an interface, as the engine asks for them."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.passwords import Password, reveal
from iosemu.routing.eigrp import Key
from iosemu.subjects.key_chain.config import accepting_keys, sending_key


class ChainKeys:
    """A chain by its name; it may be defined later, and its keys change with the time."""

    def __init__(self, device: Device, name: str) -> None:
        self.device = device
        self.name = name

    def sending(self) -> Key | None:
        """The key that packets are made with."""
        key = sending_key(self.device, self.name)
        return Key(key.number, key.secret) if key is not None else None

    def accepting(self) -> list[Key]:
        """The keys that are believed."""
        return [Key(key.number, key.secret) for key in accepting_keys(self.device, self.name)]


class PasswordKey:
    """The password of `authentication mode hmac-sha-256`."""

    def __init__(self, password: Password) -> None:
        clear = reveal(password.value) if password.type == 7 else password.value.encode("latin-1", "replace")
        self.key = Key(0, clear)

    def sending(self) -> Key | None:
        """It."""
        return self.key

    def accepting(self) -> list[Key]:
        """It alone."""
        return [self.key]
