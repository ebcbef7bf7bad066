"""Key chains under `service password-encryption`."""

from __future__ import annotations

from iosemu.box.service import Service
from iosemu.box.system import SystemConfig
from iosemu.subjects.key_chain.config import KeyChains


class KeyStrings(Service):
    """Hides the strings that are clear when passwords are to be hidden."""

    def changed(self) -> None:
        """A key was typed, or passwords are hidden from now on."""
        if not self.device.config.of(SystemConfig).password_encryption:
            return
        for chain in self.device.config.of(KeyChains).chains.values():
            for key in chain.keys.values():
                if key.string is not None:
                    key.string = key.string.masked(self.device.rng)
