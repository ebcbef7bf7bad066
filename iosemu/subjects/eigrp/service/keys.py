"""A password as the key of an interface."""

from __future__ import annotations

from iosemu.box.passwords import Password, reveal
from iosemu.routing.keys import Key


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
